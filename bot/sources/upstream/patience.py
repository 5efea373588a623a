"""How long to wait before asking again. Pure: instants and chance are arguments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# A wait beyond these is not believed: a source would be silent for years by one bad header.
LONGEST_ASKED_S = 7 * 24 * 3_600.0
LONGEST_RENEWAL_S = 25 * 3_600.0  # of a daily budget; an instant since 1970 is far above it
LONGEST_STATED_INTERVAL_S = 60.0


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


def asked_wait_s(retry_after: str | None, date: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, 0 where it says nothing usable.

    A date is counted from the answer's own Date header, so that a clock of ours that is wrong or
    was set for a drill does not matter; from `now` where there is none.
    """
    if retry_after is None:
        return 0.0
    seconds = number(retry_after)
    if seconds is None:
        until = _instant(retry_after)
        seconds = (until - (_instant(date) or now)).total_seconds() if until else 0.0
    return min(max(seconds, 0.0), LONGEST_ASKED_S)


def budget_wait_s(remaining: str | None, reset: str | None) -> float:
    """Return the seconds until a used-up budget is renewed, 0 where none is said to be used up."""
    left = number(remaining)
    return renewal_s(reset) if left is not None and left <= 0 else 0.0


def renewal_s(reset: str | None) -> float:
    """Return the seconds until a daily budget is renewed, 0 where that is not said.

    `reset` counts seconds from now (X-RateLimit-Reset as OpenAlex writes it).
    """
    seconds = number(reset)
    return seconds if seconds is not None and 0 < seconds <= LONGEST_RENEWAL_S else 0.0


def stated_interval_s(limit: str | None, interval: str | None) -> float:
    """Return the seconds between requests that a service states, 0 where it states none.

    Crossref writes X-Rate-Limit-Limit: 5 and X-Rate-Limit-Interval: 1s, at times twice ("5, 5").
    """
    requests = number((limit or "").partition(",")[0])
    seconds = number((interval or "").partition(",")[0].strip().removesuffix("s"))
    if not requests or not seconds or requests < 0 or seconds < 0:
        return 0.0
    return min(seconds / requests, LONGEST_STATED_INTERVAL_S)


def number(text: str | None) -> float | None:
    """Return the finite number in a header, None where there is none."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
