"""Let people in: one-time links, the first account, sessions. Only hashes of secrets are kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.said import AddPerson
from bot.app import App
from bot.notify import accounts
from bot.notify.accounts import AccountEvent
from bot.notify.page_address import page_address
from state import outbox, people
from state.codec import instant
from state.errors import BadInput, NotAllowed
from state.events import Actor
from state.facts.words import NoticeKind
from state.outbox import Delivery
from state.people import Person
from state.values import Notice

# A link that a person passes on is used within a day; one that was asked for lies in a mailbox that
# others may open later; who screens every other week need not sign in each time.
LINK_LASTS = timedelta(hours=24)
MAILED_LINK_LASTS = timedelta(hours=1)
SESSION_LASTS = timedelta(days=14)
# A flood of requests for one address writes one notice in each of these.
ONE_NOTICE_IN = timedelta(minutes=2)
LINK_PLACE = "[the link is put in as this leaves]"
# A new person reads the invitation when they next read mail; a link asked for is used at once.
LASTS: Mapping[str, timedelta] = MappingProxyType(
    {NoticeKind.SIGN_IN: MAILED_LINK_LASTS, NoticeKind.INVITATION: LINK_LASTS}
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; the secret goes into the visitor's cookie and nowhere else."""

    person: str
    secret: str


def new_link(app: App, person: str | None, *, lasts: timedelta = LINK_LASTS) -> str:
    """Make the secret of a one-time sign-in link; for nobody it lets the first account be made."""
    with app.database.transaction() as connection:
        return keep_link(app, connection, person, lasts=lasts)


def keep_link(
    app: App, connection: Connection, person: str | None, *, lasts: timedelta = LINK_LASTS
) -> str:
    """Keep the hash of a new link's secret in a transaction that is open; return the secret."""
    secret = secrets.token_urlsafe(32)
    if person is not None and people.find_person(connection, person).retired:
        raise NotAllowed(f"'{person}' has retired and does not sign in")
    people.store_token(
        connection,
        secret,
        kind=people.TokenKind.LINK,
        person=person,
        expires_at=instant(app.clock.now() + lasts),
    )
    return secret


def first_link(app: App) -> str | None:
    """Return the address of a fresh link for the first account, while nobody has one."""
    return link_address(app, new_link(app, None)) if is_first_start(app) else None


def link_address(app: App, secret: str) -> str:
    """Return the address at which a link's secret can be used."""
    return f"{page_address(app)}/sign-in/{secret}"


def mail_link(app: App, address: str, *, then: str = "/") -> None:
    """Send a link to an address of a member of the team; any other address is passed over.

    The notice holds no secret, since the log keeps it for ever: the link is made as it leaves.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        person = people.find_address(connection, address)
    if person is None:
        return
    slot = int(now.timestamp() // ONE_NOTICE_IN.total_seconds())
    with app.ledger() as ledger:
        outbox.write(ledger, _notice(person, slot, then), [person.id])


def with_link(app: App, delivery: Delivery) -> Delivery:
    """Put a fresh link into a sign-in notice that is about to leave; others leave as they are."""
    lasts = LASTS.get(delivery.notice.kind)
    if lasts is None:
        return delivery
    body = delivery.notice.body.replace(LINK_PLACE, _fresh_link(app, delivery.recipient, lasts))
    return replace(delivery, notice=replace(delivery.notice, body=body))


def _fresh_link(app: App, person: str, lasts: timedelta) -> str:
    """Return a link, or what stands in its place for somebody who has retired since."""
    try:
        return link_address(app, new_link(app, person, lasts=lasts))
    except NotAllowed as error:
        return f"(no link: {error})"


def invitation(app: App, person: Person, event: AccountEvent, team: tuple[Person, ...]) -> Notice:
    """Write the invitation of a new person; its link is made as it leaves."""
    hours = int(LASTS[NoticeKind.INVITATION].total_seconds() // 3600)
    return accounts.invitation(person, event, sign_in=LINK_PLACE, lasts_h=hours, team=team)


def _notice(person: Person, slot: int, then: str) -> Notice:
    hours = int(MAILED_LINK_LASTS.total_seconds() // 3600)
    body = [
        f"Somebody, most likely you, asked for a link to sign in as {person.name}.",
        "",
        f"{LINK_PLACE}?{urlencode({'then': then})}",
        "",
        f"It works once, within {hours} hour. If it was not you, ignore this message.",
    ]
    return Notice(
        f"sign-in:{person.id}:{slot}", NoticeKind.SIGN_IN, "Your link to sign in", "\n".join(body)
    )


def link_is_open(app: App, secret: str) -> bool:
    """Whether a link can still be used; looking does not spend it."""
    with app.database.reading() as connection:
        return people.link_open(connection, secret, now=instant(app.clock.now()))


def is_first_start(app: App) -> bool:
    """Whether nobody has an account yet."""
    with app.database.reading() as connection:
        return not people.people(connection)


def sign_in(app: App, secret: str) -> SignedIn:
    """Spend a link and open a session for whom it was made."""
    with app.database.transaction() as connection:
        person = people.use_link(connection, secret, now=instant(app.clock.now()))
        if person is None:
            raise BadInput("this link makes the first account: give a name and an address")
        if people.find_person(connection, person).retired:
            raise NotAllowed(f"'{person}' has retired and does not sign in")
        return SignedIn(person, _open_session(app, connection, person))


def make_first_account(app: App, secret: str, name: str, address: str | None) -> SignedIn:
    """Spend the first-start link: add the first person, with every role, and open a session."""
    roles = tuple(role.id for role in app.protocol.roles)
    described = {"name": name, "address": address, "roles": roles}
    said = read_act(AddPerson, {"person": people.person_id(name), **described})
    person = Person(said.person, said.name, said.address, roles)
    with app.ledger(Actor(person.id, authenticated=True)) as ledger:
        connection = ledger.connection
        if people.use_link(connection, secret, now=ledger.at) is not None:
            raise BadInput("this link signs in somebody who has an account already")
        if people.people(connection):
            raise NotAllowed("the first account exists already: ask its owner to add you")
        people.add_person(ledger, person)
        return SignedIn(person.id, _open_session(app, connection, person.id))


def sign_out(app: App, secret: str) -> None:
    """End a session."""
    with app.database.transaction() as connection:
        people.end_session(connection, secret, now=instant(app.clock.now()))


def _open_session(app: App, connection: Connection, person: str) -> str:
    secret = secrets.token_urlsafe(32)
    people.store_token(
        connection,
        secret,
        kind=people.TokenKind.SESSION,
        person=person,
        expires_at=instant(app.clock.now() + SESSION_LASTS),
    )
    return secret
