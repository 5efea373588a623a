"""Clients that do not sleep, for tests of what meets the outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.sources.stand_ins.server import StandIn
from bot.sources.upstream.client import UpstreamClient, user_agent
from bot.sources.upstream.pace import Pace
from bot.sources.upstream.patience import Patience
from bot.sources.upstream.times import Times
from tests.bot.stepped_time import NOW, SteppedTime
from tests.safety import SAFETY_S

# On the stepped time. httpx counts it on the machine's clock, where it only stops what hangs.
DEADLINE_S = SAFETY_S
KEY = "s3cret-key"


def stepped(time: SteppedTime, chance: Callable[[], float] = lambda: 1.0) -> Times:
    """Return the clocks of a client that lives by this time. Its wall clock stands still."""
    return Times(
        now=lambda: NOW,
        monotonic=time.monotonic,
        sleep=time.sleep,
        chance=chance,
        alarm=time.alarm,
    )


@contextmanager
def open_client(
    upstream: StandIn | None,
    time: SteppedTime | None = None,
    *,
    attempts: int = 4,
    longest_wait_s: float = 60.0,
    interval_s: float = 0.0,
    body_limit_bytes: int = 10_000_000,
    chance: Callable[[], float] = lambda: 1.0,
) -> Iterator[UpstreamClient]:
    """Open a client that takes its waits without waiting, and give its time to the upstream."""
    time = time or SteppedTime()
    if upstream is not None:
        upstream.time = time
    patience = Patience(
        attempts=attempts,
        longest_wait_s=longest_wait_s,
        deadline_s=DEADLINE_S,
        body_limit_bytes=body_limit_bytes,
    )
    client = UpstreamClient(
        patience,
        Pace(interval_s),
        user_agent("1.2.3", "team@review.test"),
        times=stepped(time, chance),
    )
    try:
        yield client
    finally:
        client.close()
