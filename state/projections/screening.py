"""From facts to the tables of candidates and of what people said of them."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from state import tables as t
from state.facts import (
    CandidateClosed,
    CandidateReopened,
    LinkSettled,
    RulingGiven,
    Stored,
    VerdictGiven,
    VerdictWithdrawn,
)
from state.facts.words import CandidateOutcome
from state.projections.extraction import give_records_to_study, take_identifiers_back
from state.projections.public import OF_CANDIDATE, settle_status
from state.projections.rows import add, projects, taken, write
from state.projections.verdicts import set_aside, take_back

_SAID = ("stage", "verdict", "criterion", "place", "next_look_on", "note", "protocol_version")


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
    settle_status(connection, event.fact.candidate)


@projects(VerdictWithdrawn)
def _verdict_withdrawn(connection: Connection, event: Stored[VerdictWithdrawn]) -> None:
    fact = event.fact
    take_back(connection, fact.candidate, fact.stage, fact.person, event.seq)
    settle_status(connection, fact.candidate)


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
    settle_status(connection, event.fact.subject)


@projects(LinkSettled)
def _link_settled(connection: Connection, event: Stored[LinkSettled]) -> None:
    fact = event.fact
    connection.execute(
        update(t.candidate)
        .where(t.candidate.c.id == fact.candidate)
        .values(link_settled=1, study_id=fact.study)
    )
    settle_status(connection, fact.candidate)
    if fact.study is not None:
        give_records_to_study(connection, fact.candidate, fact.study)


@projects(CandidateClosed)
def _candidate_closed(connection: Connection, event: Stored[CandidateClosed]) -> None:
    fact = event.fact
    end = {"candidate": fact.candidate, "closed": 1, "outcome": fact.outcome}
    end |= {"stage": None, "public_status": fact.outcome}
    write(connection, t.candidate, OF_CANDIDATE, [end])


@projects(CandidateReopened)
def _candidate_reopened(connection: Connection, event: Stored[CandidateReopened]) -> None:
    fact, mine = event.fact, t.candidate.c.id == event.fact.candidate
    if fact.stage is not None:
        set_aside(connection, fact.candidate, fact.stage, event.seq)
    outcome = connection.execute(select(t.candidate.c.outcome).where(mine)).scalar_one()
    if outcome == CandidateOutcome.REPORT_OF:
        _take_records_off_study(connection, fact.candidate)
        connection.execute(update(t.candidate).where(mine).values(link_settled=0))
    connection.execute(update(t.candidate).where(mine).values(closed=0, outcome=None))
    settle_status(connection, fact.candidate)


def _take_records_off_study(connection: Connection, candidate: str) -> None:
    """A report whose link is asked about again is none of the study's meanwhile."""
    mine = t.record.c.candidate_id == candidate
    linked = select(t.record.c.key, t.record.c.study_id).where(mine).order_by(t.record.c.key)
    rows = connection.execute(linked).all()
    connection.execute(update(t.record).where(mine).values(study_id=None))
    for key, study in rows:
        if study is not None:
            take_identifiers_back(connection, key, study)
