"""From facts to the tables that answer queries.

Each projector takes one fact of the log and brings its tables up to date, from the fact alone:
replaying the log into an empty database gives the same rows, which is what `verify` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update

from extraction.model import Record
from state import tables as t
from state.codec import loaded
from state.facts import Fact, Stored
from state.projections import (
    elsewhere,
    extraction,
    hands,
    people,
    publication,
    screening,
    surveillance,
)
from state.projections.public import settle_statuses
from state.projections.rows import PROJECTORS
from state.standings import CHUNK

__all__ = ["PROJECTORS", "apply", "extraction", "hands", "people", "publication", "refill"]
__all__ += ["elsewhere", "screening", "surveillance"]


def apply(connection: Connection, event: Stored[Fact]) -> None:
    """Bring every table that this type of fact touches up to date."""
    PROJECTORS[type(event.fact)](connection, event)


def refill(connection: Connection) -> None:
    """Fill the columns that a migration has added, from the rows that are there."""
    for rows in _records(connection):
        words = [surveillance.words_of(loaded(Record, row.data)) for row in rows]
        worded = update(t.record).where(t.record.c.key == bindparam("record"))
        said = [{"record": r.key, "words": w} for r, w in zip(rows, words, strict=True)]
        connection.execute(worded, said)
    closed = update(t.candidate).where(t.candidate.c.closed == 1)
    connection.execute(closed.values(public_status=t.candidate.c.outcome))
    waiting = connection.execute(select(t.candidate.c.id).where(text(t.IS_OPEN))).scalars()
    settle_statuses(connection, waiting.all())


def _records(connection: Connection) -> Iterator[Sequence[Any]]:
    """Yield the records in parts that fit into memory."""
    query = select(t.record.c.key, t.record.c.data).order_by(t.record.c.key).limit(CHUNK)
    rows = connection.execute(query).all()
    while rows:
        yield rows
        rows = connection.execute(query.where(t.record.c.key > rows[-1].key)).all()
