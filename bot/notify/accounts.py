"""What is told of an account: to whom it is, at the old address too, and to the leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from state.facts.words import NoticeKind
from state.people import Person
from state.values import Notice


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A change of an account: by whom, in which review, at which event of the log."""

    by: str
    review: str
    link: str
    seq: int


def invitation(
    person: Person, event: AccountEvent, *, sign_in: str, lasts_h: int, team: Sequence[Person]
) -> Notice:
    """Let a new person in. sign_in: where the link stands; team: whom a lead is told of."""
    lines = [
        f'{event.by} added you to the review "{event.review}" as {_roles(person)}.',
        "",
        "Sign in here:",
        sign_in,
        "",
        f"The link works once, within {lasts_h} hours. Later, ask for another with this address at",
        f"{event.link}/sign-in",
        *_team_lines(team),
    ]
    return _notice(
        NoticeKind.INVITATION, person, event, "You were added to the team of a review", lines
    )


def added(person: Person, event: AccountEvent) -> Notice:
    """Tell the leads of a new person."""
    lines = [f"{event.by} added {person.name} <{_address(person)}> as {_roles(person)}."]
    if person.address is None:
        lines += ["", "No invitation can be sent. A link to sign in is made at the machine:"]
        lines += [f"livingreview people link {person.id}"]
    lines += ["", f"If you do not know of it, look at {event.link}/people"]
    return _notice(
        NoticeKind.PERSON_ADDED, person, event, f"{person.name} was added to the team", lines
    )


def changed(before: Person, after: Person, event: AccountEvent, team: Sequence[Person]) -> Notice:
    """Tell a person what was changed of their account. team: whom a new lead is told of."""
    lines = [f'{event.by} changed your account ({before.name}) in "{event.review}":', ""]
    lines += _changes(before, after)
    lines += ["", "You were signed out everywhere. If you did not expect this, ask a lead:"]
    lines += [f"{event.link}/people", *_team_lines(team)]
    return _notice(NoticeKind.ACCOUNT_CHANGED, after, event, "Your account was changed", lines)


def changed_for_leads(before: Person, after: Person, event: AccountEvent) -> Notice:
    """Tell the leads whose address or roles were changed."""
    lines = [f"{event.by} changed the account of {before.name}:", "", *_changes(before, after)]
    lines += ["", f"If you do not know of it, look at {event.link}/people"]
    return _notice(
        NoticeKind.PERSON_CHANGED, after, event, f"The account of {before.name} was changed", lines
    )


def retired(person: Person, event: AccountEvent, deputy: Person | None) -> Notice:
    """Tell a person, and the leads, that the person has left the team."""
    lines = [f'{event.by} retired {person.name} ({_roles(person)}) in "{event.review}".', ""]
    lines += ["What was decided under the name stays. Nobody signs in under it any more."]
    lines += [
        f"Open seats pass to {deputy.name if deputy is not None else 'nobody: none is named'}."
    ]
    return _notice(NoticeKind.PERSON_RETIRED, person, event, f"{person.name} was retired", lines)


def _changes(before: Person, after: Person) -> list[str]:
    said = []
    if before.name != after.name:
        said.append(f"  name: {before.name} → {after.name}")
    if before.address != after.address:
        said.append(f"  address: {_address(before)} → {_address(after)}")
    if set(before.roles) != set(after.roles):
        said.append(f"  roles: {_roles(before)} → {_roles(after)}")
    return said


def _team_lines(team: Sequence[Person]) -> list[str]:
    if not team:
        return []
    return ["", "On the team are:", *(f"  - {each.name}: {_roles(each)}" for each in team)]


def _roles(person: Person) -> str:
    return ", ".join(role.replace("_", " ") for role in person.roles)


def _address(person: Person) -> str:
    return person.address or "no address"


def _notice(
    kind: NoticeKind, person: Person, event: AccountEvent, subject: str, lines: Sequence[str]
) -> Notice:
    return Notice(f"{kind}:{person.id}:{event.seq}", kind, subject, "\n".join(lines) + "\n")
