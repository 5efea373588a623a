"""The product's one clock. It may be told where to start (tests and drills); then it runs on."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """Tells the instant; `starts_at` shifts it, at normal speed from the moment of creation."""

    def __init__(self, starts_at: datetime | None = None) -> None:
        self.shifted = starts_at is not None
        self._start = (starts_at or datetime.now(UTC)).astimezone(UTC)
        self._begun = time.monotonic()
        self._real = starts_at is None

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        if self._real:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=time.monotonic() - self._begun)


def shown(at: datetime, zone: str) -> str:
    """Write an instant for people, in the review's time zone: '25 Nov 2026, 06:10 GMT'."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M %Z}"
