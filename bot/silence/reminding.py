"""When people are reminded: once in each day of messages, by the first process that looks."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from bot.app import App
from bot.notify.daily import day_began
from state import runs
from state.values import WorkKind


def today(app: App) -> date:
    """Return the day of messages that it is."""
    zone = app.protocol.time_zone
    return day_began(app.clock.now(), zone).astimezone(ZoneInfo(zone)).date()


def request_reminding(app: App) -> None:
    """Ask for the reminders of today, unless somebody has."""
    day = today(app).isoformat()
    with app.database.reading() as connection:
        if runs.find_work(connection, WorkKind.REMIND, day) is not None:
            return
    with app.ledger() as ledger:
        runs.enqueue(ledger.connection, WorkKind.REMIND, day, due_at=ledger.at)
