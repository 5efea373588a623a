"""Clients that do not sleep, for tests of what meets the outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sources.upstream.client import UpstreamClient, user_agent
from bot.sources.upstream.pace import Times
from bot.sources.upstream.patience import Pace, Patience

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
DEADLINE_S = 0.3
KEY = "s3cret-key"


@dataclass
class Waits:
    """Takes the place of sleeping: remembers what was asked for."""

    asked: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.asked.append(round(seconds, 3))


@contextmanager
def open_client(
    waits: Waits | None = None,
    *,
    attempts: int = 4,
    longest_wait_s: float = 60.0,
    deadline_s: float = DEADLINE_S,
    body_limit_bytes: int = 10_000_000,
    chance: Callable[[], float] = lambda: 1.0,
) -> Iterator[UpstreamClient]:
    """Open a client that takes its waits without waiting."""
    times = Times(now=lambda: NOW, sleep=(waits or Waits()).sleep, chance=chance)
    patience = Patience(
        attempts=attempts,
        longest_wait_s=longest_wait_s,
        deadline_s=deadline_s,
        body_limit_bytes=body_limit_bytes,
    )
    client = UpstreamClient(
        patience, Pace(0.0), user_agent("1.2.3", "team@review.test"), times=times
    )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where the block takes longer."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds
