"""Is everything as the log says? The chain, the guards, the payloads, and the tables replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from state import projections
from state import tables as t
from state.database import Database, file_faults, missing_guards
from state.engines.compiled import replays
from state.errors import Tampered, UnreadableLog
from state.events import GENESIS, HASHED, LOST, events, hash_of, head, stored_event
from state.facts import LogRestored
from state.projections.held import hold_rows
from state.records import unpacked

# A payload may be some megabytes, a row of a table a few thousand bytes.
PAYLOADS_AT_A_TIME, ROWS_AT_A_TIME = 10, 100
HELD_IN_A_REPLAY = 300  # rows; more of them only keep the garbage collector busy
CACHE_KIB = 64 * 1024

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked and what was wrong (nothing, where `faults` is empty)."""

    events: int
    head: str
    payloads: int
    rows: int
    faults: tuple[str, ...]


def verify(database: Database) -> Verified:
    """Check the whole state against the log; change nothing."""
    with database.reader.begin() as connection, _empty_database() as replayed:
        seq, digest = head(connection)
        chain_faults, unreadable = _replay_checked(connection, replayed)
        payloads, payload_faults = _payload_faults(connection)
        faults = [
            *file_faults(connection),
            *chain_faults,
            *_guard_faults(connection),
            *payload_faults,
            *unreadable,
        ]
        if chain_faults or unreadable:
            return Verified(seq, digest, payloads, 0, tuple(faults))
        compared = [_compared(table, connection, replayed) for table in t.PROJECTIONS]
        rows = sum(rows for rows, _ in compared)
        return Verified(
            seq, digest, payloads, rows, (*faults, *chain.from_iterable(f for _, f in compared))
        )


def _replay_checked(log: Connection, into: Connection) -> tuple[list[str], list[str]]:
    """Replay a log as far as its chain holds; return what is wrong with it, and what is unreadable.

    A broken chain is not replayed: what it says is not what was said.
    """
    expected_seq, prev = 1, GENESIS
    faults: list[str] = []
    unreadable: list[str] = []
    lost: set[int] = set()
    with hold_rows(into, at_most=HELD_IN_A_REPLAY):
        for row in _streamed(log, select(t.event).order_by(t.event.c.seq)):
            faults += _chain_faults(row, expected_seq, prev)
            expected_seq, prev = row.seq + 1, row.hash
            if row.payload == LOST:
                lost.add(row.seq)
                continue
            if faults or unreadable:
                continue
            try:
                event = stored_event(row)
                projections.apply(into, event)
            except UnreadableLog as fault:
                unreadable.append(str(fault))
                continue
            if isinstance(event.fact, LogRestored):
                lost -= set(event.fact.lost)
    faults += [f"event {seq}: its content is gone" for seq in sorted(lost)]
    return faults, unreadable


def _chain_faults(event: Any, expected_seq: int, prev: str) -> Iterator[str]:
    if event.seq != expected_seq or event.prev_hash != prev:
        yield f"event {event.seq}: does not follow event {expected_seq - 1}"
    if event.payload != LOST and hash_of(event[: len(HASHED)]) != event.hash:
        yield f"event {event.seq}: its content was changed after it was written"


def _guard_faults(connection: Connection) -> Iterator[str]:
    for guard in missing_guards(connection):
        yield f"the guard {guard} that keeps the log append-only is missing"


def _payload_faults(connection: Connection) -> tuple[int, list[str]]:
    """Return how many payloads were unpacked and hashed, and what is wrong with them."""
    checked, faults = 0, []
    kept = select(t.payload.c.sha256, t.payload.c.body)
    for row in _streamed(connection, kept, at_a_time=PAYLOADS_AT_A_TIME):
        checked += 1
        try:
            unpacked(row.sha256, row.body)
        except Tampered as fault:
            faults.append(str(fault))
    column = t.record.c
    lost = select(column.key, column.payload_sha256)
    lost = lost.where(column.payload_sha256.not_in(select(t.payload.c.sha256)))
    for row in connection.execute(lost.order_by(column.key)):
        faults.append(f"record {row.key}: its payload {row.payload_sha256} is missing")
    return checked, faults


@contextmanager
def _empty_database() -> Iterator[Connection]:
    """Open a database that nobody else sees; SQLite keeps what outgrows its memory in a file."""
    with replays().connect() as connection:
        for pragma in ("journal_mode=OFF", f"cache_size=-{CACHE_KIB}"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        for statement in _schema():
            connection.exec_driver_sql(statement)
        yield connection


@cache
def _schema() -> tuple[str, ...]:
    """Return what makes every table that is derived from the log, in SQLite's words."""
    makes: list[DDLElement] = [CreateTable(each) for each in t.PROJECTIONS]
    makes += [CreateIndex(each) for each in t.SOUGHT_BY_PROJECTORS]
    return tuple(str(each.compile(dialect=sqlite.dialect())) for each in makes)


def replay(log: Connection, into: Connection) -> None:
    """Derive every table anew from a log, in an empty database."""
    t.metadata.create_all(into)
    with hold_rows(into, at_most=HELD_IN_A_REPLAY):
        for event in events(log):
            projections.apply(into, event)


def _compared(table: Table, stored: Connection, expected: Connection) -> tuple[int, list[str]]:
    """Return the number of a table's rows, and each row in which it is not as expected.

    Both are read side by side: what is held is only what one of them has and the other has not yet.
    """
    places = [place for place, each in enumerate(table.c) if each.primary_key]
    only_stored: dict[Row, Row] = {}
    only_expected: dict[Row, Row] = {}
    rows = 0
    for ours, theirs in zip_longest(_rows(table, stored), _rows(table, expected)):
        rows += ours is not None
        if ours != theirs:
            _match(ours, places, only_stored, only_expected)
            _match(theirs, places, only_expected, only_stored)
    return rows, _differences(table, only_stored, only_expected)


def _rows(table: Table, connection: Connection) -> Iterator[Row]:
    return map(tuple, _streamed(connection, _all_of(table)))


@cache
def _all_of(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key)


def _match(
    row: Row | None, places: Sequence[int], mine: dict[Row, Row], others: dict[Row, Row]
) -> None:
    """Strike out what the other side has read; keep what it has not."""
    if row is None:
        return
    key = tuple(row[place] for place in places)
    if others.get(key) == row:
        del others[key]
    else:
        mine[key] = row


def _streamed(
    connection: Connection, query: Select[Any], *, at_a_time: int = ROWS_AT_A_TIME
) -> Iterator[Any]:
    """Yield the rows of a query without ever holding all."""
    found = connection.execute(query.execution_options(yield_per=at_a_time))
    return chain.from_iterable(found.partitions())


def _differences(table: Table, stored: dict[Row, Row], expected: dict[Row, Row]) -> list[str]:
    faults = []
    for key in sorted(stored.keys() | expected.keys(), key=str):
        name = f"{table.name} {'/'.join(map(str, key))}"
        if key not in stored:
            faults.append(f"{name}: is in the log but not in the table")
        elif key not in expected:
            faults.append(f"{name}: is in the table but not in the log")
        elif stored[key] != expected[key]:
            faults.append(f"{name}: differs from what the log says")
    return faults
