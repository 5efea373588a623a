"""Two snapshots of a register entry: which watched fields changed, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.model import RegisterEntry

_STATUSES = {
    "ACTIVE_NOT_RECRUITING": "no longer recruiting",
    "APPROVED_FOR_MARKETING": "approved for marketing",
    "COMPLETED": "completed",
    "ENROLLING_BY_INVITATION": "recruiting by invitation",
    "NOT_YET_RECRUITING": "not yet recruiting",
    "RECRUITING": "recruiting",
    "SUSPENDED": "halted, may go on",
    "TERMINATED": "terminated: stopped early",
    "UNKNOWN": "not confirmed by its own people for long",
    "WITHDRAWN": "withdrawn before anybody took part",
    "WITHHELD": "withheld",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a register entry that is not what it was; None is not reported."""

    field: str
    old: str | None
    new: str | None
    meaning: str


def field_changes(old: RegisterEntry, new: RegisterEntry) -> tuple[FieldChange, ...]:
    """Return the changes that a review team would want to know of, the weightiest first."""
    return tuple(_changes(old, new))


def _changes(old: RegisterEntry, new: RegisterEntry) -> Iterator[FieldChange]:
    before, after = _results(old), _results(new)
    if before != after:
        yield FieldChange("results", before, after, _results_meaning(old, new))
    if old.overall_status != new.overall_status:
        meaning = _STATUSES.get(new.overall_status or "", "changed")
        yield FieldChange(
            "overall status", old.overall_status, new.overall_status, f"status {meaning}"
        )
    yield from _moved("primary completion", old.primary_completion_on, new.primary_completion_on)
    yield from _moved("completion", old.completion_on, new.completion_on)
    if old.enrolment != new.enrolment:
        meaning = _enrolment_meaning(old.enrolment, new.enrolment)
        yield FieldChange("enrolment", _number(old.enrolment), _number(new.enrolment), meaning)


def _results(entry: RegisterEntry) -> str | None:
    if not entry.has_results and entry.results_posted_on is None:
        return None
    return f"posted {entry.results_posted_on}" if entry.results_posted_on else "posted"


def _results_meaning(old: RegisterEntry, new: RegisterEntry) -> str:
    if _results(old) is None:
        return "results posted"
    return "results removed" if _results(new) is None else "results posted again"


def _moved(field: str, old: str | None, new: str | None) -> Iterator[FieldChange]:
    if old != new:
        yield FieldChange(field, old, new, f"{field} {_move(old, new)}")


def _move(old: str | None, new: str | None) -> str:
    """Compare dates as far as both are given: 2026-12 and 2026-12-15 are the same so far."""
    if old is None:
        return "given"
    if new is None:
        return "removed"
    if new.startswith(old):
        return "given more exactly"
    if old.startswith(new):
        return "given less exactly"
    return "moved later" if new > old else "moved earlier"


def _enrolment_meaning(old: int | None, new: int | None) -> str:
    if old is None:
        return "enrolment given"
    if new is None:
        return "enrolment removed"
    return "enrolment cut" if new < old else "enrolment raised"


def _number(count: int | None) -> str | None:
    return str(count) if count is not None else None
