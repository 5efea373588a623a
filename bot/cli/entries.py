"""The entries of a JSON file, or the one that was typed, as acts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bot.cli.arguments import given
from bot.errors import FaultAt, FaultsOfAct
from bot.review.faults import shown
from state.codec import Json
from state.errors import BadInput

Read = TypeVar("Read")


def typed(**given: object) -> Json:
    """Return what was typed of an entry; what was left out is not in it."""
    return {name: value for name, value in given.items() if value is not None}


def entries_of(file: Path | None, typed_entry: Json) -> Any:
    """Return the entries of a file, or the one that was typed; raise BadInput where both are."""
    if file is None:
        return typed_entry
    if typed_entry:
        beside = ", ".join(typed_entry)
        raise BadInput(f"give an entry in a file or as arguments: found --file and {beside}")
    return given(file)


def read_entries(entries: Any, read: Callable[[Json, int | None], Read]) -> list[Read]:
    """Read every entry; raise FaultsOfAct that names all that is wrong in any of them.

    One object alone will do where a list is taken.
    """
    several = isinstance(entries, list)
    if several and not entries:
        raise FaultsOfAct([FaultAt((), "found an empty list, expected at least one entry")])
    found: list[Read] = []
    faults: list[FaultAt] = []
    for number, entry in enumerate(entries if several else [entries], 1):
        try:
            place = number if several else None
            found.append(read(_an_object(entry, place), place))
        except FaultsOfAct as error:
            faults += error.faults
    if faults:
        raise FaultsOfAct(faults)
    return found


def _an_object(entry: object, place: int | None) -> Json:
    if not isinstance(entry, dict):
        at = "" if place is None else f"entry {place}, "
        raise FaultsOfAct([FaultAt((), f"{at}found {shown(entry)}, expected a JSON object")])
    return {name: value for name, value in entry.items() if value is not None}
