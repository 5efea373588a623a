"""When a search by hand is owed, and when to remind of it. Pure.

A slot of the schedule is owed until an export that answers it is taken. It is told of when it comes
and again after 7, 14 and 30 days, then every 30; what was missed in between is not made up for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.review.protocol import SourcePlan
from bot.review.schedule import Slot, newest_slot, next_slot
from bot.surveillance.answered_searches import AskedSearch
from bot.surveillance.lateness import REMINDED_AFTER_DAYS, REMINDED_EVERY_DAYS
from state.codec import moment


@dataclass(frozen=True, slots=True)
class HandSearch:
    """How a source stands that a person searches.

    owed_since: the first slot that no search has answered; of a source that was never searched the
    newest, since what came before the review began is nobody's debt. next: the slot to come.
    """

    last_at: datetime | None
    owed_since: Slot | None
    next: Slot | None
    asked: tuple[AskedSearch, ...] = ()

    @property
    def open_searches(self) -> tuple[AskedSearch, ...]:
        """Return the searches that are still to be made, or that what was brought leaves open."""
        return tuple(each for each in self.asked if self._is_open(each))

    def _is_open(self, asked: AskedSearch) -> bool:
        if asked.answered_at is None or asked.open_because is not None:
            return True
        return self.owed_since is not None and moment(asked.answered_at) < self.owed_since.at

    def days_owed(self, now: datetime) -> int:
        """Return for how many whole days a search has been owed."""
        return (now - self.owed_since.at).days if self.owed_since is not None else 0


def hand_search(
    plan: SourcePlan,
    zone: str,
    *,
    last: datetime | None,
    now: datetime,
    asked: Sequence[AskedSearch] = (),
) -> HandSearch:
    """Say how a source stands whose last search is known. asked: each of its searches."""
    upcoming = next_slot(plan.schedule, zone, after=now)
    if last is None:
        owed = newest_slot(plan.schedule, zone, now=now)
        return HandSearch(None, owed, upcoming, tuple(asked))
    missed = next_slot(plan.schedule, zone, after=last)
    owed = missed if missed is not None and missed.at <= now else None
    return HandSearch(last, owed, upcoming, tuple(asked))


def open_lines(searches: Sequence[AskedSearch]) -> tuple[str, ...]:
    """Say which searches are open, and why."""
    return tuple(f"'{each.text}': {each.open_because or 'not searched yet'}" for each in searches)


def answered(slot: Slot, last: datetime | None) -> bool:
    """Whether the last search came after the slot."""
    return last is not None and last >= slot.at


def reminder(told: datetime, now: datetime) -> int | None:
    """Return the day of the newest reminder that is due: 7, 14, 30, 60, …; None before the first.

    told: when the search was first asked for.
    """
    days = (now - told) // timedelta(days=1)
    if days >= REMINDED_AFTER_DAYS[-1]:
        return days // REMINDED_EVERY_DAYS * REMINDED_EVERY_DAYS
    return max((day for day in REMINDED_AFTER_DAYS if day <= days), default=None)
