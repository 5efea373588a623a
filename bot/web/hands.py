"""What waits for a second person, as one visitor may see and answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.said import HandGiven, RejectProposal, WithdrawProposal
from bot.acts.two_hands import seconds
from bot.notify.proposed import Worded, worded
from bot.web.visit import Sending, Visiting, after, local_path
from state import proposals
from state.facts.words import ProposalKind
from state.proposals import Proposal

changes = APIRouter()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal on the page. mine: made by the visitor; may: whether they can be the second."""

    said: Worded
    mine: bool
    may: bool

    @property
    def id(self) -> str:
        """The proposal's id."""
        return self.said.proposal.id


def waiting(connection: Connection, person: str) -> tuple[Waiting, ...]:
    """Return what waits for a second person."""
    return _seen(connection, proposals.open_proposals(connection), person)


def waiting_on(
    connection: Connection, kind: ProposalKind, subject: str, person: str
) -> Waiting | None:
    """Return what waits of one subject."""
    found = proposals.open_proposal(connection, kind, subject)
    return _seen(connection, [found], person)[0] if found is not None else None


def merges_waiting(connection: Connection, person: str) -> dict[str, Waiting]:
    """Return the merges that wait, by the record that would join another."""
    return {
        each.said.proposal.subject: each
        for each in waiting(connection, person)
        if each.said.proposal.kind is ProposalKind.MERGE
    }


def history(connection: Connection, kind: ProposalKind, subject: str) -> tuple[Worded, ...]:
    """Return what was proposed of a subject and waits no more, the newest first."""
    found = proposals.proposals_of(connection, kind, subject)
    return tuple(worded(connection, each) for each in found[::-1] if each.ended is not None)


def saved_of(given: HandGiven, otherwise: str) -> str:
    """Say which words answer a hand: it waits, it is in force, or one was enough."""
    if given.proposal is None:
        return otherwise
    return "proposed" if given.waits else "in-force"


def _seen(connection: Connection, found: Sequence[Proposal], person: str) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            worded(connection, each), each.person == person, person in seconds(connection, each)
        )
        for each in found
    )


@changes.post("/proposals/{proposal}/reject")
def reject(visit: Visiting, proposal: str, sent: Sending) -> RedirectResponse:
    """Store that the visitor refuses what another has proposed."""
    visit.perform(read_act(RejectProposal, {"proposal": proposal, **sent.given("note")}))
    return after(local_path(sent.text("back")), "rejected")


@changes.post("/proposals/{proposal}/withdraw")
def withdraw(visit: Visiting, proposal: str, sent: Sending) -> RedirectResponse:
    """Store that the visitor takes back what they have proposed."""
    visit.perform(read_act(WithdrawProposal, {"proposal": proposal, **sent.given("note")}))
    return after(local_path(sent.text("back")), "taken-back")
