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
    GiveVerdict,
    HandIn,
    MakeSignInLink,
    PlaceStudy,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayFileFoundAgain,
    SayNothingFound,
    SayWhetherSame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
)
from bot.app import AT_THE_MACHINE
from bot.review.protocol import RoleId
from state import decisions, extractions, people
from state.errors import NotAllowed
from state.events import Actor
from state.people import Person
from state.screening import ScreeningStatus, Stage, current
from state.values import ScreeningState


class Hands(StrEnum):
    """How many people it takes until an act takes effect."""

    ONE = "one"
    TWO_BLIND = "two, blind to each other"
    TWO_OR_THIRD = "two who agree, or one third person"
    ONE_OR_MORE = "one publishes a version; two end a signal or an amendment"


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do one thing.

    roles: one of these. own: instead of `roles` for one of the two who read the object themselves.
    machine: also by command, without naming a person.
    """

    roles: frozenset[RoleId]
    own: frozenset[RoleId]
    hands: Hands = Hands.ONE
    machine: bool = False
    note: str = ""


def _right(
    *roles: RoleId,
    own: Collection[RoleId] | None = None,
    hands: Hands = Hands.ONE,
    machine: bool = False,
    note: str = "",
) -> Right:
    mine = frozenset(roles if own is None else own)
    return Right(frozenset(roles), mine, hands, machine, note)


ANYBODY = frozenset(RoleId)  # whatever a review calls its roles
_SEARCHERS = (RoleId.INFORMATION_SPECIALIST, RoleId.LEAD)
_AUTHORS = (RoleId.LEAD, RoleId.SCREENER, RoleId.EXTRACTOR, RoleId.ADJUDICATOR)

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
    SettleLink: _right(RoleId.SCREENER),
    SayWhetherSame: _right(RoleId.SCREENER, RoleId.LEAD, note="can be said again, the other way"),
    SettleTask: _right(*ANYBODY),
    HandIn: _right(RoleId.EXTRACTOR, hands=Hands.TWO_BLIND),
    RuleValue: _right(RoleId.ADJUDICATOR, own=(), note="a third person: not one who extracted it"),
    ChoosePlace: _right(
        RoleId.ADJUDICATOR, own=(RoleId.EXTRACTOR,), note="a place, never a number"
    ),
    PlaceStudy: _right(RoleId.SCREENER, RoleId.LEAD),
    GiveExport: _right(*_SEARCHERS, machine=True),
    SayNothingFound: _right(*_SEARCHERS),
    SayFileFoundAgain: _right(*_SEARCHERS),
    Sign: _right(*_AUTHORS, hands=Hands.ONE_OR_MORE, note="a signature stays"),
    RequestPublication: _right(*_AUTHORS, machine=True, note="of a draft that somebody signed"),
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
        raise NotAllowed(_refusal(person, may, own=own))


def may(connection: Connection, kind: type[Act[Any]], person_id: str) -> bool:
    """Whether a person may do this to what others did: for the page to show the way or not."""
    person = people.find_person(connection, person_id)
    return bool(RIGHTS[kind].roles & roles_held(connection, person))


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
            rounds = extractions.agreement(connection, act.subject).rounds
            return frozenset(person for each in rounds if each.complete for person in each.people)
    return frozenset()


def in_question(before: ScreeningState) -> Stage:
    """Return the stage that a ruling is about: the open one, or the one that was ruled last.

    A ruling repeated after it took effect is its echo, not one about the stage that it opened.
    """
    if not before.candidate.closed and before.log.result.status is not ScreeningStatus.WAITING:
        return before.stage
    return Stage.FULL_TEXT if before.full_text.rulings else Stage.TITLE_ABSTRACT


def _refusal(person: Person, may: frozenset[RoleId], *, own: bool) -> str:
    """Say who may, and what this person is."""
    if own and not may:
        return f"{person.id} extracted this study; the adjudicator is a third person"
    has = f"(has: {', '.join(person.roles)})"
    named = [f"'{role}'" for role in RoleId if role in may]
    if len(named) == 1:
        return f"{person.name} does not have the role {named[0]} {has}"
    if not named:
        return f"{person.name} may not do this here: it is done at the machine, by command"
    return f"{person.name} has none of the roles {', '.join(named)} {has}"
