"""Is everything as the log says? The chain, the guards, the payloads, and the tables replayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, create_engine, select

from state import projections
from state import tables as t
from state.database import Database, file_faults, missing_guards
from state.errors import Tampered, UnreadableLog
from state.events import GENESIS, chain_hash, events, head
from state.records import payload, payload_hashes


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
    with database.reading() as connection:
        seq, digest = head(connection)
        hashes = payload_hashes(connection)
        chain_faults = tuple(_chain_faults(connection))
        faults = [
            *file_faults(connection),
            *chain_faults,
            *_guard_faults(connection),
            *_payload_faults(connection, hashes),
        ]
        # A broken chain is not replayed: what it says is not what was said.
        rows, projection_faults = (0, []) if chain_faults else _projection_faults(connection)
        return Verified(seq, digest, len(hashes), rows, (*faults, *projection_faults))


def _chain_faults(connection: Connection) -> Iterator[str]:
    expected_seq, prev = 1, GENESIS
    for event in connection.execute(select(t.event).order_by(t.event.c.seq)):
        digest = chain_hash(event._asdict())
        if event.seq != expected_seq or event.prev_hash != prev:
            yield f"event {event.seq}: does not follow event {expected_seq - 1}"
        if digest != event.hash:
            yield f"event {event.seq}: its content was changed after it was written"
        expected_seq, prev = event.seq + 1, event.hash


def _guard_faults(connection: Connection) -> Iterator[str]:
    for guard in missing_guards(connection):
        yield f"the guard {guard} that keeps the log append-only is missing"


def _payload_faults(connection: Connection, hashes: tuple[str, ...]) -> Iterator[str]:
    for digest in hashes:
        try:
            payload(connection, digest)
        except Tampered as fault:
            yield str(fault)
    kept = set(hashes)
    for row in connection.execute(select(t.record.c.key, t.record.c.payload_sha256)):
        if row.payload_sha256 not in kept:
            yield f"record {row.key}: its payload {row.payload_sha256} is missing"


def _projection_faults(connection: Connection) -> tuple[int, list[str]]:
    """Replay the log into an empty database and compare every projection row by row."""
    engine = create_engine("sqlite://")
    rows, faults = 0, []
    with engine.begin() as replayed:
        try:
            replay(connection, replayed)
        except UnreadableLog as fault:
            return 0, [str(fault)]
        for table in t.PROJECTIONS:
            stored, expected = _rows(connection, table), _rows(replayed, table)
            rows += len(stored)
            faults += _differences(table, stored, expected)
    engine.dispose()
    return rows, faults


def replay(log: Connection, into: Connection) -> None:
    """Derive every table anew from a log, in an empty database."""
    t.metadata.create_all(into)
    for event in events(log):
        projections.apply(into, event)


def _rows(connection: Connection, table: Table) -> dict[tuple[object, ...], tuple[object, ...]]:
    keys = [column.name for column in table.primary_key]
    return {
        tuple(getattr(row, key) for key in keys): tuple(row)
        for row in connection.execute(select(table))
    }


def _differences(
    table: Table,
    stored: dict[tuple[object, ...], tuple[object, ...]],
    expected: dict[tuple[object, ...], tuple[object, ...]],
) -> list[str]:
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
