"""SQLite: one file beside the versions, for one machine, with nothing to set up.

Writers take the write lock at once (BEGIN IMMEDIATE) and are durable when they return
(WAL with synchronous=FULL). Readers use an engine of their own that cannot write.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from state.engines.compiled import COMPILED_ONCE
from state.errors import DatabaseDamaged, DatabaseLocked, DataFolderFault, DiskFull, ReadOnlyData

# How long one writer waits for another; "?timeout=SECONDS" in the address says otherwise.
PATIENCE_S = 30.0
GUARDS = (
    "CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table}"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
GUARDED = ("update", "delete")
CHANGES = "PRAGMA data_version"  # the number of commits by other connections


def make_engine(url: URL, *, read_only: bool) -> Engine:
    """Return the engine of a file, one that writes or one that cannot."""
    patience = {} if "timeout" in url.query else {"timeout": PATIENCE_S}
    engine = create_engine(
        url, hide_parameters=True, connect_args=patience, execution_options=COMPILED_ONCE
    )
    _prepare(engine, read_only=read_only)
    _say_in_words(engine, place_of(url), read_only=read_only)
    return engine


def place_of(url: URL) -> str:
    """Name a database for people."""
    return url.database or "the database"


def lock(_connection: Connection) -> None:
    """Nothing: a write transaction holds the lock of the file from its BEGIN IMMEDIATE on."""


def finish_schema(connection: Connection, append_only: tuple[str, ...]) -> None:
    """Make the database itself refuse to change the log."""
    for table in append_only:
        for guard in GUARDS:
            connection.exec_driver_sql(guard.format(table=table))


def guards(connection: Connection) -> set[str]:
    """Return the names of the triggers that are there."""
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return set(connection.execute(query).scalars())


def copy_file(connection: Connection, file: Path) -> None:
    """Write the database as one consistent file while it is used."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise DataFolderFault("the database is closed")
    try:
        driver.execute("VACUUM INTO ?", (str(file),))
    except sqlite3.Error as error:
        fault = _fault(error.sqlite_errorcode, str(error), str(file))
        raise fault or DataFolderFault(f"{file}: {error}") from error


def file_faults(connection: Connection) -> list[str]:
    """Have SQLite look at its own file: damage in a free page or an index shows nowhere else."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
    return [f"the database file is damaged: {said}" for said in found if said != "ok"]


def _prepare(engine: Engine, *, read_only: bool) -> None:
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
