"""From facts to the tables of candidates and of what people said of them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, update

from state import tables as t
from state.facts import CandidateClosed, LinkSettled, RulingGiven, Stored, VerdictGiven
from state.projections.extraction import give_records_to_study
from state.projections.rows import add, projects, taken, write

_SAID = ("stage", "verdict", "criterion", "place", "next_look_on", "note", "protocol_version")
_CLOSING = (
    update(t.candidate)
    .where(t.candidate.c.id == bindparam("candidate"))
    .values(closed=1, outcome=bindparam("how"))
)


@projects(VerdictGiven)
def _verdict_given(connection: Connection, event: Stored[VerdictGiven]) -> None:
    add(
        connection,
        t.decision,
        seq=event.seq,
        candidate_id=event.fact.candidate,
        person_id=event.fact.person,
        at=event.at,
        **taken(event.fact, *_SAID),
    )


@projects(RulingGiven)
def _ruling_given(connection: Connection, event: Stored[RulingGiven]) -> None:
    add(
        connection,
        t.ruling,
        seq=event.seq,
        candidate_id=event.fact.subject,
        person_id=event.fact.person,
        kind=event.fact.ruling,
        at=event.at,
        **taken(event.fact, *_SAID),
    )


@projects(LinkSettled)
def _link_settled(connection: Connection, event: Stored[LinkSettled]) -> None:
    fact = event.fact
    connection.execute(
        update(t.candidate)
        .where(t.candidate.c.id == fact.candidate)
        .values(link_settled=1, study_id=fact.study)
    )
    if fact.study is not None:
        give_records_to_study(connection, fact.candidate, fact.study)


@projects(CandidateClosed)
def _candidate_closed(connection: Connection, event: Stored[CandidateClosed]) -> None:
    said: dict[str, object] = {"candidate": event.fact.candidate, "how": event.fact.outcome}
    write(connection, t.candidate, _CLOSING, [said])
