"""The floors on PostgreSQL: psycopg alone, with the rows of a review that was kept there."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from state import tables as t
from state.codec import canonical
from state.events import HASHED
from tests.benchmarks.floors import Floor, texts_alone
from tests.benchmarks.spent import spent_s
from tests.engines import engines

Rows = list[tuple[Any, ...]]
Write = Callable[[psycopg.Cursor[Any], str, Rows], None]


def floor(address: str) -> Floor:
    """Return what psycopg alone takes to write every row of a review, and its texts."""
    with psycopg.connect(_plain(address)) as held:
        rows = {each.name: _all(held, each.name) for each in t.metadata.sorted_tables}
        log = held.execute(
            sql.SQL("SELECT {} FROM event ORDER BY seq").format(
                sql.SQL(", ").join(map(sql.Identifier, HASHED))
            )
        ).fetchall()
    bodies = [zlib.decompress(body) for body in _column(rows["payload"], "body")]
    return Floor(_written(rows, _many), texts_alone(log, bodies), _written(rows, _copied))


def read_and_hash(address: str, tables: Sequence[str]) -> None:
    """Read every row of tables, and hash each."""
    with psycopg.connect(_plain(address)) as held, held.transaction():
        for (body,) in _streamed(held, "payload", "body"):
            hashlib.sha256(zlib.decompress(body)).hexdigest()
        for table in tables:
            for row in _streamed(held, table, "*"):
                hashlib.sha256(canonical(row).encode()).hexdigest()


def _streamed(held: psycopg.Connection[Any], table: str, what: str) -> Iterator[tuple[Any, ...]]:
    named = sql.SQL("*") if what == "*" else sql.Identifier(what)
    with held.cursor(name="streamed") as cursor:
        cursor.itersize = 1_000
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(named, sql.Identifier(table)))
        yield from cursor


def _written(rows: dict[str, Rows], write: Write) -> float:
    with _empty() as address, psycopg.connect(address) as connection:
        begun = spent_s()
        with connection.transaction(), connection.cursor() as cursor:
            for table, held in rows.items():
                if held:
                    write(cursor, table, held)
        return spent_s() - begun


def _many(cursor: psycopg.Cursor[Any], table: str, rows: Rows) -> None:
    places = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
    query = sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), places)
    cursor.executemany(query, rows)


def _copied(cursor: psycopg.Cursor[Any], table: str, rows: Rows) -> None:
    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _empty() -> Iterator[str]:
    address = engines.cluster.migrated()
    yield _plain(address)
    engines.cluster.drop(address)


def _all(held: psycopg.Connection[Any], table: str) -> Rows:
    return held.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()


def _column(rows: Rows, name: str) -> list[bytes]:
    place = list(t.payload.c.keys()).index(name)
    return [row[place] for row in rows]


def _plain(address: str) -> str:
    return address.replace("postgresql+psycopg://", "postgresql://")
