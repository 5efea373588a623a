"""Databases, transactions and the guards that keep the log append-only.

What the engines have of their own (locks, guards, faults in words) is in state/engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.engine import make_url

from state import projections
from state.engines.engine import EngineModule, engine_of
from state.engines.sqlite import copy_file
from state.errors import DataFolderFault, StateError
from state.events import check_appended, check_log, head
from state.late import late
from state.readings import one_reading
from state.tables import metadata

APPEND_ONLY = ("event", "payload")
# Where the newest migration leads: a database that is there already is opened without alembic.
REVISION = "0020"
COPIED_AT_ONCE = 1000  # rows: a few megabytes at most


@dataclass(slots=True)
class ReadSoFar:
    """How far a process knows the log to be readable: others may write what only they can read."""

    newest: int | None = None  # None until the database is opened

    def look(self, connection: Connection) -> None:
        """Look at what was appended since; raise an UnreadableLog where it cannot be read."""
        if self.newest is not None:
            self.newest = check_appended(connection, self.newest)


@dataclass(frozen=True, slots=True)
class Database:
    """One database, opened for writing and for reading."""

    url: str
    writer: Engine
    reader: Engine
    read_so_far: ReadSoFar = field(default_factory=ReadSoFar, compare=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock; commit at the end, roll back on an error.

        Raises an UnreadableLog where somebody has appended what this program cannot read.
        """
        with self.writer.begin() as connection:
            engine_of(self.writer.url).lock(connection)
            self.read_so_far.look(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state and cannot write.

        Raises an UnreadableLog where somebody has appended what this program cannot read.
        """
        with self.reader.begin() as connection, one_reading(connection):
            self.read_so_far.look(connection)
            yield connection

    def copy_to(self, file: Path) -> None:
        """Write one consistent copy, a file of SQLite, while the database is used."""
        if self.writer.dialect.name == "sqlite":
            with self.writer.connect() as connection:
                copy_file(connection, file)
        else:
            with closing(open_database(sqlite_url(file))) as copy:
                copy_rows(self, copy)

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str) -> Database:
    """Open (and where needed create or migrate) the database at url.

    Raises DataFolderFault or UnreadableLog where a newer or a much older program wrote it.
    """
    return _opened(url, _migrate)


def open_to_look(url: str) -> Database:
    """Open the database at url as it stands: nothing in it is created, migrated or written.

    Raises DataFolderFault where there is none, or where another program's tables are.
    """
    return _opened(url, _check_tables)


def _opened(url: str, prepare: Callable[[Database], None]) -> Database:
    parts = make_url(url)
    make_engine = engine_of(parts).make_engine
    writer, reader = (make_engine(parts, read_only=each) for each in (False, True))
    database = Database(url, writer, reader)
    try:
        prepare(database)
        with database.reading() as connection:
            database.read_so_far.newest = check_log(connection)
    except StateError:
        database.close()
        raise
    return database


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file."""
    return f"sqlite:///{file}"


def copy_rows(database: Database, to: Database) -> None:
    """Copy every row that one consistent reading sees into a database of any engine.

    Raises DataFolderFault where anything happened in it already.
    """
    with database.reading() as connection, to.transaction() as into:
        if head(into)[0]:
            place = engine_of(to.writer.url).place_of(to.writer.url)
            raise DataFolderFault(f"{place} holds a review already: nothing is written over it")
        streamed = connection.execution_options(yield_per=COPIED_AT_ONCE)
        for table in metadata.sorted_tables:
            for rows in streamed.execute(select(table)).mappings().partitions():
                into.execute(insert(table), [dict(row) for row in rows])


def _migrate(database: Database) -> None:
    with database.reading() as connection:
        if _revision(connection) == REVISION:
            return
    with database.transaction() as connection:
        late("state.migrating:bring_up_to_date")(connection)
        finish_schema(connection)
        projections.refill(connection)


def _check_tables(database: Database) -> None:
    with database.reading() as connection:
        found = _revision(connection)
    if found != REVISION:
        place = engine_of(database.reader.url).place_of(database.reader.url)
        raise DataFolderFault(
            f"{place}: found tables at version '{found}', expected '{REVISION}': a command brings"
            " older ones up to date, and newer ones need a newer program"
        )


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables, None where there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def finish_schema(connection: Connection) -> None:
    """Do after every migration what migrations cannot say for all engines: above all, make the
    database itself refuse to change the log (a rebuild on SQLite drops triggers without a word)."""
    _engine(connection).finish_schema(connection, APPEND_ONLY)


def missing_guards(connection: Connection) -> tuple[str, ...]:
    """Name the append-only guards that are not there (for `verify`)."""
    engine = _engine(connection)
    expected = {f"{table}_no_{what}" for table in APPEND_ONLY for what in engine.GUARDED}
    return tuple(sorted(expected - engine.guards(connection)))


def file_faults(connection: Connection) -> list[str]:
    """Name what the engine finds damaged in its own files (for `verify`)."""
    return _engine(connection).file_faults(connection)


def _engine(connection: Connection) -> EngineModule:
    return engine_of(connection.engine.url)
