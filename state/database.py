"""Engines, transactions and the guards that keep the log append-only.

Writers take the write lock at once (BEGIN IMMEDIATE) and are durable when they return
(WAL with synchronous=FULL). Readers use an engine of their own that cannot write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from state import projections
from state.data_folder import database_file
from state.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DataFolderFault,
    DiskFull,
    ReadOnlyData,
    StateError,
)
from state.events import check_log
from state.late import late

# How long one writer waits for another; "?timeout=SECONDS" in the address says otherwise.
PATIENCE_S = 30.0
APPEND_ONLY = ("event", "payload")
# Where the newest migration leads: a database that is there already is opened without alembic.
REVISION = "0006"
# One arbitrary number, the same in every process: appends to the chain are serialised by it.
CHAIN_LOCK = 4_429_004

_SQLITE_GUARDS = (
    "CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table}"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
_POSTGRES_GUARDS = (
    "CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
    "CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
)


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
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state and cannot write."""
        with self.reader.begin() as connection:
            yield connection

    def copy_to(self, file: Path) -> None:
        """Write a SQLite database as one consistent file while it is used."""
        with self.writer.connect() as connection:
            driver = connection.connection.driver_connection
            if driver is None:
                raise DataFolderFault("the database is closed")
            try:
                driver.execute("VACUUM INTO ?", (str(file),))
            except sqlite3.Error as error:
                fault = _fault(error.sqlite_errorcode, str(error), str(file))
                raise fault or DataFolderFault(f"{file}: {error}") from error

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str) -> Database:
    """Open (and where needed create or migrate) the database at url.

    Raises DataFolderFault or UnreadableLog where a newer or a much older program wrote it.
    """
    database = Database(url, _engine(url, read_only=False), _engine(url, read_only=True))
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


def _engine(url: str, *, read_only: bool) -> Engine:
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True)
    patience = {} if "timeout" in parts.query else {"timeout": PATIENCE_S}
    engine = create_engine(url, hide_parameters=True, connect_args=patience)
    _prepare_sqlite(engine, read_only=read_only)
    file = database_file(url) or Path(parts.database or "the database")
    _say_in_words(engine, str(file), read_only=read_only)
    return engine


def _say_in_words(engine: Engine, file: str, *, read_only: bool) -> None:
    """Have what SQLite says of its file raised as what a person can do about it."""

    @event.listens_for(engine, "handle_error", retval=True)
    def in_words(context: ExceptionContext) -> BaseException | None:
        error = context.original_exception
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if read_only and code == sqlite3.SQLITE_READONLY:
            return None  # our own statement: readers write nothing
        return _fault(code, str(error), file)


def _fault(code: int, found: str, file: str) -> DataFolderFault | None:
    """Return the fault that a code of SQLite means, None where a statement of ours is wrong."""
    match code & 0xFF:  # the rest of an extended code says where in SQLite it was noticed
        case sqlite3.SQLITE_FULL:
            return DiskFull(file)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLocked(file)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return ReadOnlyData(file)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseDamaged(file, found)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR:
            return DataFolderFault(
                f"{file}: {found}; look whether its disk is there, has room, and lets this"
                " program read and write"
            )
    return None


def _prepare_sqlite(engine: Engine, *, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def configure(dbapi: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE slips past guards
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _migrate(database: Database) -> None:
    with database.reading() as connection:
        if _revision(connection) == REVISION:
            return
    with database.transaction() as connection:
        late("state.migrating:bring_up_to_date")(connection)
        install_guards(connection)
        projections.refill(connection)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables, None where there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def install_guards(connection: Connection) -> None:
    """Make the database itself refuse to change the log (after every migration: a rebuild on
    SQLite drops triggers without a word)."""
    guards = _SQLITE_GUARDS if connection.dialect.name == "sqlite" else _POSTGRES_GUARDS
    for table in APPEND_ONLY:
        for guard in guards:
            connection.exec_driver_sql(guard.format(table=table))


def missing_guards(connection: Connection) -> tuple[str, ...]:
    """Name the append-only guards that are not there (for `verify`)."""
    if connection.dialect.name == "sqlite":
        query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        expected = {f"{t}_no_{what}" for t in APPEND_ONLY for what in ("update", "delete")}
    else:
        query = text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        expected = {f"{t}_no_{what}" for t in APPEND_ONLY for what in ("change", "truncate")}
    return tuple(sorted(expected - set(connection.execute(query).scalars())))
