"""Deliver what the outbox holds: lease, send, then mark. Looking takes no write lock.

Whatever one message raises is that message's failed try; the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.app import App, log
from bot.errors import DeliveryFailed
from bot.notify.channels import Channel, channel
from state import outbox, people
from state.errors import NotFound
from state.outbox import Delivery

Complete = Callable[[App, Delivery], Delivery]


def deliver(app: App, complete: Complete) -> int:
    """Deliver every message that is due; return how many left. A failure waits for its next try.

    complete: puts in what no stored message may hold, just before it leaves.
    """
    way = channel(app.config, app.mailbox)
    delivered = 0
    while (claimed := _claimed(app)) is not None:
        delivered += _deliver(app, way, complete, *claimed)
    return delivered


def _claimed(app: App) -> tuple[Delivery, str | None] | None:
    """Lease the next message, with the address it goes to."""
    with app.database.reading() as connection:
        if outbox.next_due(connection, now=app.clock.now()) is None:
            return None
    with app.database.transaction() as connection:
        due = outbox.claim_due(connection, now=app.clock.now())
        return (due, _address(connection, due.recipient)) if due is not None else None


def _deliver(
    app: App, way: Channel, complete: Complete, due: Delivery, address: str | None
) -> bool:
    try:
        way.send(complete(app, due), address)
    except DeliveryFailed as error:
        _failed(app, due, str(error))
        return False
    except Exception as error:  # noqa: BLE001 - the edge of a message: the next one goes on
        _failed(app, due, f"{type(error).__name__}: {error}")
        return False
    with app.ledger() as ledger:
        outbox.mark_delivered(ledger, due, way.name)
    return True


def _failed(app: App, due: Delivery, reason: str) -> None:
    stored = reason.encode("utf-8", "backslashreplace").decode()
    with app.database.transaction() as connection:
        outbox.mark_failed(connection, due, stored, now=app.clock.now())
    log.warning("notice %s to %s not delivered: %s", due.notice.key, due.recipient, stored)


def _address(connection: Connection, recipient: str) -> str | None:
    try:
        return people.find_person(connection, recipient).address
    except NotFound:
        return None
