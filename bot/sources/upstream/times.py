"""The clocks that asking and waiting live by, as one value: a test gives clocks of its own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

CallOff = Callable[[], None]


def _timer(seconds: float, ring: Callable[[], None]) -> CallOff:
    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    return timer.cancel


@dataclass(frozen=True, slots=True)
class Times:
    """The clocks and the chance that a client lives by; all real unless a test gives others.

    alarm: calls a function after so many seconds, unless what it returned was called before.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    alarm: Callable[[float, Callable[[], None]], CallOff] = _timer
