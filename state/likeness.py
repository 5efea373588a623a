"""Records that are, or may be, one another: found by the program, settled and undone by people.

A record taken as the same joins the other's candidate; "different", said later, gives it a
candidate of its own again. What was said stays in the log either way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, or_, select, text

from state import decisions, people, records
from state import tables as t
from state.errors import BadInput, NotFound
from state.events import Ledger
from state.facts import LikenessFound, LikenessSettled, QueueEntry
from state.facts.words import CandidateOutcome, LikenessAnswer, PairVerdict
from state.paging import Order, Part, Seek, read_part

SAME, MAYBE = LikenessAnswer.SAME, LikenessAnswer.MAYBE

_ASKED = text(t.IS_ASKED)
_OLDEST_FIRST = Order((t.likeness.c.found_at, t.likeness.c.record_key, t.likeness.c.other_key))


@dataclass(frozen=True, slots=True)
class Likeness:
    """One pair. answer: the program's, by the named rule; verdict: a person's, None until given."""

    record_key: str
    other_key: str
    answer: LikenessAnswer
    rule: str
    reasons: tuple[str, ...]
    found_at: str
    verdict: PairVerdict | None
    person: str | None
    settled_at: str | None

    @property
    def open(self) -> bool:
        """Whether a person is still to be asked."""
        return self.verdict is None and self.answer is MAYBE

    @property
    def merged(self) -> bool:
        """Whether the two are taken as one record now."""
        if self.verdict is not None:
            return self.verdict is PairVerdict.SAME
        return self.answer is SAME


def find_likeness(
    ledger: Ledger,
    record_key: str,
    other_key: str,
    answer: str,
    *,
    rule: str,
    reasons: Sequence[str],
) -> None:
    """Store that a new record is or may be a known one, and the rule that says so."""
    ledger.record(
        LikenessFound(
            record=record_key,
            other=other_key,
            answer=LikenessAnswer(answer),
            rule=rule,
            reasons=tuple(reasons),
        )
    )


def settle_likeness(
    ledger: Ledger,
    record_key: str,
    other_key: str,
    person_id: str,
    *,
    same: bool,
    own_place: QueueEntry,
    note: str | None = None,
) -> None:
    """Store a person's verdict on a pair; the same verdict again changes nothing.

    own_place: the record's place in the queue when it stands by itself again. What was said of the
    candidate of a merged record counts for the one it joins.

    Raises NotFound for an unknown pair or person, and BadInput where a record to be merged has
    become a study of its own.
    """
    people.find_person(ledger.connection, person_id)
    pair = likeness(ledger.connection, record_key, other_key)
    verdict = PairVerdict.SAME if same else PairVerdict.DIFFERENT
    if pair.verdict == verdict:
        return
    if same and not pair.merged:
        check_mergeable(ledger.connection, record_key)
    apart = not same and pair.merged and are_together(ledger.connection, record_key, other_key)
    ledger.record(
        LikenessSettled(
            record=record_key,
            other=other_key,
            verdict=verdict,
            person=person_id,
            note=note,
            place=own_place if apart else None,
            carries=same,
        )
    )


def likeness(connection: Connection, record_key: str, other_key: str) -> Likeness:
    """Return one pair or raise NotFound."""
    pair = t.likeness.c
    query = select(t.likeness).where(pair.record_key == record_key, pair.other_key == other_key)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("likeness", f"{record_key} and {other_key}")
    return _likeness(row)


def open_likenesses(connection: Connection) -> tuple[Likeness, ...]:
    """Return the pairs that wait for a person, oldest first."""
    query = select(t.likeness).where(_ASKED).order_by(*_OLDEST_FIRST.directed())
    return tuple(_likeness(row) for row in connection.execute(query))


def likenesses_part(connection: Connection, asked: Seek) -> Part[Likeness]:
    """Return a part of the pairs that wait for a person, oldest first."""
    at = None
    if asked.row:
        record_key, other_key = asked.names(2)
        at = (likeness(connection, record_key, other_key).found_at, record_key, other_key)
    query = select(t.likeness).where(_ASKED)
    return read_part(
        connection, query, _OLDEST_FIRST, asked, at, lambda rows: list(map(_likeness, rows))
    )


def count_open_likenesses(connection: Connection) -> int:
    """Count the pairs that wait for a person."""
    return connection.execute(
        select(func.count()).select_from(t.likeness).where(_ASKED)
    ).scalar_one()


def count_asked_at(connection: Connection, found_at: str, source: str) -> int:
    """Count the pairs that wait, were found at an instant, and whose later record is a source's."""
    pair = t.likeness.c
    mine = pair.record_key.startswith(f"{source}:", autoescape=True)
    query = select(func.count()).select_from(t.likeness)
    return connection.execute(query.where(_ASKED, pair.found_at == found_at, mine)).scalar_one()


def open_keys(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return the keys of each pair that waits for a person."""
    pair = t.likeness.c
    found = connection.execute(select(pair.record_key, pair.other_key).where(_ASKED))
    return tuple((record, other) for record, other in found)


def likenesses_of(connection: Connection, keys: Sequence[str]) -> tuple[Likeness, ...]:
    """Return every pair that one of the records is in, oldest first."""
    pair = t.likeness.c
    query = select(t.likeness).where(or_(pair.record_key.in_(keys), pair.other_key.in_(keys)))
    return tuple(
        _likeness(row)
        for row in connection.execute(
            query.order_by(pair.found_at, pair.record_key, pair.other_key)
        )
    )


def are_together(connection: Connection, record_key: str, other_key: str) -> bool:
    """Whether two records are one candidate, or reports of one study that were never queued."""
    one, other = (records.find_stored(connection, key) for key in (record_key, other_key))
    return (one.candidate, one.study) == (other.candidate, other.study)


def takes_two(connection: Connection, record_key: str, other_key: str) -> bool:
    """Whether to merge two records takes two people: somebody has judged one of them already."""
    found = [records.find_stored(connection, key) for key in (record_key, other_key)]
    if found[0].candidate == found[1].candidate:
        return False
    return any(_is_judged(connection, each.candidate) for each in found)


def _is_judged(connection: Connection, candidate: str | None) -> bool:
    """Whether a candidate has a verdict or is decided; one that was never queued is a report.

    A verdict of before it was opened again is one still: it is not carried over in silence.
    """
    if candidate is None:
        return True
    entry = decisions.screening_state(connection, candidate)
    if entry.candidate.outcome is CandidateOutcome.IMPORT_WITHDRAWN:
        return False
    settled = entry.candidate.closed or entry.candidate.link_settled
    return settled or decisions.has_been_read(connection, candidate)


def check_mergeable(connection: Connection, record_key: str) -> None:
    """Raise BadInput where a record's own candidate has become a study, or the report of one."""
    stored = records.find_stored(connection, record_key)
    if stored.candidate is None:
        return
    found = decisions.candidate(connection, stored.candidate)
    if found.outcome in (CandidateOutcome.INCLUDED, CandidateOutcome.REPORT_OF):
        raise BadInput(
            f"{record_key} is settled already ({found.outcome}): expected a record that is still"
            " in the queue, or was excluded"
        )


def _likeness(row: Row[tuple[object, ...]]) -> Likeness:
    return Likeness(
        row.record_key,
        row.other_key,
        LikenessAnswer(row.answer),
        row.rule,
        tuple(json.loads(row.reasons)),
        row.found_at,
        PairVerdict(row.verdict) if row.verdict is not None else None,
        row.person_id,
        row.settled_at,
    )
