"""Who is on the team: people added, changed, retired, let in."""

from __future__ import annotations

from dataclasses import replace

from bot.acts.act import Saying
from bot.acts.said import AddPerson, ChangePerson, MakeSignInLink, RetirePerson
from bot.acts.sign_in import invitation, keep_link, link_address
from bot.app import AT_THE_MACHINE, App
from bot.notify import accounts
from bot.notify.accounts import AccountEvent
from bot.notify.page_address import page_address
from state import outbox, people
from state.errors import BadInput
from state.events import head
from state.facts.words import RoleId
from state.people import Person
from state.values import Notice


def add_person(saying: Saying, act: AddPerson) -> Person:
    """Add a person with roles of the protocol; invite them and tell the leads.

    Who comes back to another address is told of it at the old one as well.
    """
    person = _described(saying.app, act)
    before = people.known_person(saying.ledger.connection, person.id)
    if people.add_person(saying.ledger, person):
        event = _event(saying)
        if person.address is not None:
            team = _team(saying, person)
            outbox.write(saying.ledger, invitation(saying.app, person, event, team), [person.id])
        if before is not None and before.address and before.address != person.address:
            told = accounts.changed(before, person, event, ())
            outbox.write(saying.ledger, told, [before.address])
        _tell_leads(saying, accounts.added(person, event), person)
    return person


def change_person(saying: Saying, act: ChangePerson) -> Person:
    """Replace what is known of a person; tell them, at the old address too, and the leads."""
    person = _described(saying.app, act)
    before = people.find_person(saying.ledger.connection, act.person)
    led = _leads(saying)
    people.change_person(saying.ledger, replace(person, retired=before.retired))
    if (before.address, set(before.roles)) != (person.address, set(person.roles)):
        event = _event(saying)
        to_them = accounts.changed(before, person, event, _new_lead_team(saying, before, person))
        outbox.write(saying.ledger, to_them, _their_addresses(before, person))
        _tell_leads(saying, accounts.changed_for_leads(before, person, event), person, led)
    return person


def retire_person(saying: Saying, act: RetirePerson) -> None:
    """Name the deputy, where one is named, and retire the person; tell them and the leads."""
    connection = saying.ledger.connection
    if act.deputy is not None:
        found = people.find_person(connection, act.person)
        people.change_person(saying.ledger, replace(found, deputy=act.deputy))
    person, led = people.find_person(connection, act.person), _leads(saying)
    if not people.retire_person(saying.ledger, act.person):
        return
    deputy = people.find_person(connection, person.deputy) if person.deputy else None
    told = dict.fromkeys((*_their_addresses(person, person), *led, *_leads(saying)))
    outbox.write(saying.ledger, accounts.retired(person, _event(saying), deputy), tuple(told))


def make_sign_in_link(saying: Saying, act: MakeSignInLink) -> str:
    """Keep the hash of a new secret; return the address at which it can be used once."""
    secret = keep_link(saying.app, saying.ledger.connection, act.person)
    return link_address(saying.app, secret)


def _event(saying: Saying) -> AccountEvent:
    """Return by whom an account was just changed, with the number of the event."""
    connection = saying.ledger.connection
    seq, _ = head(connection)
    by = "Somebody at the machine, by command,"
    if saying.actor != AT_THE_MACHINE:
        by = people.find_person(connection, saying.person).name
    return AccountEvent(by, saying.app.protocol.short_title, page_address(saying.app), seq)


def _their_addresses(before: Person, after: Person) -> tuple[str, ...]:
    """Return where a person is told: at their address, and at the one they had before."""
    now = (after.id,) if after.address is not None else ()
    if before.address is None or before.address == after.address:
        return now
    return (*now, before.address)


def _leads(saying: Saying) -> tuple[str, ...]:
    holders = people.holders(saying.ledger.connection, RoleId.LEAD)
    return tuple(each.id for each in holders)


def _tell_leads(saying: Saying, notice: Notice, person: Person, led: tuple[str, ...] = ()) -> None:
    """Tell the leads of somebody else's account. led: who led before."""
    told = [each for each in dict.fromkeys((*led, *_leads(saying))) if each != person.id]
    if told:
        outbox.write(saying.ledger, notice, told)


def _team(saying: Saying, person: Person) -> tuple[Person, ...]:
    """Return whom a lead leads: a lead who came last was told of nobody before."""
    if RoleId.LEAD not in person.roles:
        return ()
    everybody = people.people(saying.ledger.connection)
    return tuple(each for each in everybody if not each.retired)


def _new_lead_team(saying: Saying, before: Person, after: Person) -> tuple[Person, ...]:
    return () if RoleId.LEAD in before.roles else _team(saying, after)


def _described(app: App, act: AddPerson | ChangePerson) -> Person:
    known = [role.id for role in app.protocol.roles]
    for role in act.roles:
        if role not in known:
            raise BadInput(f"role: found '{role}', expected one of {', '.join(known)}")
    return Person(act.person, act.name, act.address, tuple(map(RoleId, act.roles)), act.deputy)
