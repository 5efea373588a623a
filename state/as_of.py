"""The review as it was: the tables derived anew from the log up to one of its events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, insert, select

from state import projections
from state import tables as t
from state.bulk import write_rows
from state.engines.compiled import replays
from state.events import ROWS_AT_A_TIME, head, stored_event
from state.projections.held import hold_rows
from state.versions import Version, publication

APPENDING = insert(t.event)


def last_event_of(connection: Connection, version: Version) -> int:
    """Return the newest event that a version knows of: the rest of the log is the next one's.

    A draft knows all that happened. A published version knows what had happened by the instant of
    its publication, which stands in the log as well.
    """
    if version.published_at is None:
        return head(connection)[0]
    return last_event_by(connection, version.number, version.published_at)


def last_event_by(connection: Connection, number: str, at: str) -> int:
    """Return the newest event that had happened by the instant of a version's publication.

    What the log has after the publication was not known, whatever a clock set back calls it.
    """
    column = t.event.c
    query = select(func.coalesce(func.max(column.seq), 0)).where(column.at <= at)
    if recorded := publication(connection, number):
        query = query.where(column.seq < recorded)
    return int(connection.execute(query).scalar_one())


@contextmanager
def as_of(connection: Connection, seq: int) -> Iterator[Connection]:
    """Give the review as the log up to an event has it, to be read only."""
    if seq >= head(connection)[0]:
        yield connection
        return
    with replays().connect() as then:
        t.metadata.create_all(then, checkfirst=False)
        _replay(connection, seq, then)
        yield then


def _replay(log: Connection, seq: int, into: Connection) -> None:
    query = select(t.event).where(t.event.c.seq <= seq).order_by(t.event.c.seq)
    with log.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)) as found:
        for rows in found.partitions():
            write_rows(into, APPENDING, [dict(row._mapping) for row in rows])
            with hold_rows(into):
                for row in rows:
                    projections.apply(into, stored_event(row))
