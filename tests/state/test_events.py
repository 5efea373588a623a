from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from state.database import Database, open_database
from state.events import GENESIS, events, head
from state.facts import PersonRetired
from state.screening import Verdict
from state.verify import verify
from tests.state.helpers import (
    add_study,
    add_team,
    decide,
    drop_guards,
    hand_in,
    ledger,
    queue_record,
)


def tamper(db: Database, *statements: str) -> None:
    """Change the file as somebody with the database in their hands could."""
    with db.writer.begin() as connection:
        drop_guards(connection)
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def world(db: Database) -> Database:
    add_team(db)
    queue_record(db)
    decide(db, "ada", Verdict.INCLUDE)
    decide(db, "ben", Verdict.INCLUDE)
    add_study(db)
    hand_in(db, "ada")
    hand_in(db, "ben")
    return db


def test_each_event_carries_the_hash_of_the_one_before(world: Database) -> None:
    with world.reading() as connection:
        log = list(events(connection))

    assert log[0].prev_hash == GENESIS
    assert all(
        later.prev_hash == earlier.hash for earlier, later in zip(log, log[1:], strict=False)
    )


def test_replaying_the_log_gives_every_table(world: Database) -> None:
    found = verify(world)

    assert found.faults == ()
    assert found.rows > 10


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'mallory' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "UPDATE payload SET media_type = 'x'",
        "DELETE FROM payload",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(world: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), world.writer.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE event SET payload = '{}' WHERE seq = 2", "its content was changed"),
        ("DELETE FROM event WHERE seq = 2", "does not follow"),
        ("UPDATE decision SET verdict = 'exclude'", "differs from what the log says"),
        ("DELETE FROM submission", "is in the log but not in the table"),
        ("UPDATE person SET name = 'Mallory' WHERE id = 'ada'", "person ada"),
    ],
)
def test_verify_sees_what_was_changed_behind_the_programs_back(
    world: Database, statement: str, fault: str
) -> None:
    tamper(world, statement)

    assert any(fault in each for each in verify(world).faults)


def test_verify_sees_a_missing_guard(world: Database) -> None:
    tamper(world)

    assert sum("the guard event_no_" in each for each in verify(world).faults) == 2


def test_a_reader_cannot_write(world: Database) -> None:
    with (
        pytest.raises(DBAPIError, match="readonly|read-only"),
        world.reading() as connection,
    ):
        connection.execute(text("DELETE FROM work"))


def test_a_transaction_that_fails_leaves_no_trace(world: Database) -> None:
    with world.reading() as connection:
        before = head(connection)

    with pytest.raises(RuntimeError, match="the power went"):
        _retire_and_fail(world)

    with world.reading() as connection:
        assert head(connection) == before


def _retire_and_fail(world: Database) -> None:
    with ledger(world) as book:
        book.record(PersonRetired(person="ada"))
        raise RuntimeError("the power went")


def test_opening_again_changes_nothing(world: Database) -> None:
    with world.reading() as connection:
        before = head(connection)

    again = open_database(world.url)

    with again.reading() as connection:
        assert head(connection) == before
    again.close()
