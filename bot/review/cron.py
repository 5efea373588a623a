"""Whether a schedule's cron text can be kept. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from apscheduler.triggers.cron import CronTrigger

_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_WEEKDAY = 4


def cron_fault(text: str) -> str | None:
    """Say what a five-field cron text should have been, or None where it is good.

    Weekdays are written by name: programs disagree on which day is number 1.
    """
    fields = text.split()
    if len(fields) != 5:
        return f"five fields (minute, hour, day, month, weekday); there are {len(fields)}"
    if any(character.isdigit() for character in fields[_WEEKDAY].split("/")[0]):
        return "the weekday by name (mon, tue, wed, thu, fri, sat, sun)"
    try:
        trigger = CronTrigger.from_crontab(text, timezone=UTC)
    except ValueError as error:
        return f"a cron text ({error})"
    if trigger.get_next_fire_time(None, _ANY_DAY) is None:
        return "a time that comes"
    return None
