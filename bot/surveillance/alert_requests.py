"""When the mailbox of alerts is read: every quarter of an hour, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.app import App
from state import runs
from state.attempts import Retry
from state.codec import instant, moment
from state.runs import WorkState
from state.values import WorkKind

ALERTS_KEY = "alerts"
EVERY = timedelta(minutes=15)
MAILBOX_RETRY = Retry(first=timedelta(minutes=5), longest=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class MailboxStanding:
    """How the mailbox stands: when it was read last, and why its last reading failed, if it did."""

    read_at: str | None
    error: str | None
    next_try: str | None


def mailbox_standing(app: App, connection: Connection) -> MailboxStanding | None:
    """Say how the mailbox stands; None where the settings name none."""
    if app.config.alerts_imap_url is None:
        return None
    work = runs.find_work(connection, WorkKind.MAILBOX, ALERTS_KEY)
    if work is None:
        return MailboxStanding(None, None, None)
    failed = work.last_error if work.state is not WorkState.DONE else None
    return MailboxStanding(work.done_at, failed, work.due_at if failed is not None else None)


def request_reading(app: App) -> None:
    """Make it due that the mailbox is read, where there is one and the last reading is old."""
    if app.config.alerts_imap_url is None:
        return
    now = app.clock.now()
    with app.database.reading() as connection:
        last = runs.find_work(connection, WorkKind.MAILBOX, ALERTS_KEY)
    if last is not None and (
        last.state is not WorkState.DONE or now - moment(last.done_at or last.due_at) < EVERY
    ):
        return
    with app.database.transaction() as connection:
        runs.request(connection, WorkKind.MAILBOX, ALERTS_KEY, due_at=instant(now))
