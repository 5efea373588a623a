"""What is to be told to whom: written with the change it tells of, delivered later, then marked.

A crash between delivery and mark repeats the message with the same Message-ID; nothing is marked
that was not delivered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from state import people
from state import tables as t
from state.codec import instant
from state.events import Ledger
from state.facts import NoticeAddressed, NoticeDelivered, NoticeWritten
from state.facts.words import NoticeKind, RoleId
from state.values import Notice

ROLE_PREFIX = "role:"
CHANNEL_PREFIX = "channel:"  # a place that all read, beside the messages to each
# A sender that died is replaced soon, and one that is slow renews its lease; a server that is down
# is looked at four times a day, as a source is.
LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)

_WAITING = t.delivery.c.delivered_at.is_(None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one recipient.

    A recipient is a person's id; 'role:…' that nobody holds yet; 'channel:…' that all read; or an
    address that was a person's until now. sent_with: the Message-ID of the message in which it
    leaves with others; together: the ids of those that leave in it, where it is the first of them.
    """

    notice: Notice
    recipient: str
    message_id: str
    written_at: str
    delivered_at: str | None
    channel: str | None
    attempts: int = 0
    last_error: str | None = None
    sent_with: str | None = None
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnceADay:
    """Groups of kinds of notice: those of a group reach a person in one message a day.

    since: when this day began; gathering: kinds of which more is about to come, so that none leaves
    """

    groups: tuple[frozenset[str], ...]
    since: datetime
    gathering: frozenset[str] = frozenset()

    def group_of(self, delivery: Delivery) -> frozenset[str] | None:
        """Return the kinds that leave with this one; None where it leaves by itself."""
        if delivery.recipient.startswith(CHANNEL_PREFIX):
            return None
        return next((each for each in self.groups if delivery.notice.kind in each), None)


def write(ledger: Ledger, notice: Notice, recipients: Sequence[str]) -> bool:
    """Write a notice into the outbox; a key that is there already is not written again."""
    known = select(t.notice.c.key).where(t.notice.c.key == notice.key)
    if ledger.connection.execute(known).first() is not None:
        return False
    ledger.record(
        NoticeWritten(
            notice=notice.key,
            notice_kind=notice.kind,
            subject=notice.subject,
            body=notice.body,
            recipients={each: _message_id(notice.key, each) for each in recipients},
        )
    )
    return True


def written_at(connection: Connection, key: str) -> str | None:
    """Return when the notice with this key was written, or None where it was not."""
    query = select(t.notice.c.written_at).where(t.notice.c.key == key)
    return connection.execute(query).scalar()


def newest_key(connection: Connection, beginning: str) -> str | None:
    """Return the last, as text, of the keys of notices that begin so."""
    key = t.notice.c.key
    query = select(func.max(key)).where(key.startswith(beginning, autoescape=True))
    return connection.execute(query).scalar()


def recipients(connection: Connection, *roles: RoleId) -> tuple[str, ...]:
    """Return who holds these roles; a role that nobody holds stands for itself."""
    found: dict[str, None] = {}
    for role in roles:
        holders = people.holders(connection, role)
        for name in [person.id for person in holders] or [f"{ROLE_PREFIX}{role}"]:
            found[name] = None
    return tuple(found)


def claim_due(
    connection: Connection, *, now: datetime, daily: OnceADay | None = None
) -> tuple[Delivery, ...]:
    """Lease the next message to deliver, with all that leave in it; nothing where none is due.

    What was leased together before and may have left is leased as it was, without what came since.
    """
    delivery = next_due(connection, now=now, daily=daily)
    if delivery is None:
        return ()
    group = daily.group_of(delivery) if daily is not None else None
    if group is None:
        _lease(connection, delivery, now)
        return (delivery,)
    sent_with = delivery.sent_with or delivery.message_id
    together = (delivery, *_companions(connection, delivery, group))
    for each in together:
        _lease(connection, each, now, sent_with=sent_with)
    return together


def _companions(
    connection: Connection, first: Delivery, group: frozenset[str]
) -> tuple[Delivery, ...]:
    attempt = t.delivery_attempt.c
    query = _deliveries().where(
        t.delivery.c.recipient == first.recipient,
        t.notice.c.key != first.notice.key,
        t.notice.c.kind.in_(group),
        _WAITING,
        attempt.refused_at.is_(None),
        attempt.sent_with.is_not_distinct_from(first.sent_with),
    )
    return tuple(_delivery(row) for row in connection.execute(query))


def claim_others(connection: Connection, first: Delivery, *, now: datetime) -> tuple[Delivery, ...]:
    """Lease the same notice to all its other recipients: one posting in a shared place serves."""
    query = _deliveries().where(
        t.notice.c.key == first.notice.key, t.delivery.c.delivered_at.is_(None)
    )
    found = [_delivery(row) for row in connection.execute(query)]
    others = tuple(each for each in found if each.recipient != first.recipient)
    for each in others:
        _lease(connection, each, now)
    return others


def address(ledger: Ledger, notice: str, recipient: str) -> None:
    """Have a notice told in one more place; a place that it was addressed to is not told again."""
    column = t.delivery.c
    known = select(column.notice_key).where(
        column.notice_key == notice, column.recipient == recipient
    )
    if ledger.connection.execute(known).first() is None:
        ledger.record(
            NoticeAddressed(
                notice=notice, recipient=recipient, message_id=_message_id(notice, recipient)
            )
        )


def was_told_in(connection: Connection, notice: str, recipient: str) -> bool:
    """Whether a notice was delivered in a place that many read."""
    column = t.delivery.c
    query = select(column.delivered_at).where(
        column.notice_key == notice, column.recipient == recipient
    )
    return connection.execute(query).scalar() is not None


def _lease(
    connection: Connection, delivery: Delivery, now: datetime, *, sent_with: str | None = None
) -> None:
    _attempt(
        connection,
        delivery,
        lease_until=instant(now + LEASE),
        next_try_at=instant(now),
        sent_with=sent_with,
    )


def hold(connection: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Renew the lease of a message that is being sent."""
    _attempt(connection, delivery, lease_until=instant(now + LEASE))


def mark_refused(connection: Connection, delivery: Delivery, error: str, *, now: datetime) -> None:
    """Keep that a message will never be taken: it is not tried again."""
    _attempt(
        connection,
        delivery,
        attempts=delivery.attempts + 1,
        last_error=error,
        refused_at=instant(now),
        lease_until=None,
    )


def next_due(
    connection: Connection, *, now: datetime, daily: OnceADay | None = None
) -> Delivery | None:
    """Return the next message that may be delivered, or None; nothing is written.

    daily: what waits for the next day where a person has had their message of this one.
    """
    attempt = t.delivery_attempt.c
    query = (
        _deliveries()
        .where(t.delivery.c.delivered_at.is_(None), attempt.refused_at.is_(None))
        .where(or_(attempt.next_try_at.is_(None), attempt.next_try_at <= instant(now)))
        .where(or_(attempt.lease_until.is_(None), attempt.lease_until <= instant(now)))
        .limit(1)
    )
    if daily is not None:
        held = (_had_today(group, daily.since) for group in daily.groups)
        query = query.where(~or_(*held, _of_a_day(daily.gathering)))
    row = connection.execute(query).first()
    return _delivery(row) if row is not None else None


def _of_a_day(group: frozenset[str]) -> ColumnElement[bool]:
    """Say in SQL which messages leave once a day with a group.

    What may have left in a message already is not held: it is that message.
    """
    return and_(
        t.notice.c.kind.in_(group),
        ~t.delivery.c.recipient.startswith(CHANNEL_PREFIX),
        t.delivery_attempt.c.sent_with.is_(None),
    )


def _had_today(group: frozenset[str], since: datetime) -> ColumnElement[bool]:
    """Say in SQL which messages wait for the next day: today's has left, or is on its way."""
    other, of, tried = (
        table.alias(f"other_{table.name}") for table in (t.delivery, t.notice, t.delivery_attempt)
    )
    attempts = other.join(of, of.c.key == other.c.notice_key).outerjoin(
        tried,
        (tried.c.notice_key == other.c.notice_key) & (tried.c.recipient == other.c.recipient),
    )
    on_its_way = and_(
        other.c.delivered_at.is_(None), tried.c.sent_with.is_not(None), tried.c.refused_at.is_(None)
    )
    has_today = (
        exists()
        .select_from(attempts)
        .where(
            other.c.recipient == t.delivery.c.recipient,
            of.c.kind.in_(group),
            or_(other.c.delivered_at >= instant(since), on_its_way),
        )
        .correlate(t.delivery)
    )
    return and_(_of_a_day(group), has_today)


def next_try(connection: Connection, *, now: datetime) -> str | None:
    """Return the next instant after now at which a message is tried again."""
    at = t.delivery_attempt.c.next_try_at
    return connection.execute(select(func.min(at)).where(at > instant(now))).scalar()


def mark_delivered(ledger: Ledger, delivery: Delivery, channel: str) -> None:
    """Mark a message as delivered, after it was."""
    ledger.record(
        NoticeDelivered(notice=delivery.notice.key, recipient=delivery.recipient, channel=channel)
    )


def mark_failed(
    connection: Connection, delivery: Delivery, error: str, *, now: datetime
) -> datetime:
    """Keep the error of a failed delivery; return when it is tried again (ever more rarely)."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(delivery.attempts, 16)
    again = now + min(doubled, LONGEST_WAIT)
    _attempt(
        connection,
        delivery,
        attempts=delivery.attempts + 1,
        last_error=error,
        next_try_at=instant(again),
        lease_until=None,
    )
    return again


def deliveries(connection: Connection, *, limit: int | None = None) -> tuple[Delivery, ...]:
    """Return messages, the newest first."""
    query = _deliveries().order_by(None)
    query = query.order_by(t.notice.c.written_at.desc(), t.notice.c.key, t.delivery.c.recipient)
    if limit is not None:
        query = query.limit(limit)
    return tuple(_delivery(row) for row in connection.execute(query))


def undelivered(connection: Connection, limit: int) -> tuple[Delivery, ...]:
    """Return messages that were not delivered yet, the newest first."""
    query = _deliveries().where(_WAITING).order_by(None)
    query = query.order_by(t.notice.c.written_at.desc(), t.notice.c.key, t.delivery.c.recipient)
    return tuple(_delivery(row) for row in connection.execute(query.limit(limit)))


def count_undelivered(connection: Connection) -> int:
    """Count the messages that were not delivered yet."""
    query = select(func.count()).select_from(t.delivery).where(_WAITING)
    return connection.execute(query).scalar_one()


def undelivered_by_reason(connection: Connection) -> dict[str, int]:
    """Count the messages that could not be delivered by the reason, the newest message's first."""
    reason, newest = t.delivery_attempt.c.last_error, func.max(t.notice.c.written_at)
    query = (
        _deliveries()
        .with_only_columns(reason, func.count())
        .where(_WAITING, reason.is_not(None))
        .group_by(reason)
        .order_by(None)
        .order_by(newest.desc(), reason)
    )
    return {str(each): number for each, number in connection.execute(query)}


def deliveries_to(connection: Connection, person_id: str, limit: int) -> tuple[Delivery, ...]:
    """Return one person's messages, the newest first."""
    query = _deliveries().where(t.delivery.c.recipient == person_id).order_by(None)
    query = query.order_by(t.notice.c.written_at.desc(), t.notice.c.key).limit(limit)
    return tuple(_delivery(row) for row in connection.execute(query))


def _deliveries() -> Select[Any]:
    attempt = t.delivery_attempt
    return (
        select(
            t.notice,
            t.delivery,
            attempt.c.attempts,
            attempt.c.last_error,
            attempt.c.sent_with,
        )
        .join(t.notice, t.notice.c.key == t.delivery.c.notice_key)
        .outerjoin(
            attempt,
            (attempt.c.notice_key == t.delivery.c.notice_key)
            & (attempt.c.recipient == t.delivery.c.recipient),
        )
        .order_by(t.notice.c.written_at, t.notice.c.key, t.delivery.c.recipient)
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        Notice(row.key, NoticeKind(row.kind), row.subject, row.body),
        row.recipient,
        row.message_id,
        row.written_at,
        row.delivered_at,
        row.channel,
        row.attempts or 0,
        row.last_error,
        row.sent_with,
    )


def _attempt(connection: Connection, delivery: Delivery, **values: object) -> None:
    column = t.delivery_attempt.c
    changed = connection.execute(
        update(t.delivery_attempt)
        .where(column.notice_key == delivery.notice.key, column.recipient == delivery.recipient)
        .values(**values)
    )
    if not changed.rowcount:
        first = {"attempts": 0, "last_error": None, **values}
        connection.execute(
            insert(t.delivery_attempt).values(
                notice_key=delivery.notice.key, recipient=delivery.recipient, **first
            )
        )


def _message_id(key: str, recipient: str) -> str:
    digest = hashlib.sha256(f"{key}\n{recipient}".encode()).hexdigest()
    return f"<{digest[:40]}@living-review>"
