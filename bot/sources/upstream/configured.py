"""The client to an upstream, built from its settings."""

from __future__ import annotations

from bot import VERSION
from bot.sources.source import Upstream
from bot.sources.upstream.client import UpstreamClient, user_agent
from bot.sources.upstream.pace import Pace
from bot.sources.upstream.patience import Patience
from bot.sources.upstream.times import Times


def configured_client(
    upstream: Upstream, contact: str | None = None, *, times: Times | None = None
) -> UpstreamClient:
    """Build the one client to an upstream; its pace holds for everybody who shares it.

    times: gives `now` where the product's clock was set, so that "come back at" is on that clock.
    """
    patience = Patience(
        attempts=upstream.attempts,
        longest_wait_s=upstream.longest_wait_s,
        deadline_s=upstream.timeout_s,
        body_limit_bytes=upstream.body_limit_bytes,
    )
    return UpstreamClient(
        patience, Pace(upstream.interval_s), user_agent(VERSION, contact), times=times
    )
