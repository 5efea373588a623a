"""Which searches of a source that people search are answered, and since when. Pure.

A source is searched when each of its searches was: it stands as long ago as the one that was
answered longest ago. A search is answered by its file, by all parts of it, or by the word that it
found nothing; not where the database is said to have shown more or fewer than were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from state.facts import HandSearchTold, SearchRun
from state.values import MadeSearch


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """One search that a source asks for.

    answered_by: the runs that answered it whole for the last time (none: it never was);
    open_because: why what was brought since, if anything, is no answer.
    """

    text: str
    answered_by: tuple[SearchRun, ...] = ()
    open_because: str | None = None

    @property
    def answered_at(self) -> str | None:
        """When it was made that was answered whole: of parts, the oldest."""
        return min((run.started_at for run in self.answered_by), default=None)


def asked_searches(texts: Sequence[str], made: Sequence[MadeSearch]) -> tuple[AskedSearch, ...]:
    """Say how each search of a source stands. made: the newest first.

    Where a source has one search, whatever was made is that one. Where it has several, a search of
    which nobody told which it was answers none.
    """
    return tuple(_asked(text, _of(text, made, alone=len(texts) == 1)) for text in texts)


def _of(text: str, made: Sequence[MadeSearch], *, alone: bool) -> list[MadeSearch]:
    return [each for each in made if alone or (each.told and each.told.search == text)]


def _asked(text: str, made: Sequence[MadeSearch]) -> AskedSearch:
    open_because: str | None = None
    for place in range(len(made)):
        parts = _parts(made[place:])
        fault = _fault(parts)
        if fault is None:
            return AskedSearch(text, tuple(each.run for each in parts if each), open_because)
        open_because = open_because or fault
    return AskedSearch(text, (), open_because)


def _parts(made: Sequence[MadeSearch]) -> list[MadeSearch | None]:
    """Return the parts of the export of which the first is one; None for one that has not come."""
    told = made[0].told
    if told is None or told.parts == 1:
        return [made[0]]
    return [_part(made, number, told.parts) for number in range(1, told.parts + 1)]


def _part(made: Sequence[MadeSearch], number: int, of: int) -> MadeSearch | None:
    found = (m for m in made if m.told and (m.told.part, m.told.parts) == (number, of))
    return next(found, None)


def _fault(parts: Sequence[MadeSearch | None]) -> str | None:
    """Say why the parts of an export are no answer."""
    come = [each for each in parts if each is not None]
    if len(come) < len(parts):
        gone = ", ".join(str(n) for n, each in enumerate(parts, 1) if each is None)
        return f"part {gone} of {len(parts)} has not come"
    return _unlike(come)


def _unlike(come: Sequence[MadeSearch]) -> str | None:
    """Say where the database showed another number than was read, and nobody says why."""
    told = [each.told for each in come if each.told is not None]
    shown, read = _shown(told), sum(each.run.found for each in come)
    if shown is None or shown == read or any(each.difference for each in told):
        return None
    return f"the database showed {shown}, {read} were read"


def _shown(told: Sequence[HandSearchTold]) -> int | None:
    return next((each.shown for each in reversed(told) if each.shown is not None), None)


def is_begun(asked: AskedSearch) -> bool:
    """Whether something was brought that is not all of an answer."""
    return asked.open_because is not None


def answered_longest_ago(asked: Sequence[AskedSearch]) -> AskedSearch:
    """Return the search to be made first: one that never was, else the one of longest ago."""
    return min(asked, key=lambda each: each.answered_at or "")


def whole_since(asked: Sequence[AskedSearch]) -> str | None:
    """Return since when a source counts as searched, None where a search was never answered."""
    return answered_longest_ago(asked).answered_at
