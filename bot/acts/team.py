"""Who is on the team: people added, changed, retired, let in."""

from __future__ import annotations

from dataclasses import replace

from bot.acts.act import Saying
from bot.acts.said import AddPerson, ChangePerson, MakeSignInLink, RetirePerson
from bot.acts.sign_in import keep_link, link_address
from bot.app import App
from state import people
from state.errors import BadInput
from state.people import Person


def add_person(saying: Saying, act: AddPerson) -> Person:
    """Add a person with roles of the protocol."""
    person = _described(saying.app, act)
    people.add_person(saying.ledger, person)
    return person


def change_person(saying: Saying, act: ChangePerson) -> Person:
    """Replace what is known of a person."""
    person = _described(saying.app, act)
    people.change_person(saying.ledger, person)
    return person


def retire_person(saying: Saying, act: RetirePerson) -> None:
    """Name the deputy, where one is named, and retire the person."""
    if act.deputy is not None:
        found = people.find_person(saying.ledger.connection, act.person)
        people.change_person(saying.ledger, replace(found, deputy=act.deputy))
    people.retire_person(saying.ledger, act.person)


def make_sign_in_link(saying: Saying, act: MakeSignInLink) -> str:
    """Keep the hash of a new secret; return the address at which it can be used once."""
    secret = keep_link(saying.app, saying.ledger.connection, act.person)
    return link_address(saying.app, secret)


def _described(app: App, act: AddPerson | ChangePerson) -> Person:
    known = [role.id for role in app.protocol.roles]
    for role in act.roles:
        if role not in known:
            raise BadInput(f"role: found '{role}', expected one of {', '.join(known)}")
    return Person(act.person, act.name, act.address, act.roles, act.deputy)
