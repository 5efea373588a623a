"""Rows held back, so that those of many facts are written together.

What projectors write one row at a time costs a statement each. Within `hold_rows` they are
collected, and written table by table before anything else is asked of that connection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
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
Afterwards = Callable[[Connection, Collection[str]], None]


@dataclass(slots=True)
class Held:
    """What is still to be written: of each table, runs of rows for one statement, in order.

    afterwards: what is to be done for the things named, once, when all is written.
    """

    connection: Connection
    at_most: int
    runs: dict[Table, list[tuple[Insert | Update, list[Row]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    count: int = 0
    afterwards: dict[Afterwards, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, table: Table, statement: Insert | Update, rows: Sequence[Row]) -> None:
        """Hold rows back that have the same columns."""
        runs = self.runs[table]
        if not runs or not _joins(runs[-1], statement, rows[0]):
            runs.append((statement, []))
        runs[-1][1].extend(rows)
        self.count += len(rows)
        if self.count >= self.at_most:
            self.write()

    def write(self) -> None:
        """Write all that is held."""
        runs = self.runs
        self.runs, self.count = defaultdict(list), 0
        for table in sorted(runs, key=_ORDER.__getitem__):
            for statement, rows in runs[table]:
                write_rows(self.connection, statement, rows)


def _joins(run: tuple[Insert | Update, list[Row]], statement: Insert | Update, row: Row) -> bool:
    """Whether a row can be written with a run; other columns of the same number are refused."""
    return run[0] is statement and len(run[1][0]) == len(row)


@contextmanager
def hold_rows(connection: Connection, *, at_most: int = HELD_AT_MOST) -> Iterator[None]:
    """Write the rows of many facts together: the connection is used for nothing else meanwhile."""
    held, info = Held(connection, at_most), connection.info  # which a lost connection has no more
    info[_KEY] = held

    def written_first(*_: object) -> None:
        if held.count:
            held.write()

    event.listen(connection, "before_execute", written_first)
    try:
        yield
        held.write()
    finally:  # what raised is undone: none of its rows may be written after all
        event.remove(connection, "before_execute", written_first)
        del info[_KEY]
    for work, names in held.afterwards.items():
        work(connection, names)


def held_of(connection: Connection) -> Held | None:
    """Return where rows of this connection are held back, if they are."""
    held: Held | None = connection.info.get(_KEY)
    return held
