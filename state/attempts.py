"""What a try at a piece of work comes to, and when a failed one is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from state.events import Ledger
from state.runs import Work

MOST_DOUBLINGS = 64  # beyond it a number of attempts says nothing more about a wait


@dataclass(frozen=True, slots=True)
class Retry:
    """When failed work is tried again: first after `first`, then ever later, up to `longest`."""

    first: timedelta
    longest: timedelta
    factor: float = 2.0

    def at(self, attempts: int, now: datetime) -> datetime:
        """Return when to try again after so many attempts."""
        grown = self.first.total_seconds() * self.factor ** min(
            max(attempts - 1, 0), MOST_DOUBLINGS
        )
        return now + timedelta(seconds=min(grown, self.longest.total_seconds()))


@dataclass(frozen=True, slots=True)
class PutBack:
    """Why work is not done though nothing was raised; its retry says when again, or `due_at`."""

    error: str
    due_at: datetime | None = None


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class ToStore:
    """What a piece of work found.

    store: writes it, in the transaction that ends the work. after: what follows once that stands.
    """

    store: Callable[[Ledger], PutBack | None]
    after: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class FailedTry:
    """A try that raised: the work, what was raised and in words, since when, when it is next."""

    work: Work
    error: Exception
    reason: str
    started: datetime
    again: datetime
