"""How long to wait before asking again. Pure: instants and chance are arguments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long one request is tried, and how much it may bring."""

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    deadline_s: float = 60.0  # for one attempt, from connecting to the last byte
    body_limit_bytes: int = 64 * 1024 * 1024

    def wait_s(self, attempt: int, chance: float) -> float:
        """Return the wait after the given attempt (from 1): doubled each time, half by chance.

        chance: a number from 0 to 1; without it, clients that failed together return together.
        """
        whole: float = min(self.first_wait_s * 2.0 ** (attempt - 1), self.longest_wait_s)
        return whole * (0.5 + 0.5 * chance)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to leave a host alone between one request and the next."""

    min_interval_s: float


def asked_wait_s(retry_after: str | None, date: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, 0 where it says nothing usable.

    A date is counted from the answer's own Date header, so that a clock of ours that is wrong or
    was set for a drill does not matter; from `now` where there is none.
    """
    if retry_after is None:
        return 0.0
    try:
        seconds = float(retry_after)
    except ValueError:
        until = _instant(retry_after)
        return max(0.0, (until - (_instant(date) or now)).total_seconds()) if until else 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def budget_wait_s(remaining: str | None, reset: str | None) -> float:
    """Return the seconds until a used-up budget is renewed, 0 where none is said to be used up.

    `reset` counts seconds from now (X-RateLimit-Reset as OpenAlex and Crossref write it).
    """
    try:
        left, seconds = float(remaining or ""), float(reset or "")
    except ValueError:
        return 0.0
    return seconds if left <= 0 and math.isfinite(seconds) and seconds > 0 else 0.0


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
