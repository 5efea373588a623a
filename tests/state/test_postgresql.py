"""A server that keeps a review: what it says is told in words, and its language changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from state import people
from state import tables as t
from state.changes import Changes
from state.database import Database, copy_rows, open_database, sqlite_url
from state.errors import DatabaseLocked, DataFolderFault, ReadOnlyData
from state.events import head
from state.facts.words import RoleId
from state.people import Person
from state.projections.held import hold_rows
from state.projections.rows import identify
from state.tables import metadata
from state.verify import verify
from tests.engines import POSTGRESQL, engines
from tests.postgresql import name_of
from tests.state.helpers import add_study, add_team, hand_in, ledger, queue_record

ON_POSTGRESQL = pytest.mark.parametrize("db", [POSTGRESQL], indirect=True)


@pytest.fixture
def address() -> Iterator[str]:
    """A database with nothing in it."""
    found = engines.cluster.empty()
    yield found
    engines.cluster.drop(found)


def add_one(database: Database) -> None:
    with ledger(database) as writing:
        people.add_person(writing, Person("ada", "Ada", None, (RoleId.LEAD,)))


def test_a_database_that_is_not_there_is_told_of_with_how_to_make_it() -> None:
    with pytest.raises(DataFolderFault, match="'nowhere'.*createdb"):
        open_database(engines.cluster.address("nowhere"))


def test_a_server_that_does_not_answer_is_told_of_without_the_password() -> None:
    with pytest.raises(DataFolderFault, match="look whether the server runs") as raised:
        open_database("postgresql://ada:secret@127.0.0.1:9/review")

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("passwrd=secret", "invalid connection option"),
        ("options=-csearch_path%3Dnowhere", "make the schema that the address names"),
    ],
)
def test_what_an_address_gets_wrong_is_told_of(address: str, asked: str, told: str) -> None:
    with pytest.raises(DataFolderFault, match=told) as raised:
        open_database(f"{address}&{asked}")

    assert "secret" not in str(raised.value)


def test_an_encoding_that_lacks_signs_is_refused_before_anything_is_made(address: str) -> None:
    name = name_of(address)
    engines.cluster.tell(f"DROP DATABASE {name}")
    engines.cluster.tell(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")

    with pytest.raises(DataFolderFault, match="found the encoding LATIN1.*expected UTF8"):
        open_database(address)


def test_a_schema_may_have_any_name(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "Review-1"')

    with closing(open_database(f"{address}&options=-csearch_path%3D%22Review-1%22")) as database:
        add_one(database)
        assert verify(database).faults == ()


@ON_POSTGRESQL
def test_a_server_that_was_restarted_is_asked_again_by_a_new_connection(db: Database) -> None:
    end_connections(db)

    with db.reading() as connection:
        assert head(connection)[0] == 0
    add_one(db)


@ON_POSTGRESQL
def test_a_server_that_stops_while_rows_are_held_back_is_told_of_as_itself(db: Database) -> None:
    with pytest.raises(DataFolderFault, match="the PostgreSQL database"):
        hold_a_row_until_the_server_stops(db)


def hold_a_row_until_the_server_stops(database: Database) -> None:
    with database.transaction() as connection, hold_rows(connection):
        identify(connection, t.record_identifier, "record_key", "pubmed:1", ["pmid:1"])
        end_connections(database)


@ON_POSTGRESQL
def test_who_looks_for_changes_goes_on_after_the_server_was_restarted(db: Database) -> None:
    changes = Changes(db)
    changes.new()
    end_connections(db)
    add_one(db)

    with pytest.raises(DataFolderFault, match="try again"):
        changes.new()

    assert changes.new()
    assert not changes.new()
    changes.close()


def end_connections(database: Database) -> None:
    """Have the server end every connection to a database, as its restart does."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_user_who_may_not_make_tables_is_told_of(address: str) -> None:
    engines.cluster.tell("CREATE ROLE guest LOGIN")
    as_guest = address.replace("//review@", "//guest@")

    with pytest.raises(DataFolderFault, match="let this user create and write tables"):
        open_database(as_guest)

    engines.cluster.tell("DROP ROLE guest")


def test_a_server_that_takes_no_writes_is_told_of(address: str) -> None:
    database = open_database(address)
    name = name_of(address)
    engines.cluster.tell(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database.writer.dispose()

    with pytest.raises(ReadOnlyData, match="cannot be written"):
        add_one(database)

    database.close()


@ON_POSTGRESQL
def test_who_holds_the_log_for_too_long_is_told_of(db: Database) -> None:
    hasty = open_database(f"{db.url}&options=-c%20lock_timeout%3D50ms")

    with db.transaction(), pytest.raises(DatabaseLocked, match="try again"):
        add_one(hasty)

    add_one(hasty)
    hasty.close()


@ON_POSTGRESQL
def test_a_server_that_gives_too_little_time_is_no_server_that_goes_down(db: Database) -> None:
    hasty = open_database(f"{db.url}&options=-c%20statement_timeout%3D50ms")

    with closing(hasty), db.transaction(), pytest.raises(DataFolderFault, match="more time"):
        add_one(hasty)


def test_a_language_of_the_database_changes_no_order(address: str) -> None:
    name = name_of(address)
    engines.cluster.tell(f"DROP DATABASE {name}")
    engines.cluster.tell(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'"
        " LOCALE 'C.UTF-8'"
    )
    database = open_database(address)
    with database.transaction() as connection:
        for each in ("b", "B", "a", "_", "ä"):
            added = text("INSERT INTO pulse (name, at) VALUES (:name, 'now')")
            connection.execute(added, {"name": each})

    with database.reading() as connection:
        found = list(connection.execute(text("SELECT name FROM pulse ORDER BY name")).scalars())

    database.close()
    assert found == sorted(found)


@ON_POSTGRESQL
def test_writers_of_two_processes_append_to_one_chain(db: Database) -> None:
    def write() -> None:
        other = open_database(db.url)
        for each in range(10):
            with ledger(other) as writing:
                name = f"p{threading.get_ident()}x{each}"
                people.add_person(writing, Person(name, name, None, (RoleId.LEAD,)))
        other.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with db.reading() as connection:
        assert head(connection)[0] == 40
    assert verify(db).faults == ()


@ON_POSTGRESQL
def test_a_commit_is_noticed_and_a_reader_is_not(db: Database) -> None:
    changes = Changes(db)
    changes.new()

    with db.reading() as connection:
        connection.execute(text("SELECT 1"))
    assert not changes.new()

    add_one(db)
    assert changes.new()
    assert not changes.new()
    changes.close()


@ON_POSTGRESQL
def test_the_same_story_gives_the_same_rows_in_a_file_of_sqlite(
    db: Database, tmp_path: Path
) -> None:
    add_team(db)
    queue_record(db)
    add_study(db)
    hand_in(db, "ada")

    db.copy_to(tmp_path / "copy.sqlite")

    copy = open_database(sqlite_url(tmp_path / "copy.sqlite"))
    assert verify(copy) == verify(db)
    with copy.reading() as theirs, db.reading() as ours:
        for table in metadata.sorted_tables:
            rows = [set(map(tuple, each.execute(table.select()))) for each in (theirs, ours)]
            assert rows[0] == rows[1], table.name
    copy.close()


@ON_POSTGRESQL
def test_nothing_is_copied_over_a_review_and_no_password_is_told(db: Database) -> None:
    add_one(db)
    into = open_database(f"{db.url}&password=secret")

    with closing(into), pytest.raises(DataFolderFault, match="holds a review already") as raised:
        copy_rows(db, into)

    assert name_of(db.url) in str(raised.value)
    assert "secret" not in str(raised.value)
