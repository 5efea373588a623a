"""Change who is on the team: who may, and which roles there are."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import App
from state import people
from state.errors import BadInput, NotAllowed
from state.events import Actor
from state.people import Person

MANAGERS = ("lead", "operator")


def may_manage(connection: Connection, person: str) -> bool:
    """Whether a person may add, change and retire people: a lead or an operator."""
    return any(
        person in {holder.id for holder in people.holders(connection, role)} for role in MANAGERS
    )


def add(app: App, actor: Actor, person: Person) -> None:
    """Add a person to the team."""
    _check_roles(app, person)
    with app.ledger(actor) as ledger:
        _check_manager(ledger.connection, actor)
        people.add_person(ledger, person)


def change(app: App, actor: Actor, person: Person) -> None:
    """Change a person's name, address, roles and deputy."""
    _check_roles(app, person)
    with app.ledger(actor) as ledger:
        _check_manager(ledger.connection, actor)
        people.change_person(ledger, person)


def retire(app: App, actor: Actor, person: str) -> None:
    """Retire a person; open seats pass to the deputy."""
    with app.ledger(actor) as ledger:
        _check_manager(ledger.connection, actor)
        people.retire_person(ledger, person)


def _check_manager(connection: Connection, actor: Actor) -> None:
    if actor.authenticated and not may_manage(connection, actor.name):
        raise NotAllowed(f"only a {' or an '.join(MANAGERS)} changes who is on the team")


def _check_roles(app: App, person: Person) -> None:
    known = [role.id for role in app.protocol.roles]
    if not person.name.strip():
        raise BadInput("a person has a name")
    if not person.roles:
        raise BadInput(f"{person.name} needs at least one role: {', '.join(known)}")
    for role in person.roles:
        if role not in known:
            raise BadInput(f"role: found '{role}', expected one of {', '.join(known)}")
