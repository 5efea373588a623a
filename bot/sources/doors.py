"""The door to an upstream, built from its settings."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from bot.config import Upstream
from bot.fetch import Door, user_agent
from bot.waits import Pace, Patience

_PACKAGE = "living-review-bot"


def open_door(upstream: Upstream, contact: str | None = None) -> Door:
    """Build the one door to an upstream; its pace holds for everybody who shares it."""
    patience = Patience(
        attempts=upstream.attempts,
        longest_wait_s=upstream.longest_wait_s,
        deadline_s=upstream.timeout_s,
        body_limit_bytes=upstream.body_limit_bytes,
    )
    return Door(patience, Pace(upstream.interval_s), user_agent(_version(), contact))


def _version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
