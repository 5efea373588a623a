"""What a register entry said before anybody here watched it, version by version. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extraction.model import HistoryChange, HistoryStep, RegisterEntry
from extraction.registry import field_changes

# Modules of an entry in which nothing is watched; a label that nobody knows is looked at.
UNWATCHED = frozenset(
    {
        "Study Identification",
        "Sponsor/Collaborators",
        "Oversight",
        "Study Description",
        "Contacts/Locations",
        "IPDSharing",
        "References",
    }
)
PRIMARY = "primary outcomes"


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version as the register lists it; on: the day on which it was handed in."""

    number: int
    on: str
    labels: tuple[str, ...]

    @property
    def is_watched(self) -> bool:
        """Whether it touches anything that is watched, or may."""
        return not self.labels or bool(set(self.labels) - UNWATCHED)


@dataclass(frozen=True, slots=True)
class HistoricEntry:
    """A version's own text, as far as it is watched; results_on: when results were handed in."""

    entry: RegisterEntry
    primary_outcomes: tuple[str, ...]
    results_on: str | None = None


def needed(listed: Sequence[ListedVersion]) -> list[int]:
    """Return the versions to be read: the first, the last, and those that touch what is watched.

    One that touches nothing watched says of it what the one before it says.
    """
    ends = {each.number for each in (*listed[:1], *listed[-1:])}
    return [each.number for each in listed if each.is_watched or each.number in ends]


def steps_of(
    listed: Sequence[ListedVersion], texts: Mapping[int, HistoricEntry]
) -> tuple[HistoryStep, ...]:
    """Say of each version what it changed against the one before it, oldest first."""
    return tuple(_steps(listed, texts))


def _steps(
    listed: Sequence[ListedVersion], texts: Mapping[int, HistoricEntry]
) -> Iterator[HistoryStep]:
    before: HistoricEntry | None = None
    for each in listed:
        text = texts.get(each.number)
        changes = tuple(_changes(before, text, each.on)) if text is not None else ()
        what = "first version" if before is None else ", ".join(each.labels) or "nothing named"
        yield HistoryStep(str(each.number), each.on, what, changes)
        before = text or before


def _changes(
    before: HistoricEntry | None, after: HistoricEntry, on: str
) -> Iterator[HistoryChange]:
    old = before.entry if before is not None else RegisterEntry()
    for each in field_changes(old, after.entry):
        yield HistoryChange(each.field, each.old, each.new)
    told = before.primary_outcomes if before is not None else ()
    if told != after.primary_outcomes:
        late = _after_what(before, on) if before is not None else None
        yield HistoryChange(PRIMARY, _joined(told), _joined(after.primary_outcomes), late)


def _joined(outcomes: Sequence[str]) -> str | None:
    return "; ".join(outcomes) or None


def _after_what(before: HistoricEntry, on: str) -> str | None:
    """Say after which turn of a trial an outcome was changed, the latest of them."""
    turns = (
        ("results were handed in", before.results_on),
        ("primary completion", before.entry.primary_completion_on),
        ("the start", before.entry.start_on),
    )
    passed = (f"after {what} ({day})" for what, day in turns if day and on[: len(day)] > day)
    return next(passed, None)
