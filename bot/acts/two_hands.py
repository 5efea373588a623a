"""What takes two people, one after the other: proposed, confirmed, rejected, taken back, lapsed.

A hand counts while who gave it may still give it and what it was given on is as it was: else the
proposal lapses, is shown as lapsed, and whoever says the same next is the first again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from bot.acts.act import Act, Saying
from bot.acts.rights import RIGHTS, roles_held
from bot.acts.said import (
    HandGiven,
    PlaceStudy,
    RejectProposal,
    SaySame,
    SettleLink,
    WithdrawProposal,
)
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.notify.proposed import proposal_ended, proposal_made, worded
from state import decisions, extractions, likeness, outbox, people, proposals
from state.errors import BadInput, NotAllowed
from state.facts.words import ProposalEnding, ProposalKind, RoleId
from state.people import Person
from state.proposals import Proposal, open_proposals
from state.standings import link_open

ACT_OF: Mapping[ProposalKind, type[Act[Any]]] = {
    ProposalKind.MOVE: PlaceStudy,
    ProposalKind.MERGE: SaySame,
    ProposalKind.LINK: SettleLink,
}
# Who is told of what closes a candidate; what moves a study concerns everybody.
READERS = (RoleId.SCREENER, RoleId.LEAD)


def standing(saying: Saying, kind: ProposalKind, subject: str) -> Proposal | None:
    """Return what was proposed of a subject and still stands."""
    let_lapse(saying)
    return proposals.open_proposal(saying.ledger.connection, kind, subject)


def made(saying: Saying, proposal: Proposal) -> HandGiven:
    """Tell those who can be the second person of a proposal just made."""
    connection = saying.ledger.connection
    others = seconds(connection, proposal)
    notice = proposal_made(worded(connection, proposal), page_address(saying.app))
    outbox.write(saying.ledger, notice, others or outbox.recipients(connection, RoleId.LEAD))
    return HandGiven(proposal, others, others)


def echoed(saying: Saying, proposal: Proposal) -> HandGiven:
    """Return how a proposal stands that was made again by the same person: no second hand."""
    return HandGiven(proposal, seconds(saying.ledger.connection, proposal))


def confirmed(saying: Saying, proposal: Proposal, note: str | None) -> HandGiven:
    """Store the second hand and tell everybody whom it concerns; the caller puts it in force."""
    ending = ProposalEnding.CONFIRMED
    return _ended(saying, proposal, ending, saying.person, note, told=_concerned(proposal))


def refused_as(saying: Saying, proposal: Proposal) -> ProposalEnding:
    """Say what it is when this person says the contrary of a proposal."""
    own = proposal.person == saying.person
    return ProposalEnding.WITHDRAWN if own else ProposalEnding.REJECTED


def refuse(saying: Saying, proposal: Proposal, note: str | None) -> None:
    """End a proposal because somebody says the contrary."""
    ending = refused_as(saying, proposal)
    _ended(saying, proposal, ending, saying.person, note, told=())


def reject_proposal(saying: Saying, act: RejectProposal) -> None:
    """Store that somebody else refuses a proposal."""
    _end_by_word(saying, act.proposal, ProposalEnding.REJECTED, act.note)


def withdraw_proposal(saying: Saying, act: WithdrawProposal) -> None:
    """Store that who made a proposal takes it back."""
    _end_by_word(saying, act.proposal, ProposalEnding.WITHDRAWN, act.note)


def _end_by_word(saying: Saying, name: str, ending: ProposalEnding, note: str) -> None:
    """End a proposal; to say it again changes nothing."""
    found = proposals.find_proposal(saying.ledger.connection, name)
    if found.ended is ending and found.ended_by == saying.person:
        return
    if found.ended is not None:
        raise NotAllowed(f"the proposal {name} waits no more: it was {found.ended}")
    _ended(saying, found, ending, saying.person, note, told=())


def other_waits(proposal: Proposal) -> NotAllowed:
    """Return the refusal of a second proposal on a subject of which one waits."""
    name = proposal.id
    return NotAllowed(
        f"the proposal {name} on '{proposal.subject}' waits: confirm it by saying the same, reject"
        f" it (livingreview reject {name}) or, if it is your own, take it back (livingreview"
        f" withdraw {name}) first"
    )


def seconds(connection: Connection, proposal: Proposal) -> tuple[str, ...]:
    """Return who can be the second person of a proposal."""
    roles = RIGHTS[ACT_OF[proposal.kind]].roles
    holders = (each.id for role in sorted(roles) for each in people.holders(connection, role))
    return tuple(dict.fromkeys(name for name in holders if name != proposal.person))


def let_lapse(saying: Saying) -> None:
    """End what no longer stands, with the reason, and tell who made it and the lead."""
    connection = saying.ledger.connection
    for proposal in open_proposals(connection):
        why = _no_longer(connection, proposal)
        if why is not None:
            _ended(saying, proposal, ProposalEnding.LAPSED, None, why, told=(RoleId.LEAD,))


def _no_longer(connection: Connection, proposal: Proposal) -> str | None:
    """Say why a proposal does not stand any more; None: it does."""
    person = people.find_person(connection, proposal.person)
    if not _may_still(connection, person, proposal):
        return f"{person.name} may no longer propose it"
    overtaken = {
        ProposalKind.MOVE: _moved,
        ProposalKind.MERGE: _settled,
        ProposalKind.LINK: _answered,
    }
    return overtaken[proposal.kind](connection, proposal)


def _may_still(connection: Connection, person: Person, proposal: Proposal) -> bool:
    roles = RIGHTS[ACT_OF[proposal.kind]].roles
    return not person.retired and bool(roles & roles_held(connection, person))


def _moved(connection: Connection, proposal: Proposal) -> str | None:
    now = extractions.find_study(connection, proposal.subject).place
    return None if now is proposal.since else f"the study was moved otherwise: it is {now}"


def _settled(connection: Connection, proposal: Proposal) -> str | None:
    record, other = proposal.subject, proposal.other or ""
    if likeness.likeness(connection, record, other).verdict is not None:
        return "the pair was settled otherwise"
    try:
        likeness.check_mergeable(connection, record)
    except BadInput as error:
        return str(error)
    return None


def _answered(connection: Connection, proposal: Proposal) -> str | None:
    found = decisions.candidate(connection, proposal.subject)
    return None if link_open(found) and not found.closed else "the link was settled otherwise"


def _concerned(proposal: Proposal) -> tuple[RoleId, ...]:
    return EVERYBODY if proposal.kind is ProposalKind.MOVE else READERS


def _ended(
    saying: Saying,
    proposal: Proposal,
    ending: ProposalEnding,
    person: str | None,
    note: str | None,
    *,
    told: tuple[RoleId, ...],
) -> HandGiven:
    connection = saying.ledger.connection
    ended = proposals.end_proposal(saying.ledger, proposal.id, ending, person, note)
    who = dict.fromkeys((proposal.person, *outbox.recipients(connection, *told)))
    recipients = tuple(each for each in who if each != person)
    notice = proposal_ended(worded(connection, ended), page_address(saying.app))
    outbox.write(saying.ledger, notice, recipients)
    return HandGiven(ended, (), recipients)
