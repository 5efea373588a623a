"""Deliver what the outbox holds: lease, send, then mark. Looking takes no write lock.

Whatever one message raises is that message's failed try; the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.app import App, log
from bot.errors import DeliveryFailed, DeliveryRefused
from bot.notify import messages
from bot.notify.channels import CHAT, Alive, Ways, ways
from bot.notify.daily import next_message, once_a_day, together
from state import outbox, people
from state.errors import NotFound
from state.facts.words import NoticeKind, RoleId
from state.outbox import Delivery

Complete = Callable[[App, Delivery], Delivery]


def deliver(app: App, complete: Complete) -> int:
    """Deliver every message that is due; return how many left. A failure waits for its next try.

    complete: puts in what no stored message may hold, just before it leaves.
    """
    out = ways(app.config, app.mailbox)
    delivered = 0
    try:
        while (claimed := _claimed(app, out)) is not None:
            delivered += _deliver(app, out, complete, claimed)
    finally:
        out.close()
    return delivered


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message that this process may send: to one, or to all who read the same place.

    leaving: what is handed over for all of the deliveries.
    """

    deliveries: tuple[Delivery, ...]
    leaving: Delivery
    address: str | None
    told_already: bool  # in the place that all of them read


def _claimed(app: App, out: Ways) -> _Claimed | None:
    """Lease the next message, with the address it goes to.

    What is told beside the messages is addressed with the first of them: it is one delivery more,
    which is tried, fails and is marked by itself.
    """
    with app.database.reading() as connection:
        if next_message(app, connection) is None:
            return None
    with app.ledger() as ledger:
        connection, now = ledger.connection, app.clock.now()
        claimed = outbox.claim_due(connection, now=now, daily=once_a_day(app, connection))
        if not claimed:
            return None
        due = claimed[0]
        if out.is_told_beside(due.notice.kind):
            for each in claimed:
                outbox.address(ledger, each.notice.key, CHAT)
        others = outbox.claim_others(connection, due, now=now) if out.own.shared else ()
        told = out.own.shared and outbox.was_told_in(connection, due.notice.key, CHAT)
        address = _address(connection, due.recipient)
        return _Claimed((*claimed, *others), together(claimed), address, told)


def _deliver(app: App, out: Ways, complete: Complete, claimed: _Claimed) -> bool:
    try:
        way = out.to(claimed.leaving.recipient)
        if not claimed.told_already:
            leaving = _naming_the_review(app, complete(app, claimed.leaving))
            way.send(leaving, claimed.address, _lease_of(app, claimed))
    except DeliveryRefused as error:
        _refused(app, claimed, str(error))
    except DeliveryFailed as error:
        _failed(app, claimed, str(error))
    except Exception as error:  # noqa: BLE001 - the edge of a message: the next one goes on
        _failed(app, claimed, f"{type(error).__name__}: {error}")
    else:
        with app.ledger() as ledger:
            for each in claimed.deliveries:
                outbox.mark_delivered(ledger, each, way.name)
        return True
    return False


def _naming_the_review(app: App, delivery: Delivery) -> Delivery:
    """End every message with the review it is about: a reader may be on the team of several."""
    body = f"{delivery.notice.body.rstrip()}\n\nReview: {app.protocol.short_title}\n"
    return replace(delivery, notice=replace(delivery.notice, body=body))


def _lease_of(app: App, claimed: _Claimed) -> Alive:
    """Return what renews the lease while a slow server is waited for, each time half is over."""
    until = app.clock.now() + outbox.LEASE

    def alive() -> None:
        nonlocal until
        now = app.clock.now()
        if until - now > outbox.LEASE / 2:
            return
        with app.database.transaction() as connection:
            for each in claimed.deliveries:
                outbox.hold(connection, each, now=now)
        until = now + outbox.LEASE

    return alive


def _refused(app: App, claimed: _Claimed, reason: str) -> None:
    """Keep a final refusal and tell the lead; that even this was refused is only kept."""
    stored = _stored(reason)
    messages_refused = (claimed.leaving,) if claimed.leaving.together else claimed.deliveries
    with app.ledger() as ledger:
        for each in claimed.deliveries:
            outbox.mark_refused(ledger.connection, each, stored, now=app.clock.now())
        for each in messages_refused:
            if each.notice.kind != NoticeKind.DELIVERY_REFUSED:
                notice = messages.delivery_refused(
                    each.message_id, each.notice.subject, each.recipient, stored
                )
                outbox.write(ledger, notice, outbox.recipients(ledger.connection, RoleId.LEAD))
    _log(claimed, stored)


def _failed(app: App, claimed: _Claimed, reason: str) -> None:
    stored = _stored(reason)
    with app.database.transaction() as connection:
        for each in claimed.deliveries:
            outbox.mark_failed(connection, each, stored, now=app.clock.now())
    _log(claimed, stored)


def _stored(reason: str) -> str:
    return reason.encode("utf-8", "backslashreplace").decode()


def _log(claimed: _Claimed, reason: str) -> None:
    for each in claimed.deliveries:
        log.warning("notice %s to %s not delivered: %s", each.notice.key, each.recipient, reason)


def _address(connection: Connection, recipient: str) -> str | None:
    """Return where a recipient reads; one that is an address is what a person had before."""
    if "@" in recipient:
        return recipient
    try:
        return people.find_person(connection, recipient).address
    except NotFound:
        return None
