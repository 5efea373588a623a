"""Rows held back, so that those of many facts are written together.

What projectors write one row at a time costs a statement each. Within `hold_rows` they are
collected, and written table by table before anything else is asked of that connection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Insert, Table, Update, event

from state import tables as t
from state.bulk import write_rows

# Enough that a statement costs nothing beside its rows, few enough to hold in memory.
HELD_AT_MOST = 20_000
_KEY = "held rows"
_ORDER = {table: place for place, table in enumerate(t.PROJECTIONS)}  # referred to, before refers

Row = dict[str, object]


@dataclass(slots=True)
class Held:
    """What is still to be written: of each table, runs of rows for one statement, in order."""

    connection: Connection
    runs: dict[Table, list[tuple[Insert | Update, list[Row]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    count: int = 0

    def add(self, table: Table, statement: Insert | Update, values: Row) -> None:
        """Hold one row back."""
        runs = self.runs[table]
        if not runs or not _joins(runs[-1], statement, values):
            runs.append((statement, []))
        runs[-1][1].append(values)
        self.count += 1
        if self.count >= HELD_AT_MOST:
            self.write()

    def write(self) -> None:
        """Write all that is held."""
        runs = self.runs
        self.runs, self.count = defaultdict(list), 0
        for table in sorted(runs, key=_ORDER.__getitem__):
            for statement, rows in runs[table]:
                write_rows(self.connection, statement, rows)


def _joins(run: tuple[Insert | Update, list[Row]], statement: Insert | Update, values: Row) -> bool:
    """Whether a row can be written by a run's statement: the first row names all columns."""
    return run[0] is statement and run[1][-1].keys() == values.keys()


@contextmanager
def hold_rows(connection: Connection) -> Iterator[None]:
    """Write the rows of many facts together: the connection is used for nothing else meanwhile."""
    held = Held(connection)
    connection.info[_KEY] = held

    def written_first(*_: object) -> None:
        if held.count:
            held.write()

    event.listen(connection, "before_execute", written_first)
    try:
        yield
        held.write()
    finally:  # what raised is undone: none of its rows may be written after all
        event.remove(connection, "before_execute", written_first)
        del connection.info[_KEY]


def held_of(connection: Connection) -> Held | None:
    """Return where rows of this connection are held back, if they are."""
    held: Held | None = connection.info.get(_KEY)
    return held
