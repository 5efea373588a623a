"""The entries of a JSON file, or the one that was typed, as acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.errors import FaultAt, FaultsOfAct
from bot.review.faults import shown
from state.codec import Json

Read = TypeVar("Read")


def typed(**given: object) -> Json:
    """Return what was typed of an entry; what was left out is not in it."""
    return {name: value for name, value in given.items() if value is not None}


def read_entries(entries: Any, read: Callable[[Json, int | None], Read]) -> list[Read]:
    """Read every entry; raise FaultsOfAct that names all that is wrong in any of them.

    One object alone will do where a list is taken.
    """
    several = isinstance(entries, list)
    found: list[Read] = []
    faults: list[FaultAt] = []
    for number, entry in enumerate(entries if several else [entries], 1):
        try:
            found.append(read(_an_object(entry), number if several else None))
        except FaultsOfAct as error:
            faults += error.faults
    if faults:
        raise FaultsOfAct(faults)
    return found


def _an_object(entry: object) -> Json:
    if not isinstance(entry, dict):
        raise FaultsOfAct([FaultAt((), f"expected a JSON object, found {shown(entry)}")])
    return {name: value for name, value in entry.items() if value is not None}
