"""Whoever's account is made or changed is told of it, and so are the leads; a lead stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.acts.act import Act
from bot.acts.perform import perform
from bot.acts.said import AddPerson, ChangePerson, RetirePerson
from bot.acts.sign_in import LINK_PLACE, new_link, sign_in, with_link
from bot.app import AT_THE_MACHINE, App
from bot.errors import DeliveryFailed
from bot.notify.chat import Chat
from bot.notify.delivery import deliver
from state import outbox, people
from state.codec import instant
from state.errors import BadInput, NotAllowed
from state.events import Actor, events
from state.facts.words import RoleId
from state.outbox import Delivery
from state.people import Person
from tests.bot.builders import ADA, BEN, DORA, TEAM, actor, add_team, an_app

EVE = AddPerson(person="eve", name="Eve", address="eve@example.org", roles=("screener",))
NEW_ADDRESS = ChangePerson(
    person=BEN, name="Ben Okri", address="ben@elsewhere.org", roles=("screener", "extractor")
)
MORE_ROLES = ChangePerson(
    person=BEN, name="Ben Okri", address="ben@example.org", roles=("screener", "adjudicator")
)
BY = pytest.mark.parametrize(
    ("by", "named"),
    [(actor(DORA), "Dora Maar"), (AT_THE_MACHINE, "Somebody at the machine, by command,")],
    ids=["page", "command"],
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    with running.ledger() as ledger:
        second = Person("fay", "Fay Weldon", "fay@example.org", (RoleId.LEAD,))
        people.add_person(ledger, second)
    yield running
    running.close()


def told(app: App, kind: str) -> dict[str, str]:
    """Return what was written of a kind: to whom, and its words."""
    with app.database.reading() as connection:
        found = outbox.deliveries(connection)
    return {each.recipient: each.notice.body for each in found if each.notice.kind == kind}


def mails(app: App) -> dict[str, str]:
    """Deliver what waits; return the messages by address."""
    deliver(app, with_link)
    texts = [file.read_text() for file in sorted(app.mailbox.glob("*.eml"))]
    return {re.search(r"^To: (\S+)", text, re.MULTILINE)[1]: text for text in texts}  # type: ignore[index]


def session(app: App, person: str) -> str:
    return sign_in(app, new_link(app, person)).secret


def signed_in(app: App, secret: str) -> bool:
    with app.database.reading() as connection:
        now = instant(app.clock.now())
        return people.session_person(connection, secret, now=now) is not None


# ---- a new person --------------------------------------------------------------------------------


@BY
def test_a_new_person_is_invited_and_the_leads_are_told(app: App, by: Actor, named: str) -> None:
    perform(app, EVE, by)

    assert set(told(app, "invitation")) == {"eve"}
    assert f"{named} added you" in told(app, "invitation")["eve"]
    leads = told(app, "person_added")
    assert set(leads) == {DORA, "fay"}
    assert f"{named} added Eve <eve@example.org> as screener." in leads[DORA]


def test_the_link_of_an_invitation_lets_in_and_stands_in_no_log(app: App) -> None:
    perform(app, EVE, actor(DORA))

    mail = mails(app)["eve@example.org"]

    (secret,) = re.findall(r"/sign-in/([\w-]{20,})", mail)
    assert sign_in(app, secret).person == "eve"
    with app.database.reading() as connection:
        log = " ".join(each.fact.canonical_text() for each in events(connection))
    assert LINK_PLACE in log
    assert secret not in log
    assert all(file.stat().st_mode & 0o077 == 0 for file in app.mailbox.iterdir())


def test_an_invitation_is_never_posted_where_others_read(app: App) -> None:
    perform(app, EVE, actor(DORA))
    with app.database.reading() as connection:
        (waiting,) = outbox.deliveries_to(connection, "eve", 9)

    with pytest.raises(DeliveryFailed, match="never posted to a channel"):
        Chat(()).send(waiting, None, lambda: None)


def test_who_retired_before_the_invitation_left_gets_no_link(app: App) -> None:
    perform(app, EVE, actor(DORA))
    perform(app, RetirePerson(person="eve"), actor(DORA))
    with app.database.reading() as connection:
        found = outbox.deliveries_to(connection, "eve", 9)

    (invitation,) = (each for each in found if each.notice.kind == "invitation")

    assert "(no link: 'eve' has retired" in with_link(app, invitation).notice.body


def test_the_same_person_again_is_told_of_once(app: App) -> None:
    for _ in range(2):
        perform(app, EVE, actor(DORA))

    assert len(notices(app)) == 3


def notices(app: App) -> list[Delivery]:
    with app.database.reading() as connection:
        return list(outbox.deliveries(connection))


def test_a_person_without_an_address_is_not_mailed_and_the_leads_read_how_they_get_in(
    app: App,
) -> None:
    perform(app, AddPerson(person="eve", name="Eve", roles=("screener",)), actor(DORA))

    assert told(app, "invitation") == {}
    assert "livingreview people link eve" in told(app, "person_added")[DORA]


def test_the_first_lead_reads_who_was_added_before(tmp_path: Path) -> None:
    app = an_app(tmp_path / "new")
    for person in TEAM:
        act = AddPerson(
            person=person.id, name=person.name, address=person.address, roles=person.roles
        )
        perform(app, act, AT_THE_MACHINE)

    invitations = told(app, "invitation")
    assert "  - Ada Byron: screener, extractor\n" in invitations[DORA]
    assert "Ada Byron" not in invitations[BEN]
    app.close()


# ---- a change ------------------------------------------------------------------------------------


@BY
def test_a_new_address_is_told_to_the_old_and_the_new_one_and_ends_the_sessions(
    app: App, by: Actor, named: str
) -> None:
    at_work, at_home = session(app, BEN), new_link(app, BEN)

    perform(app, NEW_ADDRESS, by)

    sent = mails(app)
    for address in ("ben@example.org", "ben@elsewhere.org"):
        assert f"{named} changed your account" in sent[address].replace("=\n", "")
    for address in ("dora@example.org", "fay@example.org"):
        assert f"{named} changed the account of Ben Okri" in sent[address].replace("=\n", "")
    assert not signed_in(app, at_work)
    with pytest.raises(NotAllowed, match="used already"):
        sign_in(app, at_home)


@BY
def test_other_roles_are_told_and_end_the_sessions(app: App, by: Actor, named: str) -> None:
    at_work = session(app, BEN)

    perform(app, MORE_ROLES, by)

    line = "  roles: screener, extractor → screener, adjudicator"
    assert set(told(app, "account_changed")) == {BEN}
    assert line in told(app, "account_changed")[BEN]
    assert set(told(app, "person_changed")) == {DORA, "fay"}
    assert line in told(app, "person_changed")["fay"]
    assert not signed_in(app, at_work)


def test_another_name_or_deputy_ends_no_session(app: App) -> None:
    at_work = session(app, BEN)

    same = MORE_ROLES.model_copy(update={"roles": ("screener", "extractor"), "deputy": ADA})
    perform(app, same, actor(DORA))

    assert signed_in(app, at_work)
    assert notices(app) == []


def test_who_lost_the_lead_is_told_and_so_is_who_leads(app: App) -> None:
    act = ChangePerson(person="fay", name="Fay Weldon", address="fay@example.org", roles=("lead",))

    perform(app, act.model_copy(update={"roles": ("screener",)}), actor(DORA))

    assert set(told(app, "account_changed")) == {"fay"}
    assert set(told(app, "person_changed")) == {DORA}


@BY
def test_who_is_retired_is_told_and_so_are_the_leads(app: App, by: Actor, named: str) -> None:
    at_work = session(app, BEN)

    perform(app, RetirePerson(person=BEN), by)

    assert set(told(app, "person_retired")) == {BEN, DORA, "fay"}
    assert f"{named} retired Ben Okri" in told(app, "person_retired")[BEN]
    assert not signed_in(app, at_work)


def test_who_left_comes_back_by_being_added_again_and_is_told_at_both_addresses(app: App) -> None:
    perform(app, RetirePerson(person=BEN), actor(DORA))
    told_before = len(notices(app))
    act = AddPerson(person=BEN, name="Ben Okri", address="ben@elsewhere.org", roles=("screener",))

    for _ in range(2):
        perform(app, act, actor(DORA))

    with app.database.reading() as connection:
        ben = people.find_person(connection, BEN)
        screeners = [each.id for each in people.holders(connection, RoleId.SCREENER)]
    assert not ben.retired
    assert (ben.address, ben.roles) == ("ben@elsewhere.org", ("screener",))
    assert BEN in screeners
    assert set(told(app, "account_changed")) == {"ben@example.org"}
    assert set(told(app, "invitation")) >= {BEN}
    assert len(notices(app)) > told_before


def test_nobody_takes_the_id_of_one_who_is_here(app: App) -> None:
    with pytest.raises(BadInput, match="there is already a person 'ben'"):
        perform(app, AddPerson(person=BEN, name="Benedict", roles=("lead",)), actor(DORA))


# ---- a lead stays --------------------------------------------------------------------------------


@BY
@pytest.mark.parametrize(
    "act",
    [
        RetirePerson(person=DORA),
        ChangePerson(person=DORA, name="Dora", address="dora@example.org", roles=("operator",)),
    ],
    ids=lambda act: type(act).__name__,
)
def test_the_last_lead_stays(app: App, by: Actor, named: str, act: Act[Any]) -> None:
    perform(app, RetirePerson(person="fay"), AT_THE_MACHINE)
    before = len(notices(app))

    with pytest.raises(NotAllowed, match="'dora' is the last lead: give another person"):
        perform(app, act, by)

    with app.database.reading() as connection:
        assert [each.id for each in people.holders(connection, RoleId.LEAD)] == [DORA]
    assert len(notices(app)) == before


def test_a_lead_with_a_deputy_may_retire(app: App) -> None:
    perform(app, RetirePerson(person="fay"), AT_THE_MACHINE)

    perform(app, RetirePerson(person=DORA, deputy=ADA), AT_THE_MACHINE)

    with app.database.reading() as connection:
        assert [each.id for each in people.holders(connection, RoleId.LEAD)] == [ADA]
    with pytest.raises(NotAllowed, match="'ada' is the last lead"):
        perform(app, RetirePerson(person=ADA), AT_THE_MACHINE)


def test_an_operator_gives_no_roles(app: App) -> None:
    with app.ledger() as ledger:
        people.add_person(ledger, Person("ops", "Ops", None, (RoleId.OPERATOR,)))

    acts: tuple[Act[Any], ...] = (EVE, MORE_ROLES, RetirePerson(person=BEN))
    for act in acts:
        with pytest.raises(NotAllowed, match="does not have the role 'lead'"):
            perform(app, act, actor("ops"))


def test_what_is_done_at_the_machine_is_marked_as_nobodys(app: App) -> None:
    perform(app, EVE, AT_THE_MACHINE)

    with app.database.reading() as connection:
        (added,) = events(connection, subject="eve")
    assert not added.authenticated
