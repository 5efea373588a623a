"""Who holds a role, who stands in for whom, and what a sign-in link is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from state import people
from state import tables as t
from state.database import Database
from state.errors import BadInput, NotAllowed, NotFound
from state.events import head
from state.facts.words import RoleId
from state.people import Person, TokenKind
from tests.state.builders import add_person, holders, retire
from tests.state.helpers import TEAM, ledger

DEE = Person("dee", "Dee", None, (RoleId.SCREENER,))
NOW, LATER, LATE = (f"2026-11-25T0{hour}:00:00.000000Z" for hour in (6, 7, 8))


def change(db: Database, person: Person) -> None:
    with ledger(db) as book:
        people.change_person(book, person)


def found(db: Database, person: str) -> Person:
    with db.reading() as connection:
        return people.find_person(connection, person)


def with_deputies(db: Database, **deputies: str | None) -> None:
    """Name a chain of stand-ins: each a screener only where its id begins with 's'."""
    for name in deputies:
        roles = (RoleId.SCREENER,) if name.startswith("s") else (RoleId.OPERATOR,)
        add_person(db, Person(name, name.title(), None, roles))
    for name, deputy in deputies.items():
        change(db, replace(found(db, name), deputy=deputy))


# ---- what an id may be ---------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["system", "command line", "A B/ü", "-dee", "", "dee\n"])
def test_an_id_is_plain_and_not_the_programs_own(team: Database, person: str) -> None:
    with pytest.raises(BadInput, match="expected letters, digits, '.', '_' or '-'"):
        add_person(team, replace(DEE, id=person))


@pytest.mark.parametrize("person", ["dee", "Dee.2", "d_e-e"])
def test_a_plain_id_is_taken(team: Database, person: str) -> None:
    add_person(team, replace(DEE, id=person))

    assert found(team, person).name == "Dee"


# ---- who there is --------------------------------------------------------------------------------


def test_people_stand_in_the_order_in_which_they_came(team: Database) -> None:
    add_person(team, Person("aaa", "Late Comer", None, (RoleId.LEAD,)), after_s=60)

    with team.reading() as connection:
        everybody = people.people(connection)
    assert [each.id for each in everybody] == ["ada", "ben", "cy", "aaa"]


def test_a_person_is_found_as_they_were_added(team: Database) -> None:
    assert found(team, "ada") == TEAM[0]


def test_an_unknown_person_is_named(team: Database) -> None:
    with pytest.raises(NotFound, match="no person 'zoe'"):
        found(team, "zoe")
    with pytest.raises(NotFound, match="no person 'zoe'"):
        retire(team, "zoe")
    with pytest.raises(NotFound, match="no person 'zoe'"):
        change(team, Person("zoe", "Zoe", None, ()))


def test_the_same_person_again_changes_nothing(team: Database) -> None:
    add_person(team, TEAM[0])

    with team.reading() as connection:
        assert head(connection)[0] == len(TEAM)


def test_an_id_belongs_to_one_person(team: Database) -> None:
    with pytest.raises(BadInput, match="there is already a person 'ada'"):
        add_person(team, replace(TEAM[0], name="Ada Lovelace"))


def test_a_change_takes_the_place_of_what_was_known(team: Database) -> None:
    changed = Person("ada", "Ada Byron", None, (RoleId.LEAD,), "ben")

    change(team, changed)

    assert found(team, "ada") == changed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Byron", "ada-byron"),
        ("  Ada   Byron  ", "ada-byron"),
        ("Søren Žižek", "sren-zizek"),
        ("José Núñez", "jose-nunez"),
        ("O'Neill, M.", "o-neill-m"),
        ("ada_2", "ada-2"),
    ],
)
def test_an_id_is_made_of_a_name(name: str, expected: str) -> None:
    assert people.person_id(name) == expected


@pytest.mark.parametrize("name", ["", "—", "李雷"])
def test_a_name_that_gives_no_id_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(BadInput, match="give one with --id"):
        people.person_id(name)


# Signs with which a message would go to somebody else, to many, to nobody, or could not be written.
NO_PART_OF_AN_ADDRESS = [*'@ \t\n\r\0<>()[]:;,"\\\x7f\u2028', "\ud800"]
ADDRESSES = [
    *("ada", "ada@", "@example.org", "a@[", "a@[127.0.0.1]", '"ada"@example.org'),
    *(f"a{each}a@example.org" for each in NO_PART_OF_AN_ADDRESS),
    *(f"ada@exam{each}ple.org" for each in NO_PART_OF_AN_ADDRESS),
    *(f"ada@example.org{each}" for each in NO_PART_OF_AN_ADDRESS),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_address_is_refused(team: Database, address: str) -> None:
    with pytest.raises(BadInput, match="is not an e-mail address"):
        add_person(team, replace(DEE, address=address))


@pytest.mark.parametrize(
    "address", ["ada.l+review@example.org", "o'brien@x-y.example", "ünal@exämple.org", "a@b"]
)
def test_an_unusual_address_that_mail_can_reach_is_taken(team: Database, address: str) -> None:
    add_person(team, replace(DEE, address=address))

    assert found(team, "dee").address == address


def test_an_address_belongs_to_one_person(team: Database) -> None:
    with pytest.raises(BadInput, match=r"ADA@example\.org belongs to 'ada' already"):
        add_person(team, replace(DEE, address="ADA@example.org"))

    change(team, replace(TEAM[0], name="Ada B"))  # one's own is no other's


def test_the_address_of_one_who_retired_is_free(team: Database) -> None:
    retire(team, "ada")

    add_person(team, replace(DEE, address="ada@example.org"))

    with team.reading() as connection:
        assert people.find_address(connection, "ada@example.org") == found(team, "dee")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ben@example.org", "ben"),
        (" BEN@Example.org ", "ben"),
        ("nobody@example.org", None),
        ("", None),
    ],
)
def test_a_person_is_found_by_address(team: Database, address: str, expected: str | None) -> None:
    with team.reading() as connection:
        person = people.find_address(connection, address)

    assert (person.id if person else None) == expected


def test_names_are_given_for_the_ids_that_are_known(team: Database) -> None:
    with team.reading() as connection:
        assert people.names(connection, ["ada", "zoe"]) == {"ada": "Ada"}


# ---- who holds a role ----------------------------------------------------------------------------


def test_those_who_have_a_role_hold_it(team: Database) -> None:
    assert holders(team, RoleId.SCREENER) == ("ada", "ben")
    assert holders(team, RoleId.ADJUDICATOR) == ("cy",)
    assert holders(team, RoleId.OPERATOR) == ()


def test_one_who_retired_holds_nothing_and_is_not_retired_twice(team: Database) -> None:
    retire(team, "ada", "ada")

    assert holders(team, RoleId.SCREENER) == ("ben",)
    assert found(team, "ada").retired
    with team.reading() as connection:
        assert head(connection)[0] == len(TEAM) + 1


# deputies (s…: a screener), who retired → who screens
CHAINS = [
    ({"s1": "b"}, "", ("s1",)),
    ({"s1": "b"}, "s1", ("b",)),
    ({"s1": None}, "s1", ()),
    ({"s1": "b", "b": "c"}, "s1 b", ("c",)),
    ({"s1": "b", "b": "c", "c": "d"}, "s1 b c", ("d",)),
    ({"s1": "b", "b": None}, "s1 b", ()),
    ({"s1": "s2", "s2": "s1"}, "s1", ("s2",)),
    ({"s1": "s2", "s2": "s1"}, "s1 s2", ()),
    ({"s1": "b", "b": "c", "c": "b"}, "s1 b c", ()),
    ({"s1": "b", "s2": "b"}, "s1 s2", ("b",)),
    ({"s1": "s2", "s2": "c"}, "s2", ("s1", "c")),
]


@pytest.mark.parametrize(("deputies", "retired", "expected"), CHAINS)
def test_a_seat_passes_along_the_chain_of_deputies(
    db: Database, deputies: dict[str, str | None], retired: str, expected: tuple[str, ...]
) -> None:
    last = {each: None for each in deputies.values() if each and each not in deputies}
    with_deputies(db, **deputies, **last)

    retire(db, *retired.split())

    assert holders(db, RoleId.SCREENER) == expected


def test_a_deputy_holds_nothing_while_the_other_is_there(team: Database) -> None:
    change(team, replace(TEAM[0], deputy="cy"))

    assert holders(team, RoleId.SCREENER) == ("ada", "ben")


@pytest.mark.parametrize(
    ("deputy", "error", "words"),
    [
        ("ada", BadInput, "'ada' cannot be their own deputy"),
        ("zoe", NotFound, "no person 'zoe'"),
    ],
)
def test_a_deputy_is_somebody_else_who_is_known(
    team: Database, deputy: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        change(team, replace(TEAM[0], deputy=deputy))


# ---- signing in ----------------------------------------------------------------------------------


def give(db: Database, secret: str, kind: TokenKind, person: str | None = "ada") -> None:
    with db.transaction() as connection:
        people.store_token(connection, secret, kind=kind, person=person, expires_at=LATER)


def spend(db: Database, secret: str, now: str = NOW) -> str | None:
    with db.transaction() as connection:
        return people.use_link(connection, secret, now=now)


def signed_in(db: Database, secret: str, now: str = NOW) -> str | None:
    with db.reading() as connection:
        person = people.session_person(connection, secret, now=now)
    return person.id if person else None


def test_the_secret_itself_is_nowhere_in_the_database(team: Database) -> None:
    give(team, "open-sesame", TokenKind.LINK)

    with team.reading() as connection:
        (row,) = connection.execute(select(t.token)).all()
    assert "open-sesame" not in map(str, row)


def test_a_link_signs_in_once(team: Database) -> None:
    give(team, "s", TokenKind.LINK)

    assert spend(team, "s") == "ada"
    with pytest.raises(NotAllowed, match="ask for a new one"):
        spend(team, "s")


def test_a_link_may_be_nobodys(team: Database) -> None:
    give(team, "s", TokenKind.LINK, person=None)

    assert spend(team, "s") is None


@pytest.mark.parametrize(
    ("secret", "kind", "now"),
    [
        ("other", TokenKind.LINK, NOW),
        ("s", TokenKind.LINK, LATER),
        ("s", TokenKind.LINK, LATE),
        ("s", TokenKind.SESSION, NOW),
    ],
    ids=["unknown", "on-the-instant", "late", "a-session"],
)
def test_what_is_no_open_link_is_not_spent(
    team: Database, secret: str, kind: TokenKind, now: str
) -> None:
    give(team, "s", kind)

    with team.reading() as connection:
        assert not people.link_open(connection, secret, now=now)
    with pytest.raises(NotAllowed, match="unknown, used already or too old"):
        spend(team, secret, now)


def test_looking_at_a_link_does_not_spend_it(team: Database) -> None:
    give(team, "s", TokenKind.LINK)

    for _ in range(2):
        with team.reading() as connection:
            assert people.link_open(connection, "s", now=NOW)
    assert spend(team, "s") == "ada"
    with team.reading() as connection:
        assert not people.link_open(connection, "s", now=NOW)


def test_a_session_lasts_until_its_end(team: Database) -> None:
    give(team, "s", TokenKind.SESSION)

    assert [signed_in(team, "s", now) for now in (NOW, LATER, LATE)] == ["ada", None, None]
    assert signed_in(team, "other") is None


def test_a_link_is_no_session(team: Database) -> None:
    give(team, "s", TokenKind.LINK)

    assert signed_in(team, "s") is None


def test_a_session_ends_with_signing_out_and_others_go_on(team: Database) -> None:
    give(team, "s", TokenKind.SESSION)
    give(team, "other", TokenKind.SESSION, "ben")

    with team.transaction() as connection:
        people.end_session(connection, "s", now=NOW)

    assert (signed_in(team, "s"), signed_in(team, "other")) == (None, "ben")


def test_one_who_retires_is_signed_out(team: Database) -> None:
    give(team, "s", TokenKind.SESSION)

    retire(team, "ada")

    assert signed_in(team, "s") is None
