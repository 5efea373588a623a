"""Who is on the team of a history, and who may do what by the harness's own reading of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from state.facts.words import RoleId
from tests.histories.chance import Chance

SCREENER, EXTRACTOR, ADJUDICATOR = RoleId.SCREENER, RoleId.EXTRACTOR, RoleId.ADJUDICATOR
LEAD, SPECIALIST, OPERATOR = RoleId.LEAD, RoleId.INFORMATION_SPECIALIST, RoleId.OPERATOR
ROLES = (SCREENER, EXTRACTOR, ADJUDICATOR, LEAD, SPECIALIST, OPERATOR)
AUTHORS = frozenset({LEAD, SCREENER, EXTRACTOR, ADJUDICATOR})
NAMES = ("ada", "ben", "cy", "dora", "eve", "finn", "gus", "hana", "ivo", "jun")
FEWEST, MOST = 2, 6


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the log has them."""

    id: str
    roles: frozenset[str]
    deputy: str | None = None
    retired: bool = False
    passed: frozenset[tuple[str, str]] = frozenset()  # role, and who holds it beside them


Team = Mapping[str, Member]


def a_team(seed: int) -> tuple[Member, ...]:
    """Draw a team of two to six: two read, one leads, and from three on one rules."""
    chance = Chance(seed)
    size = chance.between(FEWEST, MOST)
    members = [Member(name, frozenset(_roles(place, size, chance))) for place, name in _named(size)]
    return tuple(
        replace(each, deputy=NAMES[(place + 1) % size]) if chance.happens(0.3) else each
        for place, each in enumerate(members)
    )


def _named(size: int) -> Iterator[tuple[int, str]]:
    return enumerate(NAMES[:size])


def _roles(place: int, size: int, chance: Chance) -> Iterator[str]:
    """Yield the roles of the one at a place: readers first, then who rules, then who else may."""
    if place < FEWEST:
        yield from (SCREENER, EXTRACTOR)
    if place == FEWEST:
        yield ADJUDICATOR
    if place == min(3, size - 1):
        yield from (LEAD, OPERATOR)
    if place == size - 1 and chance.happens(0.8):
        yield SPECIALIST
    if place > 3:
        yield chance.one_of(SCREENER, EXTRACTOR, LEAD)
        yield chance.one_of(SCREENER, EXTRACTOR, SPECIALIST)


def changed(team: Team, kind: str, data: Mapping[str, Any]) -> Team:
    """Return a team after a fact about people; other facts change nothing."""
    if kind in ("person_added", "person_changed"):
        known = team.get(data["person"])
        retired = known is not None and known.retired
        passed = known.passed if known is not None else frozenset()
        person = Member(data["person"], frozenset(data["roles"]), data["deputy"], retired, passed)
        return {**team, person.id: person}
    if kind == "person_returned":
        passed = team[data["person"]].passed
        person = Member(data["person"], frozenset(data["roles"]), data["deputy"], passed=passed)
        return {**team, person.id: person}
    if kind == "person_retired":
        return {**team, data["person"]: replace(team[data["person"]], retired=True)}
    if kind in ("work_passed", "work_returned"):
        known = team[data["person"]]
        others = frozenset(each for each in known.passed if each[0] != data["role"])
        beside = {(data["role"], data["deputy"])} if kind == "work_passed" else set()
        return {**team, known.id: replace(known, passed=others | beside)}
    return team


def holders(team: Team, role: str) -> frozenset[str]:
    """Return who holds a role: its holders, the deputies of those who have left, and those to whom
    work that was left too long has passed."""
    named = [each for each in team.values() if role in each.roles]
    beside = [team[who] for each in named for of, who in each.passed if of == role]
    found = (_standing_in(team, each) for each in [*named, *beside])
    return frozenset(each.id for each in found if each is not None)


def holds(team: Team, person: str, roles: Iterable[str]) -> bool:
    """Whether a person holds one of these roles."""
    return any(person in holders(team, role) for role in roles)


def active(team: Team) -> tuple[Member, ...]:
    """Return who has not left."""
    return tuple(each for each in team.values() if not each.retired)


def _standing_in(team: Team, member: Member | None) -> Member | None:
    """Return who stands for a member: themselves, or the first deputy who has not left."""
    passed: set[str] = set()
    while member is not None and member.retired:
        if member.id in passed:
            return None
        passed.add(member.id)
        member = team.get(member.deputy) if member.deputy is not None else None
    return member
