"""Who may do what: one table, looked up by `perform` and nowhere else.

What stands here is a right of a person. That two hands are two different people's, that a stage is
open, that a signature stays: these are rules of the work, and `state` keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.acts.act import Act
from bot.acts.said import (
    AddPerson,
    ChangePerson,
    ChoosePlace,
    GiveExport,
    GiveSisterList,
    GiveVerdict,
    HandIn,
    MakeSignInLink,
    PlaceStudy,
    ProposeAmendment,
    RejectProposal,
    Reopen,
    ReopenTask,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayDifferent,
    SayFileFoundAgain,
    SayNothingFound,
    SaySame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
    WithdrawProposal,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import AT_THE_MACHINE
from bot.synthesis.awaited import SIGNATORIES
from state import decisions, extractions, people, proposals, runs
from state.errors import NotAllowed, NotFound
from state.events import Actor, events
from state.facts.words import RoleId
from state.people import Person
from state.screening import ScreeningStatus, Stage, current
from state.values import ScreeningState


class Hands(StrEnum):
    """How many people it takes until an act takes effect."""

    ONE = "one"
    TWO_BLIND = "two, blind to each other"
    TWO_OR_THIRD = "two who agree, or one third person"
    BY_PROTOCOL = "`[living] signatures` (two), one of them the lead"
    TWO_WITH_LEAD = "two sign it, one of them the lead"
    TWO = "two, one after the other"
    TWO_WHERE_JUDGED = "one where nobody has judged either record, else two, one after the other"
    TWO_TO_CLOSE = "two, one after the other, to link it; one to have it screened"


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do one thing.

    roles: one of these. own: instead of `roles` for one of the two who read the object themselves,
    or who did what the act is about.
    machine: also by command, without naming a person. not_own: why one may not do it to one's own.
    """

    roles: frozenset[RoleId]
    own: frozenset[RoleId]
    hands: Hands = Hands.ONE
    machine: bool = False
    note: str = ""
    not_own: str = ""


def _right(
    *roles: RoleId,
    own: Collection[RoleId] | None = None,
    hands: Hands = Hands.ONE,
    machine: bool = False,
    note: str = "",
    not_own: str = "",
) -> Right:
    mine = frozenset(roles if own is None else own)
    return Right(frozenset(roles), mine, hands, machine, note, not_own)


ANYBODY = frozenset(RoleId)  # whatever a review calls its roles
_SEARCHERS = (RoleId.INFORMATION_SPECIALIST, RoleId.LEAD)
_TOLD = "told to the lead; can be taken back"

RIGHTS: Mapping[type[Act[Any]], Right] = {
    GiveVerdict: _right(
        RoleId.SCREENER,
        hands=Hands.TWO_BLIND,
        note="one's own can be changed until the other has decided",
    ),
    SettleConflict: _right(
        RoleId.ADJUDICATOR,
        own=(RoleId.SCREENER,),
        hands=Hands.TWO_OR_THIRD,
        note="who screened it may only agree with the other",
    ),
    WithdrawVerdict: _right(own=(RoleId.SCREENER, RoleId.LEAD), note="until the other has decided"),
    SettleLink: _right(RoleId.SCREENER, hands=Hands.TWO_TO_CLOSE, note="undone by reopening it"),
    SaySame: _right(
        RoleId.SCREENER,
        hands=Hands.TWO_WHERE_JUDGED,
        note="what was said of either counts for both; undone by saying that they are two",
    ),
    SayDifferent: _right(RoleId.SCREENER, RoleId.LEAD, note="takes no study out of the pool"),
    Reopen: _right(RoleId.SCREENER, RoleId.LEAD, note="takes no study out of the pool"),
    SettleTask: _right(*ANYBODY, note="undone by opening it again"),
    ReopenTask: _right(*ANYBODY),
    HandIn: _right(RoleId.EXTRACTOR, hands=Hands.TWO_BLIND),
    RuleValue: _right(
        RoleId.ADJUDICATOR,
        own=(),
        note="a third person: not one who extracted it",
        not_own="extracted this study; the adjudicator is a third person",
    ),
    ChoosePlace: _right(
        RoleId.ADJUDICATOR, own=(RoleId.EXTRACTOR,), note="a place, never a number"
    ),
    PlaceStudy: _right(
        RoleId.SCREENER,
        RoleId.LEAD,
        hands=Hands.TWO,
        note="with a reason; the results stand until the second; one sets the day to look again",
    ),
    RejectProposal: _right(
        RoleId.SCREENER,
        RoleId.LEAD,
        own=(),
        note="of another's",
        not_own="made this proposal: it can be taken back, with withdraw",
    ),
    WithdrawProposal: _right(own=(RoleId.SCREENER, RoleId.LEAD), note="until it is confirmed"),
    GiveExport: _right(*_SEARCHERS, machine=True, note=_TOLD),
    GiveSisterList: _right(*_SEARCHERS, machine=True, note="another list of it takes its place"),
    SayNothingFound: _right(*_SEARCHERS, note=_TOLD),
    SayFileFoundAgain: _right(*_SEARCHERS, note=_TOLD),
    WithdrawSearch: _right(
        own=_SEARCHERS, note="while nobody has judged what it brought; told to the lead"
    ),
    Sign: _right(
        *SIGNATORIES,
        hands=Hands.BY_PROTOCOL,
        note="signals first; a signature stays; one rejection keeps a draft back",
    ),
    RequestPublication: _right(
        *SIGNATORIES, machine=True, note="of a draft that everybody signed who must"
    ),
    ProposeAmendment: _right(*SIGNATORIES, hands=Hands.TWO_WITH_LEAD, note="a whole new protocol"),
    AddPerson: _right(RoleId.LEAD, machine=True),
    ChangePerson: _right(RoleId.LEAD, machine=True),
    RetirePerson: _right(RoleId.LEAD, machine=True),
    MakeSignInLink: _right(machine=True, note="at the machine only"),
}


def check_right(connection: Connection, act: Act[Any], actor: Actor) -> None:
    """Raise NotAllowed, saying who may, unless this actor may perform this act."""
    right = RIGHTS[type(act)]
    if actor == AT_THE_MACHINE:
        if not right.machine:
            raise NotAllowed("this is done in somebody's name: say whose, with --as PERSON")
        return
    person = people.find_person(connection, actor.name)
    if person.retired:
        raise NotAllowed(f"{person.name} has retired")
    own = person.id in readers(connection, act)
    may = right.own if own else right.roles
    if may != ANYBODY and not may & roles_held(connection, person):
        raise NotAllowed(_refusal(person, right, own=own))


def may(connection: Connection, kind: type[Act[Any]], person_id: str) -> bool:
    """Whether a person may do this to what others did: for the page to show the way or not."""
    person = people.find_person(connection, person_id)
    return bool(RIGHTS[kind].roles & roles_held(connection, person))


def allowed(connection: Connection, person_id: str) -> frozenset[tuple[str, bool]]:
    """Return what a person may do, by the act's name; True: to what is their own, or they read."""
    held = roles_held(connection, people.find_person(connection, person_id))
    return frozenset(
        (kind.__name__, own)
        for kind, right in RIGHTS.items()
        for own, roles in ((False, right.roles), (True, right.own))
        if roles == ANYBODY or roles & held
    )


def roles_held(connection: Connection, person: Person) -> frozenset[RoleId]:
    """Return the roles a person holds now, as the deputy of somebody retired too."""
    return frozenset(role for role in RoleId if person in people.holders(connection, role))


def readers(connection: Connection, act: Act[Any]) -> frozenset[str]:
    """Return who read the act's object themselves, where that makes a difference to who may."""
    match act:
        case SettleConflict():
            standing = decisions.screening_state(connection, act.subject)
            said = standing.at(in_question(standing)).decisions
            return frozenset(decision.person for decision in current(said))
        case RuleValue() | ChoosePlace():
            return extractions.agreement(connection, act.subject).read_by
        case RejectProposal() | WithdrawProposal():
            return frozenset({proposals.find_proposal(connection, act.proposal).person})
        case WithdrawVerdict():
            return decisions.verdict_givers(connection, act.candidate)
        case WithdrawSearch():
            return _who_searched(connection, act.run)
    return frozenset()


def _who_searched(connection: Connection, run: str) -> frozenset[str]:
    """Return whose a search by hand is; where they may search no more, or nobody's: all who may."""
    said = next(events(connection, subject=run), None)
    if said is None or runs.find_search(connection, run) is None:
        raise NotFound("search", run)
    holders = (each for role in _SEARCHERS for each in people.holders(connection, role))
    searchers = frozenset(person.id for person in holders)
    if said.actor in searchers:
        return frozenset({said.actor})
    team = {person.id for person in people.people(connection)}
    if said.actor in team:
        return searchers | {said.actor}
    return searchers if said.actor == AT_THE_MACHINE.name else frozenset()


def in_question(before: ScreeningState) -> Stage:
    """Return the stage that a ruling is about: the open one, or the one that was ruled last.

    A ruling repeated after it took effect is its echo, not one about the stage that it opened.
    """
    if not before.candidate.closed and before.log.result.status is not ScreeningStatus.WAITING:
        return before.stage
    return Stage.FULL_TEXT if before.full_text.rulings else Stage.TITLE_ABSTRACT


def _refusal(person: Person, right: Right, *, own: bool) -> str:
    """Say who may, and what this person is."""
    may = right.own if own else right.roles
    if own and not may:
        return f"{person.id} {right.not_own}"
    has = f"(has: {', '.join(person.roles)})"
    named = [f"'{role}'" for role in RoleId if role in may]
    if len(named) == 1:
        return f"{person.name} does not have the role {named[0]} {has}"
    if not named and right.machine:
        return f"{person.name} may not do this here: it is done at the machine, by command"
    if not named:
        return f"this is not {person.name}'s to take back: only who did it may"
    return f"{person.name} has none of the roles {', '.join(named)} {has}"
