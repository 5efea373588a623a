"""Deliver what the outbox holds: lease, send, then mark."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.app import App, log
from bot.errors import DeliveryFailed
from bot.notify.channels import channel
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
    while True:
        with app.database.transaction() as connection:
            due = outbox.claim_due(connection, now=app.clock.now())
            if due is None:
                return delivered
            address = _address(connection, due.recipient)
        try:
            way.send(complete(app, due), address)
        except DeliveryFailed as error:
            with app.database.transaction() as connection:
                outbox.mark_failed(connection, due, str(error), now=app.clock.now())
            log.warning("notice %s to %s not delivered: %s", due.notice.key, due.recipient, error)
        else:
            with app.ledger() as ledger:
                outbox.mark_delivered(ledger, due, way.name)
            delivered += 1


def _address(connection: Connection, recipient: str) -> str | None:
    try:
        return people.find_person(connection, recipient).address
    except NotFound:
        return None
