"""One database: what it refuses, what a reader cannot do, and how it is opened and migrated."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from state.database import REVISION, Database, missing_guards, open_database
from state.errors import DataFolderFault
from state.events import head
from state.migrating import newest_revision
from state.tables import metadata
from tests.engines import ON_SQLITE
from tests.state.builders import both_say, include
from tests.state.helpers import add_study, hand_in, ledger


@pytest.fixture
def world(queued: Database) -> Database:
    both_say(queued, include(), include())
    add_study(queued)
    hand_in(queued, "ada")
    return queued


# ---- guards --------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["event", "payload"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = 'x'",
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
    ],
)
def test_the_log_and_the_answers_are_append_only(
    world: Database, table: str, statement: str
) -> None:
    column = {"event": "actor", "payload": "media_type"}[table]
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), world.transaction() as held:
        held.execute(text(statement.format(table=table, column=column)))


@ON_SQLITE
@pytest.mark.parametrize("table", ["event", "payload"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET rowid = rowid + 1000",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table}",
        "UPDATE OR IGNORE {table} SET rowid = rowid + 1000",
    ],
)
def test_no_way_of_sqlite_around_the_guards_is_left(
    world: Database, table: str, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), world.transaction() as held:
        held.execute(text(statement.format(table=table)))


@ON_SQLITE
def test_guards_hold_for_every_program_that_opens_the_file(world: Database) -> None:
    file = world.writer.url.database
    assert file is not None

    with (
        sqlite3.connect(file) as other,
        pytest.raises(sqlite3.IntegrityError, match="event is append-only"),
    ):
        other.execute("DELETE FROM event")
    other.close()


def test_a_new_database_has_every_guard(db: Database) -> None:
    with db.reading() as connection:
        assert missing_guards(connection) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO event SELECT seq + 99, at, actor, 2, kind, version, subject, payload, nonce,"
        " prev_hash, 'h' FROM event WHERE seq = 1",
        "UPDATE study SET place = 'nowhere'",
        "UPDATE candidate SET kind = 'odd'",
        "INSERT INTO submission VALUES (999, 'lost', 'ada', '{}', '1', 'now', NULL, NULL)",
        "INSERT INTO decision (seq, candidate_id, stage, person_id, verdict, protocol_version, at)"
        " VALUES (999, 'lost', 'full_text', 'ada', 'include', '1', 'now')",
        "INSERT INTO work (kind, key, due_at, state, fence, attempts)"
        " VALUES ('search', 'x', 'now', 'failed', 0, 0)",
    ],
    ids=["a-bool", "a-place", "a-kind", "a-study", "a-candidate", "a-state-of-work"],
)
def test_a_row_outside_the_rules_of_the_schema_is_refused(world: Database, statement: str) -> None:
    with pytest.raises(IntegrityError), world.transaction() as connection:
        connection.execute(text(statement))


def test_a_column_takes_only_its_type(world: Database) -> None:
    refused = "cannot store TEXT value|invalid input syntax for type integer"
    with pytest.raises(DBAPIError, match=refused), world.transaction() as held:
        held.execute(text("UPDATE candidate SET score = 'high'"))


# ---- readers and writers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM work",
        "UPDATE person SET name = 'Mallory'",
        "INSERT INTO pulse (name, at) VALUES ('worker', 'now')",
        "DROP TABLE person",
    ],
)
def test_a_reader_writes_nothing(world: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="readonly|read-only"), world.reading() as connection:
        connection.execute(text(statement))


def test_a_reader_sees_one_state_while_a_writer_goes_on(world: Database) -> None:
    with world.reading() as connection:
        before = head(connection)
        hand_in(world, "ben")

        assert head(connection) == before

    with world.reading() as connection:
        assert head(connection) > before


def test_a_reader_does_not_see_what_is_not_committed(world: Database) -> None:
    with world.transaction() as writing, world.reading() as reading:
        writing.execute(text("INSERT INTO pulse (name, at) VALUES ('worker', 'now')"))

        assert reading.execute(text("SELECT count(*) FROM pulse")).scalar() == 0


@ON_SQLITE
def test_what_is_committed_is_on_the_disk(world: Database) -> None:
    with world.transaction() as connection:
        full = connection.execute(text("PRAGMA synchronous")).scalar()
        mode = connection.execute(text("PRAGMA journal_mode")).scalar()

    assert (full, mode) == (2, "wal")


def test_a_transaction_that_fails_takes_its_events_and_rows_with_it(world: Database) -> None:
    with world.reading() as connection:
        before = head(connection)

    with pytest.raises(IntegrityError):
        write_and_fail(world)

    with world.reading() as connection:
        assert head(connection) == before
        assert connection.execute(text("SELECT count(*) FROM pulse")).scalar() == 0


def write_and_fail(db: Database) -> None:
    with ledger(db) as book:
        book.connection.execute(text("INSERT INTO pulse (name, at) VALUES ('worker', 'now')"))
        book.connection.execute(text("INSERT INTO pulse (name, at) VALUES ('worker', 'again')"))


# ---- opening -------------------------------------------------------------------------------------


def test_a_new_file_has_the_tables_that_the_code_says(db: Database) -> None:
    with db.reading() as connection:
        found = set(inspect(connection).get_table_names())

    assert found == set(metadata.tables) | {"alembic_version"}


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_the_migrations_lead_to_the_columns_that_the_code_says(db: Database, table: str) -> None:
    with db.reading() as connection:
        found = {each["name"]: each["nullable"] for each in inspect(connection).get_columns(table)}

    assert found == {each.name: each.nullable for each in metadata.tables[table].columns}


def test_the_code_names_the_revision_to_which_the_migrations_lead(db: Database) -> None:
    with db.reading() as connection:
        made = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    assert REVISION == newest_revision() == made


def test_a_newer_database_is_refused_with_what_to_do(db: Database) -> None:
    with db.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DataFolderFault, match="at version '9999'.*update the program"):
        open_database(db.url)

    with db.reading() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert version == "9999"


def test_a_database_opened_twice_is_one(world: Database) -> None:
    again = open_database(world.url)
    with ledger(again) as book:
        book.connection.execute(text("INSERT INTO pulse (name, at) VALUES ('worker', 'now')"))

    with world.reading() as connection:
        assert connection.execute(text("SELECT at FROM pulse")).scalar() == "now"
    again.close()
