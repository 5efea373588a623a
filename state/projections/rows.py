"""Which projector takes which fact, and the few ways in which rows are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, Update

from state import tables as t
from state.codec import canonical
from state.facts import Fact, QueueEntry, Stored
from state.facts.words import CandidateKind
from state.late import late
from state.projections.held import held_of
from state.screening import Stage
from state.values import PublicStatus

F = TypeVar("F", bound=Fact)
Projector = Callable[[Connection, Stored[F]], None]

# A projector takes the one type of fact it is kept under.
PROJECTORS: dict[type[Fact], Projector[Any]] = {}


def projects(of: type[F]) -> Callable[[Projector[F]], Projector[F]]:
    """Register the projector of one type of fact."""

    def register(projector: Projector[F]) -> Projector[F]:
        PROJECTORS[of] = projector
        return projector

    return register


def add(connection: Connection, table: Table, **values: object) -> None:
    write(connection, table, _insertion(table, connection.dialect.name), [values])


def write(
    connection: Connection,
    table: Table,
    statement: Insert | Update,
    rows: Sequence[dict[str, object]],
) -> None:
    """Write rows of a table, now or together with others (`state.projections.held`)."""
    held = held_of(connection)
    if not rows:
        return
    if held is None:
        connection.execute(statement, rows)
    else:
        held.add(table, statement, rows)


@cache
def _insertion(table: Table, dialect: str, *, missing: bool = False) -> Insert:
    """Return how a row is added. missing: only where no row has its key."""
    insertion = late(f"sqlalchemy.dialects.{dialect}:insert")(table)
    whole: Insert = insertion.on_conflict_do_nothing() if missing else insertion
    return whole


def taken(fact: Fact, *names: str) -> dict[str, object]:
    """Return fields of a fact whose columns bear their names."""
    return {name: getattr(fact, name) for name in names}


def identify(
    connection: Connection, table: Table, column: str, owner: str, identifiers: Iterable[str]
) -> None:
    """Add the identifiers that the owner does not have yet."""
    statement = _insertion(table, connection.dialect.name, missing=True)
    rows: list[dict[str, object]] = [
        {"identifier": identifier, column: owner} for identifier in identifiers
    ]
    write(connection, table, statement, rows)


@lru_cache(maxsize=1_000)
def _listed(words: tuple[str, ...]) -> str:
    """Write reasons or flags, of which many candidates have the same."""
    return canonical(words)


def open_candidate(connection: Connection, at: str, place: QueueEntry) -> None:
    add(
        connection,
        t.candidate,
        id=place.id,
        kind=CandidateKind.NEW if place.study is None else CandidateKind.SECOND_REPORT,
        opened_at=at,
        score=place.score,
        lane=place.lane,
        reasons=_listed(place.reasons),
        flags=_listed(place.flags),
        study_id=place.study,
        link_reason=place.link_reason,
        link_settled=0,
        closed=0,
        outcome=None,
        stage=Stage.TITLE_ABSTRACT,
        public_status=PublicStatus.WAITING if place.study is None else PublicStatus.LINK,
    )
