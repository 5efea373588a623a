"""A database that cannot be used is told of in a sentence with the way out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from state import people, records
from state.data_folder import make_database_file
from state.database import Database, open_database, sqlite_url
from state.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DataFolderFault,
    DiskFull,
    LogMissing,
    ReadOnlyData,
)
from state.events import head
from state.facts.words import RoleId
from state.files import KEY_FILE
from state.people import Person
from state.tables import payload
from state.verify import verify
from tests.engines import ON_SQLITE
from tests.state.helpers import add_study, add_team, drop_guards, ledger, queue_record

CUTS = 40


@pytest.fixture
def kept(db: Database, tmp_path: Path) -> Path:
    """The closed file of a database that holds a small world."""
    add_team(db)
    queue_record(db)
    add_study(db)
    db.close()
    return tmp_path / "review.sqlite"


def add_people(database: Database, number: int) -> None:
    with ledger(database) as writing:
        for each in range(number):
            people.add_person(writing, Person(f"p{each}", f"P {each}" * 200, None, (RoleId.LEAD,)))


@ON_SQLITE
def test_a_file_cut_at_any_page_is_refused_in_words(kept: Path, tmp_path: Path) -> None:
    whole = kept.read_bytes()
    page = int.from_bytes(whole[16:18], "big")
    pages = len(whole) // page
    assert pages > CUTS
    cut = tmp_path / "cut.sqlite"

    for place in range(CUTS):
        cut.write_bytes(whole[: page * (1 + place * (pages - 1) // CUTS)])
        with pytest.raises(DatabaseDamaged, match="restore a backup"):
            open_database(sqlite_url(cut))


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    file.write_text("a letter to a friend, of more than a hundred bytes " * 20)

    with pytest.raises(DatabaseDamaged, match="not a database"):
        open_database(sqlite_url(file))


@ON_SQLITE
def test_a_full_disk_stores_nothing_and_loses_nothing(kept: Path) -> None:
    for room in range(50):
        database = open_database(sqlite_url(kept))
        with database.reading() as connection:
            before = head(connection)
        database.writer.dispose()
        pages = kept.stat().st_size // 4096

        @event.listens_for(database.writer, "connect")
        def a_small_disk(dbapi: sqlite3.Connection, _: object, most: int = pages + room) -> None:
            dbapi.execute(f"PRAGMA max_page_count={most}").close()

        with pytest.raises(DiskFull, match="make room"):
            add_people(database, 200)
        with database.reading() as connection:
            assert head(connection) == before
        database.close()

    database = open_database(sqlite_url(kept))
    assert verify(database).faults == ()
    database.close()


@ON_SQLITE
def test_a_database_that_another_holds_is_waited_for_and_then_told_of(kept: Path) -> None:
    other = sqlite3.connect(kept, isolation_level=None)
    database = open_database(f"{sqlite_url(kept)}?timeout=0.05")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseLocked, match="try again"):
        add_people(database, 1)

    other.close()
    add_people(database, 1)
    database.close()


@ON_SQLITE
def test_a_file_that_may_not_be_written_is_told_of(kept: Path) -> None:
    with sqlite3.connect(kept) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    database = open_database(f"sqlite:///file:{kept}?mode=ro&uri=true")

    with pytest.raises(ReadOnlyData, match="cannot be written"):
        add_people(database, 1)
    database.close()


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(DataFolderFault, match="unable to open"):
        open_database(sqlite_url(tmp_path / "nowhere" / "review.sqlite"))


@ON_SQLITE
def test_damage_that_no_query_meets_is_found_by_verify(kept: Path) -> None:
    with sqlite3.connect(kept) as plain:
        plain.execute("PRAGMA writable_schema=ON")
        plain.execute(
            "UPDATE sqlite_master SET rootpage ="
            " (SELECT rootpage FROM sqlite_master WHERE name = 'signal') WHERE name = 'amendment'"
        )
    plain.close()
    database = open_database(sqlite_url(kept))

    faults = verify(database).faults

    database.close()
    assert any("the database file is damaged" in each for each in faults)


def test_a_payload_that_cannot_be_unpacked_is_a_fault_that_names_it(db: Database) -> None:
    with db.transaction() as connection:
        digest = records.keep_payload(connection, b"an answer", "text/plain")
        drop_guards(connection)
        connection.execute(payload.update().values(body=b"\0"))

    faults = verify(db).faults

    assert any(f"the payload {digest} cannot be unpacked" in each for each in faults)


def test_what_a_failing_statement_was_given_is_in_no_message(db: Database) -> None:
    with pytest.raises(IntegrityError) as raised, db.transaction() as connection:
        connection.execute(
            text("INSERT INTO payload (sha256, media_type) VALUES ('x', :said)"),
            {"said": "a sealed verdict"},
        )

    assert "a sealed verdict" not in str(raised.value)


@pytest.mark.parametrize("left", [KEY_FILE, "versions/3.0", "mailbox/a.eml"])
@pytest.mark.parametrize("empty", [True, False])
def test_a_log_that_is_gone_is_not_begun_anew(tmp_path: Path, left: str, empty: bool) -> None:
    (tmp_path / left).mkdir(parents=True) if "3.0" in left else None
    if not (tmp_path / left).exists():
        (tmp_path / left).parent.mkdir(exist_ok=True)
        (tmp_path / left).write_text("there")
    file = tmp_path / "review.sqlite"
    if empty:
        file.touch()

    with pytest.raises(LogMissing, match="restore a backup"):
        make_database_file(tmp_path, sqlite_url(file))

    assert file.exists() is empty


def test_a_write_ahead_log_without_its_database_is_not_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "review.sqlite-wal").write_text("what was committed last")

    with pytest.raises(LogMissing, match="review.sqlite-wal"):
        make_database_file(tmp_path, sqlite_url(tmp_path / "review.sqlite"))


def test_a_copy_that_finds_no_room_is_told_of(db: Database, tmp_path: Path) -> None:
    with pytest.raises(DataFolderFault, match="unable to open"):
        db.copy_to(tmp_path / "nowhere" / "copy.sqlite")
