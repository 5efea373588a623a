"""Time that moves only when somebody sleeps on it or a stand-in lets it pass.

A client and the stand-in that it asks live by the same one: "no whole answer in time" is decided
here, by no clock of the machine, so that a busy machine decides nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@dataclass
class SteppedTime:
    """The time of a client and of its server; `asked` are the waits that the client asked for."""

    asked: list[float] = field(default_factory=list)
    at_s: float = 0.0
    _alarms: dict[int, tuple[float, Callable[[], None]]] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.at_s)

    def monotonic(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        """Take the place of sleeping: note what was asked for, and let it pass."""
        self.asked.append(round(seconds, 3))
        self.wait(seconds)

    def alarm(self, seconds: float, ring: Callable[[], None]) -> Callable[[], None]:
        """Ring when the time has come; return how to call it off."""
        with self._lock:
            name = next(self._ids)
            self._alarms[name] = (self.at_s + seconds, ring)
        return lambda: self._call_off(name)

    def wait(self, seconds: float) -> bool:
        """Let time pass, to the next alarm at the most; return whether one has rung."""
        with self._lock:
            until = self.at_s + seconds
            due_s = min((due for due, _ in self._alarms.values()), default=until)
            self.at_s = min(until, max(due_s, self.at_s))
            names = [name for name, (due, _) in self._alarms.items() if due <= self.at_s]
            ringing = [self._alarms.pop(name)[1] for name in names]
        for ring in ringing:
            ring()
        return bool(ringing)

    def _call_off(self, name: int) -> None:
        with self._lock:
            self._alarms.pop(name, None)
