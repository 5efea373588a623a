"""PostgreSQL: a server's database, for a department and for workers on several machines.

Appends to the log are serialised by an advisory lock of the schema, so that two reviews in two
schemas or databases never wait for each other. Readers see one consistent state (REPEATABLE READ)
and cannot write. Text is compared byte by byte, as SQLite does, whatever the database's language.
"""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import ConnectionPoolEntry

from state.engines.compiled import COMPILED_ONCE
from state.errors import (
    BadInput,
    DatabaseDamaged,
    DatabaseLocked,
    DataFolderFault,
    DiskFull,
    ReadOnlyData,
    StateError,
)

# How long one writer waits for another, as on SQLite; a lock_timeout of the server's counts more.
PATIENCE_S = 30
# One arbitrary number, the same in every process; the second half of the key is the schema's.
CHAIN_LOCK = 4_429_004

GUARDS = (
    "CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
    "CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
)
GUARDED = ("change", "truncate")
# Which writers have ended: their end alone moves it, never that somebody reads.
CHANGES = "SELECT pg_current_snapshot()::text"
BY_BYTES = 'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "C"'

# Those that can keep every text; SQL_ASCII keeps the bytes it is given.
ENCODINGS = ("UTF8", "SQL_ASCII")
READ_ONLY = "25006"  # of a reader: our own statement, for readers write nothing
DAMAGED = frozenset({"XX001", "XX002"})
# Codes that each mean one fault of ours.
MEANT: dict[str, type[DataFolderFault]] = {
    READ_ONLY: ReadOnlyData,
    "53100": DiskFull,
    "55P03": DatabaseLocked,
}
UNREACHED = (
    "look whether the server runs, LIVINGREVIEW_DATABASE_URL names it with its user, and the"
    " database is there (createdb NAME)"
)
# What a person can do about a class of errors (the first signs of SQLSTATE), where they can.
ADVICE = {
    "08": UNREACHED,
    "25P03": "give this user more time (idle_in_transaction_session_timeout)",
    "3F": "make the schema that the address names (CREATE SCHEMA NAME)",
    "42501": "let this user create and write tables in it",
    "53": "the server has too little of something: make room",
    "57014": "give this user more time (statement_timeout)",
    "57P": "the server is going down or starting; try again",
    "58": "look at the server's log",
}


def make_engine(url: URL, *, read_only: bool) -> Engine:
    """Return the engine of a database, one that writes or one that cannot."""
    options: dict[str, object] = {"isolation_level": "READ COMMITTED"}
    if read_only:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,  # a server that was restarted is no failure of ours
        connect_args={"client_encoding": "utf8"},
        execution_options=options | COMPILED_ONCE,
    )
    _prepare(engine, place_of(url))
    _say_in_words(engine, place_of(url), read_only=read_only)
    return engine


def place_of(url: URL) -> str:
    """Name a database for people: never with its password."""
    return f"the PostgreSQL database '{url.database}' at {url.host or url.query.get('host', '')}"


def lock(connection: Connection) -> None:
    """Wait until this transaction alone may append to the log of its schema."""
    held = "SELECT pg_advisory_xact_lock(:key, hashtext(current_schema()))"
    connection.execute(text(held), {"key": CHAIN_LOCK})


def finish_schema(connection: Connection, append_only: tuple[str, ...]) -> None:
    """Compare text by its bytes, and make the database itself refuse to change the log."""
    query = text(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type = 'text'"
        " AND collation_name IS DISTINCT FROM 'C'"
    )
    for table, column in connection.execute(query).all():
        connection.exec_driver_sql(BY_BYTES.format(table=table, column=column))
    for table in append_only:
        for guard in GUARDS:
            connection.exec_driver_sql(guard.format(table=table))


def guards(connection: Connection) -> set[str]:
    """Return the names of the triggers that are there and fire."""
    query = text(
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgenabled <> 'D'"
        " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    )
    return set(connection.execute(query).scalars())


def file_faults(_connection: Connection) -> list[str]:
    """Return nothing: the server looks after its files, and says so where it reads them."""
    return []


def _prepare(engine: Engine, place: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(dbapi: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        _check_encoding(entry, place)
        cursor = dbapi.cursor()
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false)"
            " WHERE current_setting('lock_timeout') = '0'",
            (f"{PATIENCE_S}s",),
        )
        cursor.close()
        dbapi.commit()


def _check_encoding(entry: ConnectionPoolEntry, place: str) -> None:
    driver = entry.driver_connection
    found = driver.info.parameter_status("server_encoding") if driver is not None else None
    if found not in ENCODINGS:
        raise DataFolderFault(
            f"{place}: found the encoding {found}, which lacks signs, expected UTF8"
            " (createdb --encoding=UTF8 --template=template0 NAME)"
        )


def _say_in_words(engine: Engine, place: str, *, read_only: bool) -> None:
    """Have what the server says raised as what a person can do about it."""

    @event.listens_for(engine, "handle_error", retval=True)
    def in_words(context: ExceptionContext) -> BaseException | None:
        error = context.original_exception
        if not isinstance(error, psycopg.Error) or context.is_pre_ping:
            return None  # of a lost connection the pool makes a new one
        if context.connection is None:
            return _unreached(error, place)
        fault = None if read_only and error.sqlstate == READ_ONLY else _fault(error, place)
        _forget_the_row(error, context.sqlalchemy_exception)
        return fault


def _forget_the_row(error: psycopg.Error, wrapped: StatementError | None) -> None:
    """Keep what the server found wrong without the row, in which a sealed verdict may stand."""
    said, kept = str(error), error.diag.message_primary
    if kept is not None:
        error.args = (kept,)
        if wrapped is not None:
            wrapped.args = (str(wrapped.args[0]).replace(said, kept),)


def _fault(error: psycopg.Error, place: str) -> StateError | None:
    """Return the fault that an error of the server means, None where a statement of ours is wrong.

    The codes are SQLSTATE's; what comes without one never reached the server.
    """
    code, found = error.sqlstate or "", _in_a_line(error)
    if not code and isinstance(error, psycopg.DataError):
        return BadInput("a text holds the sign NUL, which no text may")
    if not code and isinstance(error, psycopg.OperationalError):
        return _unreached(error, place)
    if code in MEANT:
        return MEANT[code](place)
    if code in DAMAGED:
        return DatabaseDamaged(place, found)
    advice = next((said for begins, said in ADVICE.items() if code.startswith(begins)), None)
    return DataFolderFault(f"{place}: {found}; {advice}") if advice else None


def _unreached(error: psycopg.Error, place: str) -> DataFolderFault:
    return DataFolderFault(f"{place}: {_in_a_line(error)}; {UNREACHED}")


def _in_a_line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
