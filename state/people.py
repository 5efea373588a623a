"""Who works on the review: names, addresses, roles, deputies; and their sign-in tokens."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from state import tables as t
from state.errors import BadInput, NotAllowed, NotFound
from state.events import SYSTEM, Ledger
from state.facts import (
    PersonAdded,
    PersonChanged,
    PersonRetired,
    PersonReturned,
    WorkPassed,
    WorkReturned,
)
from state.facts.words import RoleId
from state.readings import read_once

# An id stands in addresses of the page and beside the program's own name in the log.
PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# One plain address: with signs of a list, a group, a quotation or a literal no mail could be sent.
_WORD = r"[^@\s<>()\[\]:;,\"\\\x00-\x1f\x7f\ud800-\udfff]+"
_ADDRESS = re.compile(f"{_WORD}@{_WORD}")


class TokenKind(StrEnum):
    """What a secret opens: a sign-in, once, or the page until it ends."""

    LINK = "link"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the team; `roles` are role ids of the protocol."""

    id: str
    name: str
    address: str | None
    roles: tuple[RoleId, ...]
    deputy: str | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class PassedRole:
    """That a deputy holds one role of a person beside them."""

    person: str
    role: RoleId
    deputy: str


def person_id(name: str) -> str:
    """Derive a short stable id from a name: 'Ada Byron' → 'ada-byron'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not slug:
        raise BadInput(f"cannot make an id from the name '{name}': give one with --id")
    return slug


def add_person(ledger: Ledger, person: Person) -> bool:
    """Add a person; the id must be free, or theirs who left: so they come back, as described now.

    The same person again changes nothing: False.
    """
    row = _row(ledger.connection, person.id)
    if row is not None and _person(row) == person:
        return False
    if row is not None and not row.retired:
        raise BadInput(f"there is already a person '{person.id}'")
    if person.id == SYSTEM or not PLAIN_ID.fullmatch(person.id):
        raise BadInput(f"id: found '{person.id}', expected letters, digits, '.', '_' or '-'")
    _check(ledger.connection, person)
    joining = PersonAdded if row is None else PersonReturned
    ledger.record(
        joining(
            person=person.id,
            name=person.name,
            address=person.address,
            roles=person.roles,
            deputy=person.deputy,
        )
    )
    return True


def change_person(ledger: Ledger, person: Person) -> None:
    """Replace a person's name, address, roles and deputy; the id stays, and so does the last lead.

    Where the address or the roles are others now, what signs the person in is worth nothing.
    """
    before = find_person(ledger.connection, person.id)
    if before == person:
        return
    _check(ledger.connection, person)
    had_lead = _has_lead(ledger.connection)
    ledger.record(
        PersonChanged(
            person=person.id,
            name=person.name,
            address=person.address,
            roles=person.roles,
            deputy=person.deputy,
        )
    )
    _check_lead_stays(ledger.connection, person.id, had_lead=had_lead)
    if (before.address, set(before.roles)) != (person.address, set(person.roles)):
        end_sign_ins(ledger.connection, person.id, now=ledger.at)


def retire_person(ledger: Ledger, person_id: str) -> bool:
    """Retire a person; return False where they had retired. The last lead does not.

    Past decisions stay, open seats pass to the deputy.
    """
    if find_person(ledger.connection, person_id).retired:
        return False
    had_lead = _has_lead(ledger.connection)
    ledger.record(PersonRetired(person=person_id))
    _check_lead_stays(ledger.connection, person_id, had_lead=had_lead)
    end_sign_ins(ledger.connection, person_id, now=ledger.at)
    return True


def _has_lead(connection: Connection) -> bool:
    return bool(holders(connection, RoleId.LEAD))


def _check_lead_stays(connection: Connection, person_id: str, *, had_lead: bool) -> None:
    """Raise where nobody leads any more; what was recorded goes with the transaction."""
    if had_lead and not _has_lead(connection):
        raise NotAllowed(
            f"'{person_id}' is the last lead: give another person the role 'lead' first, or name a"
            " deputy who takes it over"
        )


@read_once
def people(connection: Connection) -> tuple[Person, ...]:
    """Return everybody, the retired included, in the order they were added."""
    query = select(t.person).order_by(t.person.c.added_at, t.person.c.id)
    return tuple(_person(row) for row in connection.execute(query))


def find_person(connection: Connection, person_id: str) -> Person:
    """Return one person or raise NotFound."""
    row = _row(connection, person_id)
    if row is None:
        raise NotFound("person", person_id)
    return _person(row)


def known_person(connection: Connection, person_id: str) -> Person | None:
    """Return one person, if there is one of this id."""
    row = _row(connection, person_id)
    return _person(row) if row is not None else None


def find_address(connection: Connection, address: str) -> Person | None:
    """Return the active person with this e-mail address, if there is one."""
    wanted = address.strip().casefold()
    for person in people(connection):
        if not person.retired and person.address and person.address.casefold() == wanted:
            return person
    return None


def holders(connection: Connection, role: RoleId) -> tuple[Person, ...]:
    """Return who holds a role now, in order of joining.

    A retired holder is replaced by an active deputy; beside one who left work waiting too long
    stands the deputy to whom it passed.
    """
    everybody = {person.id: person for person in people(connection)}
    named = [person for person in everybody.values() if role in person.roles]
    passed = {each.person: each.deputy for each in stand_ins(connection) if each.role == role}
    beside = [everybody[passed[person.id]] for person in named if person.id in passed]
    found = (_standing_in(person, everybody) for person in [*named, *beside])
    return tuple(dict.fromkeys(person for person in found if person is not None))


def deputy_of(connection: Connection, person_id: str) -> Person | None:
    """Return who stands in for a person who does nothing: their deputy, or that one's, if any."""
    everybody = {person.id: person for person in people(connection)}
    deputy = everybody[person_id].deputy
    return _standing_in(everybody[deputy], everybody) if deputy in everybody else None


@read_once
def stand_ins(connection: Connection) -> tuple[PassedRole, ...]:
    """Return whose work has passed to a deputy, by role."""
    query = select(t.stand_in).order_by(t.stand_in.c.person_id, t.stand_in.c.role)
    return tuple(
        PassedRole(row.person_id, RoleId(row.role), row.deputy) for row in connection.execute(query)
    )


def pass_work(ledger: Ledger, stand_in: PassedRole, *, waits_since: str) -> None:
    """Have a deputy hold a role beside the person whose work there was left too long."""
    ledger.record(
        WorkPassed(
            person=stand_in.person,
            role=stand_in.role,
            deputy=stand_in.deputy,
            waits_since=waits_since,
        )
    )


def return_work(ledger: Ledger, stand_in: PassedRole) -> None:
    """End that a deputy stands in: nothing waits too long any more."""
    ledger.record(WorkReturned(person=stand_in.person, role=stand_in.role))


def leads(connection: Connection) -> frozenset[str]:
    """Return whose signatures are a lead's: who holds the role, and who held it when they retired.

    Who lost the role otherwise is a signatory like another from then on.
    """
    titled = {each.id for each in people(connection) if RoleId.LEAD in each.roles}
    return frozenset(titled | {each.id for each in holders(connection, RoleId.LEAD)})


def _standing_in(person: Person, everybody: dict[str, Person]) -> Person | None:
    seen: set[str] = set()
    current: Person | None = person
    while current is not None and current.retired and current.id not in seen:
        seen.add(current.id)
        current = everybody.get(current.deputy) if current.deputy else None
    return current if current is not None and not current.retired else None


def _check(connection: Connection, person: Person) -> None:
    if person.deputy is not None:
        if person.deputy == person.id:
            raise BadInput(f"'{person.id}' cannot be their own deputy")
        find_person(connection, person.deputy)
    if person.address is not None and not _ADDRESS.fullmatch(person.address):
        raise BadInput(f"'{person.address}' is not an e-mail address")
    if person.address is not None:
        holder = find_address(connection, person.address)
        if holder is not None and holder.id != person.id:
            raise BadInput(f"the address {person.address} belongs to '{holder.id}' already")


def _row(connection: Connection, person_id: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(t.person).where(t.person.c.id == person_id)).first()


def _person(row: Row[tuple[object, ...]]) -> Person:
    roles = tuple(map(RoleId, json.loads(row.roles)))
    return Person(row.id, row.name, row.address, roles, row.deputy, bool(row.retired))


def store_token(
    connection: Connection, secret: str, *, kind: TokenKind, person: str | None, expires_at: str
) -> None:
    """Keep the hash of a sign-in link's or session's secret, never the secret."""
    connection.execute(
        insert(t.token).values(
            hash=secret_hash(secret),
            kind=kind,
            person_id=person,
            expires_at=expires_at,
            used_at=None,
        )
    )


def use_link(connection: Connection, secret: str, *, now: str) -> str | None:
    """Spend a sign-in link: return whom it signs in; a spent or late one raises NotAllowed."""
    link = t.token.c
    claim = (
        update(t.token)
        .where(link.hash == secret_hash(secret), link.kind == TokenKind.LINK)
        .where(link.used_at.is_(None), link.expires_at > now)
        .values(used_at=now)
        .returning(link.person_id)
    )
    row = connection.execute(claim).first()
    if row is None:
        raise NotAllowed("this sign-in link is unknown, used already or too old; ask for a new one")
    return str(row.person_id) if row.person_id is not None else None


def link_open(connection: Connection, secret: str, *, now: str) -> bool:
    """Whether a sign-in link could still be spent."""
    link = t.token.c
    query = select(link.hash).where(link.hash == secret_hash(secret), link.kind == TokenKind.LINK)
    query = query.where(link.used_at.is_(None), link.expires_at > now)
    return connection.execute(query).first() is not None


def session_person(connection: Connection, secret: str, *, now: str) -> Person | None:
    """Return who is signed in with this session, or None."""
    session = t.token.c
    query = select(session.person_id).where(
        session.hash == secret_hash(secret),
        session.kind == TokenKind.SESSION,
        session.used_at.is_(None),
        session.expires_at > now,
    )
    owner = connection.execute(query).scalar()
    if owner is None:
        return None
    person = find_person(connection, str(owner))
    return None if person.retired else person


def owner_of_session(connection: Connection, is_it: Callable[[str], bool]) -> str | None:
    """Return whose a session is or was, also after its end; is_it: tells it by its secret's hash.

    What has ended opens nothing any more, and still tells whose the form is that it was shown.
    """
    session = t.token.c
    query = select(session.hash, session.person_id).where(session.kind == TokenKind.SESSION)
    query = query.order_by(session.expires_at.desc())
    found = (str(row.person_id) for row in connection.execute(query) if is_it(row.hash))
    owner = next(found, None)
    return owner if owner is not None and not find_person(connection, owner).retired else None


def end_session(connection: Connection, secret: str, *, now: str) -> None:
    """Sign out: the session's secret is worth nothing from now on."""
    connection.execute(
        update(t.token).where(t.token.c.hash == secret_hash(secret)).values(used_at=now)
    )


def end_sign_ins(connection: Connection, person_id: str, *, now: str) -> None:
    """End every session of a person, and every link to sign in that is not used yet."""
    mine = (t.token.c.person_id == person_id, t.token.c.used_at.is_(None))
    connection.execute(update(t.token).where(*mine).values(used_at=now))


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def names(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of these people."""
    query = select(t.person.c.id, t.person.c.name).where(t.person.c.id.in_(ids))
    return {row.id: row.name for row in connection.execute(query)}
