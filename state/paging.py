"""A part of a long list: read from where the last part ended, so that each costs the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, tuple_

from state.errors import BadInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seek:
    """Which part is asked for: what follows a row, what precedes one, or the beginning.

    A row is named by what its list names it by, in one text or several.
    """

    size: int
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def row(self) -> tuple[str, ...]:
        """The row from which it goes on."""
        return self.after or self.before

    def names(self, number: int) -> tuple[str, ...]:
        """Return what names the row, in as many texts as its list uses."""
        if len(self.row) != number:
            raise BadInput(f"the row to go on from: found {len(self.row)} names, expected {number}")
        return self.row

    @property
    def back(self) -> bool:
        """Whether it goes on towards the beginning."""
        return bool(self.before) and not self.after


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of a list, and whether there is more of it on either side."""

    shown: tuple[T, ...]
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: by columns that together name a row. down: how many, from the first on,
    run downwards."""

    columns: tuple[ColumnElement[Any], ...]
    down: int = 0

    def directed(self, *, back: bool = False) -> list[ColumnElement[Any]]:
        """Return what to sort by."""
        return [
            each.desc() if (place < self.down) != back else each.asc()
            for place, each in enumerate(self.columns)
        ]

    def beyond(self, values: Sequence[Any], *, back: bool) -> ColumnElement[bool]:
        """Return the condition for the rows that follow one (or, going back, precede it)."""
        falling, rising = self.columns[: self.down], self.columns[self.down :]
        fallen, risen = values[: self.down], values[self.down :]
        if not falling:
            return _further(rising, risen, down=back)
        lower = _further(falling, fallen, down=not back)
        if not rising:
            return lower
        level = tuple_(*falling) == tuple_(*fallen)
        return or_(lower, and_(level, _further(rising, risen, down=back)))


def _further(
    columns: Sequence[ColumnElement[Any]], values: Sequence[Any], *, down: bool
) -> ColumnElement[bool]:
    here, there = tuple_(*columns), tuple_(*values)
    return here < there if down else here > there


def read_part(
    connection: Connection,
    query: Select[Any],
    order: Order,
    asked: Seek,
    at: Sequence[Any] | None,
    read: Callable[[Sequence[Row[Any]]], Sequence[T]],
) -> Part[T]:
    """Read one part of a list. at: the values of its order in the row from which it goes on.

    Where all beyond that row have left the list, it is the part at that end: never an empty one
    while there is anything in the list.
    """
    back = asked.back
    rows = _beyond(connection, query, order, asked.size, at, back=back)
    if not rows and at is not None:
        at, back = None, not back
        rows = _beyond(connection, query, order, asked.size, at, back=back)
    more, shown = len(rows) > asked.size, rows[: asked.size]
    found = tuple(read(shown[::-1] if back else shown))
    sides = at is not None, more
    return Part(found, *(sides[::-1] if back else sides))


def _beyond(
    connection: Connection,
    query: Select[Any],
    order: Order,
    size: int,
    at: Sequence[Any] | None,
    *,
    back: bool,
) -> Sequence[Row[Any]]:
    """Return the rows beyond a place, or from that end of the list on, and one more."""
    if at is not None:
        query = query.where(order.beyond(at, back=back))
    return connection.execute(query.order_by(*order.directed(back=back)).limit(size + 1)).all()
