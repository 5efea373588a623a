"""One message a person and day: what asks for nothing today waits and leaves together.

What fails leaves together as well, in a message of its own: one outage is told once, not once for
each source. What is not named here leaves the same day, by itself (`bot/notify/messages.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App
from state import outbox, runs
from state.facts.words import NoticeKind
from state.outbox import Delivery, OnceADay
from state.values import Notice

DAILY = frozenset(
    {
        NoticeKind.COMMENTED,
        NoticeKind.CONFLICT,
        NoticeKind.EMPTY_ROLE,
        NoticeKind.FULL_TEXT,
        NoticeKind.NOTHING_NEW,
        NoticeKind.OPEN_WORK,
        NoticeKind.ALERT_REFUSED,
        NoticeKind.NEW_CANDIDATES,
        NoticeKind.SECOND_REPORT,
        NoticeKind.SOURCE_DUE,
        NoticeKind.SOURCE_OVERDUE,
        NoticeKind.THIRD_PERSON,
    }
)
FAILING = frozenset({NoticeKind.SOURCE_FAILING, NoticeKind.WORK_FAILING, NoticeKind.HOOK_FAILED})
GROUPS = (DAILY, FAILING)
# A day's message leaves when people begin to work; what came in the night wakes nobody.
MORNING = time(6)
RULE = "-" * 40  # between two notices of one message
SUBJECTS_NAMED = 2  # more is no subject line


def once_a_day(app: App, connection: Connection) -> OnceADay | None:
    """Say what leaves once a day, when today's day of messages began, and what is not complete.

    Nothing does where all are told in one place: no person has messages of their own. While work is
    being done, more may fail.
    """
    if app.config.tells_in_one_place:
        return None
    now = app.clock.now()
    gathering = FAILING if runs.is_any_in_hand(connection, now=now) else frozenset[str]()
    return OnceADay(GROUPS, day_began(now, app.protocol.time_zone), gathering)


def next_message(app: App, connection: Connection) -> Delivery | None:
    """Return the next message that may leave now, if any."""
    return outbox.next_due(connection, now=app.clock.now(), daily=once_a_day(app, connection))


def day_began(now: datetime, zone: str) -> datetime:
    """Return the newest morning of the review's time zone that is not in the future."""
    there = now.astimezone(ZoneInfo(zone))
    morning = datetime.combine(there.date(), MORNING, there.tzinfo)
    began = morning if morning <= there else morning - timedelta(days=1)
    return began.astimezone(UTC)


def together(deliveries: Sequence[Delivery]) -> Delivery:
    """Return the one message in which these leave: the first, with all that the others say."""
    first, *others = deliveries
    if not others:
        return first
    notices = [each.notice for each in deliveries]
    bodies = (f"{each.subject}\n\n{each.body.strip()}" for each in notices)
    notice = Notice(
        first.notice.key, NoticeKind.DAY, _subject(notices), f"\n\n{RULE}\n\n".join(bodies)
    )
    return replace(first, notice=notice, together=tuple(each.message_id for each in others))


def _subject(notices: Sequence[Notice]) -> str:
    named = [each.subject for each in notices[:SUBJECTS_NAMED]]
    more = len(notices) - len(named)
    return "; ".join([*named, *([f"{more} more"] if more else [])])
