"""When a source is due: slots of a cron text in the review's time zone. Pure.

Cron text is read on the wall clock. A slot is named by its wall-clock time, so that an hour that
comes twice gives one slot; a wall-clock time that a clock change skips is taken at the instant it
would have been, so that no slot is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

# Looking back from now for the newest slot: short windows first, so that a dense schedule is cheap.
_WINDOWS = tuple(timedelta(minutes=m) for m in (3, 180, 4_320, 57_600, 576_000))


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at which a source is to be searched."""

    name: str  # wall-clock time, e.g. "2026-11-25T06:10"
    at: datetime  # the instant, UTC


def newest_slot(cron: str, zone: str, *, now: datetime) -> Slot | None:
    """Return the last slot that is not in the future, or None where there was none in a year."""
    trigger, wall = _trigger(cron), _wall(now, zone)
    for window in _WINDOWS:
        found = None
        at = _next(trigger, wall - window)
        while at is not None and at <= wall:
            found, at = at, _next(trigger, at + timedelta(seconds=1))
        if found is not None:
            return _slot(found, zone)
    return None


def next_slot(cron: str, zone: str, *, after: datetime) -> Slot | None:
    """Return the first slot after an instant."""
    at = _next(_trigger(cron), _wall(after, zone) + timedelta(seconds=1))
    return _slot(at, zone) if at is not None else None


def late_by(cron: str, zone: str, *, last: datetime, now: datetime) -> timedelta:
    """Return how long the first slot after the last search has been waiting; nothing: on time."""
    missed = next_slot(cron, zone, after=last)
    if missed is None or missed.at >= now:
        return timedelta(0)
    return now - missed.at


def _trigger(cron: str) -> CronTrigger:
    # The wall clock is walked as if it were UTC, which has no clock changes to stumble over.
    return CronTrigger.from_crontab(cron, timezone=UTC)


def _next(trigger: CronTrigger, wall: datetime) -> datetime | None:
    at: datetime | None = trigger.get_next_fire_time(None, wall)
    return at


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)


def _slot(wall: datetime, zone: str) -> Slot:
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    return Slot(wall.strftime("%Y-%m-%dT%H:%M"), local.astimezone(UTC))
