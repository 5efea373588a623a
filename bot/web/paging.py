"""Which part of a long list a visitor asks for, and the links to the parts beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query

from state.paging import Part, Seek

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Turned:
    """What the address says: the row from which the list goes on, and the number of the page.

    The number is only shown; what is read follows from the row alone.
    """

    after: tuple[str, ...]
    before: tuple[str, ...]
    number: int

    def asked(self, size: int) -> Seek:
        """Return the part that the address names."""
        return Seek(size, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a list: its number, the number of its first row, and the addresses beside it.

    asked: the number that the address names where the list has no such page (any more).
    """

    number: int
    first: int
    before: str | None
    further: str | None
    asked: int | None


def turned(
    after: Annotated[list[str] | None, Query()] = None,
    before: Annotated[list[str] | None, Query()] = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Turned:
    """Read an address; without a row it is the first page."""
    return Turned(tuple(after or ()), tuple(before or ()), page)


Turning = Annotated[Turned, Depends(turned)]


def leaf(
    turned: Turned,
    size: int,
    part: Part[T],
    named: Callable[[T], Sequence[str]],
    path: str,
    **kept: str,
) -> Leaf:
    """Return the page on which a part is shown. named: how a row is named in an address."""

    def address(way: str, row: T, number: int) -> str:
        return f"{path}?{urlencode({**kept, way: named(row), 'page': number}, doseq=True)}"

    number = turned.number if part.earlier else 1
    shown = part.shown
    return Leaf(
        number,
        (number - 1) * size + 1,
        address("before", shown[0], max(number - 1, 1)) if part.earlier and shown else None,
        address("after", shown[-1], number + 1) if part.later and shown else None,
        turned.number if turned.number > number else None,
    )
