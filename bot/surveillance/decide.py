"""Decide on the records of an answer by what the database holds; write out the facts of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.review.folder import ReviewFolder
from bot.surveillance.likes import describe
from bot.surveillance.placement import Placement, Wording, place_all
from bot.surveillance.surroundings import read_surroundings
from extraction.model import Record
from state.events import Prepared, head, prepare
from state.facts import Fact, ItemConfirmed, LikenessFound, RecordChanged, RecordFound


@dataclass(frozen=True, slots=True)
class Decided:
    """Where records belong, as of an event of the log, and the facts that say so."""

    head: int
    placed: tuple[Placement | Wording, ...]
    facts: tuple[Prepared, ...]


def decide_records(
    connection: Connection,
    review: ReviewFolder,
    some: Sequence[Record],
    *,
    at: str,
    run: str,
    payload_of: Mapping[str, str],
) -> Decided:
    """Decide where the records of a run belong; payload_of: key of a record -> kept payload."""
    seq, _ = head(connection)
    placed = _place(connection, review, some, at)
    facts = (
        prepare(fact) for each in placed for fact in _facts(each, run, payload_of[each.record.key])
    )
    return Decided(seq, placed, tuple(facts))


def _place(
    connection: Connection, review: ReviewFolder, some: Sequence[Record], at: str
) -> tuple[Placement | Wording, ...]:
    """Place records; what they are compared by is let go before their facts are written out."""
    described = list(map(describe, some))
    return place_all(described, read_surroundings(connection, review, described, at))


def _facts(placed: Placement | Wording, run: str, payload: str) -> Iterator[Fact]:
    """Yield what is to be told of a record: found with its likes, or changed."""
    if isinstance(placed, Placement):
        yield from _found(placed, run, payload)
    elif placed.changes:
        yield RecordChanged(
            record=placed.record,
            identifiers=placed.identifiers,
            payload_sha256=payload,
            run=run,
            changes=placed.changes,
            entry_changed=placed.before.record.entry != placed.record.entry,
        )


def _found(placed: Placement, run: str, payload: str) -> Iterator[Fact]:
    """Yield one event of a record and its place: it is never known without being queued."""
    record = placed.record
    yield RecordFound(
        record=record,
        identifiers=placed.identifiers,
        payload_sha256=payload,
        run=run,
        study=placed.study,
        known_report=placed.known_report,
        place=placed.place,
    )
    for each in placed.told:
        yield LikenessFound(
            record=record.key,
            other=each.stored.record.key,
            answer=each.answer,
            rule=each.judgement.rule,
            reasons=each.judgement.reasons,
        )
    if placed.confirms is not None:
        yield ItemConfirmed(item=placed.confirms, record=record.key)
