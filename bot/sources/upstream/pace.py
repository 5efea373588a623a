"""One pace per host, whoever asks it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.sources.upstream.times import Times


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to leave a host alone between one request and the next."""

    min_interval_s: float


@dataclass(slots=True)
class Pause:
    """How long a host is left alone after an exchange."""

    seconds: float

    def at_least(self, seconds: float) -> None:
        """Leave it alone longer where it asks for that itself."""
        self.seconds = max(self.seconds, seconds)


class HostPaces:
    """Lets one request at a time through to a host, no closer together than the pace.

    The pace counts from the end of the last exchange: only so is it kept as the host sees it,
    however long a request was on its way.
    """

    def __init__(self, pace: Pace, times: Times) -> None:
        self._pace = pace
        self._times = times
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._next_at: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[Pause]:
        """Hold the host for one exchange, waiting before it where it is too early."""
        pause = Pause(self._pace.min_interval_s)
        with self._lock:
            lock = self._locks.setdefault(host, threading.Lock())
        with lock:
            wait_s = self._next_at.get(host, 0.0) - self._times.monotonic()
            if wait_s > 0:
                self._times.sleep(wait_s)
            try:
                yield pause
            finally:
                self._next_at[host] = self._times.monotonic() + pause.seconds
