"""Two snapshots of a register entry: which watched fields changed, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.model import RegisterEntry

ENDED_EARLY = frozenset({"TERMINATED", "WITHDRAWN", "SUSPENDED"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a register entry that is not what it was; None is not reported."""

    field: str
    old: str | None
    new: str | None
    meaning: str


def field_changes(old: RegisterEntry, new: RegisterEntry) -> tuple[FieldChange, ...]:
    """Return the changes that a review team would want to know of."""
    return tuple(_changes(old, new))


def _changes(old: RegisterEntry, new: RegisterEntry) -> Iterator[FieldChange]:
    if old.overall_status != new.overall_status:
        meaning = "ended early" if new.overall_status in ENDED_EARLY else "status changed"
        yield FieldChange("overall status", old.overall_status, new.overall_status, meaning)
    yield from _moved("primary completion", old.primary_completion_on, new.primary_completion_on)
    yield from _moved("completion", old.completion_on, new.completion_on)
    if old.has_results != new.has_results:
        meaning = "results posted" if new.has_results else "results removed: unusual"
        yield FieldChange("results", _yes(old.has_results), _yes(new.has_results), meaning)
    elif old.results_posted_on != new.results_posted_on:
        yield FieldChange(
            "results posted on", old.results_posted_on, new.results_posted_on, "results reposted"
        )
    if old.enrolment != new.enrolment:
        fewer = None not in (old.enrolment, new.enrolment) and (new.enrolment or 0) < (
            old.enrolment or 0
        )
        meaning = "enrolment cut" if fewer else "enrolment changed"
        yield FieldChange("enrolment", _number(old.enrolment), _number(new.enrolment), meaning)


def _moved(field: str, old: str | None, new: str | None) -> Iterator[FieldChange]:
    if old == new:
        return
    if old is None or new is None:
        meaning = "date given" if old is None else "date removed: unusual"
    else:
        meaning = "moved later" if new > old else "moved earlier"
    yield FieldChange(field, old, new, meaning)


def _yes(has: bool) -> str:
    return "posted" if has else "none"


def _number(count: int | None) -> str | None:
    return str(count) if count is not None else None
