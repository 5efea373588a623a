"""What one person has said and a second must: open until it is confirmed, rejected or taken back.

What is in force meanwhile is what was before. Who may confirm is the table of rights' to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Boolean, ColumnElement, Connection, Row, func, literal_column, select

from state import tables as t
from state.errors import NotFound
from state.events import Ledger
from state.facts import LinkProposed, MergeProposed, MoveProposed, ProposalEnded
from state.facts.words import ProposalEnding, ProposalKind
from state.screening import StudyStatus

_OPEN = literal_column(t.IS_PROPOSED, Boolean)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One of them. subject: a study, a record or a candidate; other: the record that it is said to
    be, or the study that it is said to report; since: where a study stood when its move was
    proposed; cites: the notices known of its reports."""

    id: str
    kind: ProposalKind
    subject: str
    other: str | None
    since: StudyStatus | None
    place: StudyStatus | None
    next_look_on: str | None
    note: str | None
    cites: tuple[str, ...]
    person: str
    proposed_at: str
    ended: ProposalEnding | None
    ended_by: str | None
    ended_at: str | None
    ended_note: str | None


def propose_move(
    ledger: Ledger,
    study: str,
    person: str,
    *,
    since: StudyStatus,
    place: StudyStatus,
    next_look_on: str | None,
    note: str,
    cites: tuple[str, ...],
) -> Proposal:
    """Propose that a study stand elsewhere."""
    name = _next_id(ledger.connection, ProposalKind.MOVE)
    ledger.record(
        MoveProposed(
            proposal=name,
            study=study,
            person=person,
            since=since,
            place=place,
            next_look_on=next_look_on,
            note=note,
            cites=cites,
        )
    )
    return find_proposal(ledger.connection, name)


def propose_merge(
    ledger: Ledger, record: str, other: str, person: str, *, note: str | None
) -> Proposal:
    """Propose that two records be taken as one."""
    name = _next_id(ledger.connection, ProposalKind.MERGE)
    fact = MergeProposed(proposal=name, record=record, other=other, person=person, note=note)
    ledger.record(fact)
    return find_proposal(ledger.connection, name)


def propose_link(
    ledger: Ledger, candidate: str, study: str, person: str, *, note: str | None
) -> Proposal:
    """Propose that a candidate be taken as a report of a study."""
    name = _next_id(ledger.connection, ProposalKind.LINK)
    fact = LinkProposed(proposal=name, candidate=candidate, study=study, person=person, note=note)
    ledger.record(fact)
    return find_proposal(ledger.connection, name)


def end_proposal(
    ledger: Ledger, proposal: str, ending: ProposalEnding, person: str | None, note: str | None
) -> Proposal:
    """Store what became of a proposal; return it as it is then."""
    ledger.record(ProposalEnded(proposal=proposal, ending=ending, person=person, note=note))
    return find_proposal(ledger.connection, proposal)


def find_proposal(connection: Connection, proposal: str) -> Proposal:
    """Return one proposal or raise NotFound."""
    row = connection.execute(select(t.proposal).where(t.proposal.c.id == proposal)).first()
    if row is None:
        raise NotFound("proposal", proposal)
    return _proposal(row)


def is_proposal(connection: Connection, name: str) -> bool:
    """Whether this is the id of a proposal."""
    found = select(t.proposal.c.id).where(t.proposal.c.id == name)
    return connection.execute(found).first() is not None


def open_proposals(connection: Connection) -> tuple[Proposal, ...]:
    """Return what waits for a second person, oldest first."""
    return _proposals(connection, _OPEN)


def open_proposal(connection: Connection, kind: ProposalKind, subject: str) -> Proposal | None:
    """Return what waits for a second person of one subject: there is at most one of a kind."""
    column = t.proposal.c
    found = _proposals(connection, _OPEN, column.kind == kind, column.subject == subject)
    return found[0] if found else None


def proposals_of(connection: Connection, kind: ProposalKind, subject: str) -> tuple[Proposal, ...]:
    """Return everything that was proposed of one subject, oldest first."""
    return _proposals(connection, t.proposal.c.kind == kind, t.proposal.c.subject == subject)


def _proposals(connection: Connection, *wanted: ColumnElement[bool]) -> tuple[Proposal, ...]:
    query = select(t.proposal).where(*wanted).order_by(t.proposal.c.proposed_at, t.proposal.c.id)
    return tuple(_proposal(row) for row in connection.execute(query))


def _next_id(connection: Connection, kind: ProposalKind) -> str:
    """Name a proposal so that it can be typed: numbered over all kinds."""
    made = connection.execute(select(func.count()).select_from(t.proposal)).scalar_one()
    return f"{kind}-{made + 1}"


def _proposal(row: Row[tuple[object, ...]]) -> Proposal:
    return Proposal(
        id=row.id,
        kind=ProposalKind(row.kind),
        subject=row.subject,
        other=row.other,
        since=StudyStatus(row.since) if row.since is not None else None,
        place=StudyStatus(row.place) if row.place is not None else None,
        next_look_on=row.next_look_on,
        note=row.note,
        cites=tuple(json.loads(row.cites)),
        person=row.person_id,
        proposed_at=row.proposed_at,
        ended=ProposalEnding(row.ended) if row.ended is not None else None,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_note=row.ended_note,
    )
