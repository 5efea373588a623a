"""From facts to the table of what waits for a second person, or waited."""

from __future__ import annotations

from sqlalchemy import Connection, update

from state import tables as t
from state.codec import canonical
from state.facts import LinkProposed, MergeProposed, MoveProposed, ProposalEnded, Stored
from state.facts.words import ProposalKind
from state.projections.rows import add, projects

Proposed = MoveProposed | MergeProposed | LinkProposed


@projects(MoveProposed)
def _move_proposed(connection: Connection, event: Stored[MoveProposed]) -> None:
    fact = event.fact
    _open(
        connection,
        event,
        kind=ProposalKind.MOVE,
        subject=fact.study,
        since=fact.since,
        place=fact.place,
        next_look_on=fact.next_look_on,
        cites=canonical(fact.cites),
    )


@projects(MergeProposed)
def _merge_proposed(connection: Connection, event: Stored[MergeProposed]) -> None:
    fact = event.fact
    _open(connection, event, kind=ProposalKind.MERGE, subject=fact.record, other=fact.other)


@projects(LinkProposed)
def _link_proposed(connection: Connection, event: Stored[LinkProposed]) -> None:
    fact = event.fact
    _open(connection, event, kind=ProposalKind.LINK, subject=fact.candidate, other=fact.study)


def _open(connection: Connection, event: Stored[Proposed], **values: object) -> None:
    empty: dict[str, object] = dict.fromkeys(
        ("other", "since", "place", "next_look_on", "ended", "ended_by", "ended_at", "ended_note")
    )
    add(
        connection,
        t.proposal,
        id=event.fact.proposal,
        person_id=event.fact.person,
        note=event.fact.note,
        proposed_at=event.at,
        **{**empty, "cites": canonical([]), **values},
    )


@projects(ProposalEnded)
def _proposal_ended(connection: Connection, event: Stored[ProposalEnded]) -> None:
    fact = event.fact
    connection.execute(
        update(t.proposal)
        .where(t.proposal.c.id == fact.proposal)
        .values(ended=fact.ending, ended_by=fact.person, ended_at=event.at, ended_note=fact.note)
    )
