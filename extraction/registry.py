"""Two snapshots of a register entry: which watched fields changed, and what that means.

Most entries go one way: registered, recruiting, closed, completed, results. What goes otherwise is
unusual: results that vanish, dates that move back, a trial that shrinks. It is put to a person.
"""

from __future__ import annotations

from calendar import IllegalMonthError, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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


_OPEN = {"RECRUITING", "ENROLLING_BY_INVITATION"}
_ENDED = {"COMPLETED", "TERMINATED"}
# From each status to those that may follow (ClinicalTrials.gov Protocol Registration Data Element
# Definitions, Overall Recruitment Status and Expanded Access Status). UNKNOWN is written by the
# register itself after two years without a word, from any status and back to any.
FOLLOWS: dict[str, frozenset[str]] = {
    status: frozenset(followers)
    for status, followers in {
        "NOT_YET_RECRUITING": {*_OPEN, "ACTIVE_NOT_RECRUITING", "SUSPENDED", "WITHDRAWN"},
        "RECRUITING": {*_OPEN, *_ENDED, "ACTIVE_NOT_RECRUITING", "SUSPENDED"},
        "ENROLLING_BY_INVITATION": {*_OPEN, *_ENDED, "ACTIVE_NOT_RECRUITING", "SUSPENDED"},
        "ACTIVE_NOT_RECRUITING": {*_ENDED, "SUSPENDED"},
        "SUSPENDED": {*_OPEN, *_ENDED, "ACTIVE_NOT_RECRUITING", "WITHDRAWN"},
        "COMPLETED": set(),
        "TERMINATED": set(),
        "WITHDRAWN": set(),
        "AVAILABLE": {
            "TEMPORARILY_NOT_AVAILABLE",
            "NO_LONGER_AVAILABLE",
            "APPROVED_FOR_MARKETING",
        },
        "TEMPORARILY_NOT_AVAILABLE": {
            "AVAILABLE",
            "NO_LONGER_AVAILABLE",
            "APPROVED_FOR_MARKETING",
        },
        "NO_LONGER_AVAILABLE": {"APPROVED_FOR_MARKETING"},
        "APPROVED_FOR_MARKETING": set(),
    }.items()
}
_ANY = frozenset({"UNKNOWN", "WITHHELD"})
# A cut by a fifth changes what a trial can show; a completion a year later, when it will.
LARGEST_CUT = 0.2
LONGEST_DELAY_MONTHS = 12
RESULTS_AFTER_MONTHS = 12


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


def unusual_changes(old: RegisterEntry, new: RegisterEntry) -> tuple[str, ...]:
    """Say which changes are not how entries go: each for a person to look at."""
    return tuple(_unusual(old, new))


def may_follow(old: str | None, new: str | None) -> bool:
    """Whether a status may follow another; words of other registers are not judged."""
    if old is None or new is None or old == new or {old, new} & _ANY:
        return True
    if old not in FOLLOWS or new not in FOLLOWS:
        return True
    return new in FOLLOWS[old]


def results_due_on(entry: RegisterEntry) -> date | None:
    """Return the day from which results are overdue; None where some are posted or none are due.

    Twelve months after primary completion (42 CFR 11.44; ICMJE and WHO ask for no more). Of a date
    without a day the latest day that it allows counts.
    """
    if entry.has_results or entry.results_posted_on is not None:
        return None
    if entry.overall_status == "WITHDRAWN" or entry.primary_completion_on is None:
        return None
    ended = _latest_day(entry.primary_completion_on)
    return _months_after(ended, RESULTS_AFTER_MONTHS) if ended is not None else None


def _unusual(old: RegisterEntry, new: RegisterEntry) -> Iterator[str]:
    if not may_follow(old.overall_status, new.overall_status):
        yield f"status {new.overall_status} after {old.overall_status}"
    if _results(old) is not None and _results(new) is None:
        yield "posted results have vanished"
    for name, before, after in (
        ("primary completion", old.primary_completion_on, new.primary_completion_on),
        ("completion", old.completion_on, new.completion_on),
    ):
        yield from _unusual_move(name, before, after)
    before_cut, left = old.enrolment or 0, new.enrolment
    if left is not None and before_cut and left <= before_cut * (1 - LARGEST_CUT):
        yield f"enrolment cut from {before_cut} to {left}"
    for name, given, now in (
        ("allocation", old.allocation, new.allocation),
        ("intervention model", old.intervention_model, new.intervention_model),
        ("arms", old.arms, new.arms),
        ("interventions", old.interventions, new.interventions),
    ):
        if given and given != now:
            yield f"{name} changed from {_said(given)} to {_said(now)}"


def _unusual_move(name: str, old: str | None, new: str | None) -> Iterator[str]:
    if old is None or old == new:
        return
    if new is None:
        yield f"{name} {old} was removed"
        return
    before, after = _latest_day(old), _latest_day(new)
    if before is None or after is None or new.startswith(old) or old.startswith(new):
        return
    if after < before:
        yield f"{name} moved back from {old} to {new}"
    elif after > _months_after(before, LONGEST_DELAY_MONTHS):
        yield f"{name} moved by more than a year, from {old} to {new}"


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(str, value)) or "nothing"
    return str(value) if value else "nothing"


def _latest_day(text: str) -> date | None:
    """Return the last day that a date allows: of 2026-12 its 31st, of 2026 its last."""
    parts = text.split("-")
    try:
        numbers = [int(each) for each in parts]
        year, month = numbers[0], numbers[1] if len(numbers) > 1 else 12
        day = numbers[2] if len(numbers) > 2 else monthrange(year, month)[1]
        return date(year, month, day)
    except (ValueError, IndexError, IllegalMonthError):
        return None


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


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
