"""Databases, transactions and the guards that keep the log append-only.

What the engines have of their own (locks, guards, faults in words) is in state/engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.engine import make_url

from state.engines.engine import EngineModule, engine_of
from state.engines.sqlite import copy_file
from state.errors import DataFolderFault, StateError
from state.events import check_log, head
from state.tables import metadata

APPEND_ONLY = ("event", "payload")
# Migrations whose log holds facts without a version.
BEFORE_VERSIONS = ("0001", "0002")
COPIED_AT_ONCE = 1000  # rows: a few megabytes at most


@dataclass(frozen=True, slots=True)
class Database:
    """One database, opened for writing and for reading."""

    url: str
    writer: Engine
    reader: Engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock; commit at the end, roll back on an error."""
        with self.writer.begin() as connection:
            engine_of(self.writer.url).lock(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state and cannot write."""
        with self.reader.begin() as connection:
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
    parts = make_url(url)
    make_engine = engine_of(parts).make_engine
    writer, reader = (make_engine(parts, read_only=each) for each in (False, True))
    database = Database(url, writer, reader)
    try:
        _migrate(database)
        with database.reading() as connection:
            check_log(connection)
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
            place = to.writer.url.render_as_string()
            raise DataFolderFault(f"{place} holds a review already: nothing is written over it")
        streamed = connection.execution_options(yield_per=COPIED_AT_ONCE)
        for table in metadata.sorted_tables:
            for rows in streamed.execute(select(table)).mappings().partitions():
                into.execute(insert(table), [dict(row) for row in rows])


def _migrate(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with database.reading() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return
    with database.transaction() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        _check_known(config, revision)
        _check_versioned(connection, revision)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        finish_schema(connection)


def _check_known(config: Config, revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise DataFolderFault(
            f"the database is at version '{revision}', which this program does not know:"
            " it was used with a newer one; update the program"
        )


def _check_versioned(connection: Connection, revision: str | None) -> None:
    if revision in BEFORE_VERSIONS and connection.execute(text("SELECT 1 FROM event")).first():
        raise DataFolderFault(
            "this data folder was written by the development state 0.1.0, before facts had"
            " versions, and cannot be opened: export it with that program, and begin a new one"
            " with --data"
        )


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
