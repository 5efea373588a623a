"""What providers sent between two searches and was taken in; none of it is a search."""

from __future__ import annotations

from sqlalchemy import Connection, Row, select

from state import tables as t
from state.events import Ledger
from state.facts import AlertTaken
from state.values import StoredAlert


def record_alert(ledger: Ledger, alert: AlertTaken) -> None:
    """Store that an alert was taken in."""
    ledger.record(alert)


def alert_with(connection: Connection, source: str, payload: str) -> StoredAlert | None:
    """Return the alert of a source that brought these very bytes, if one did."""
    column = t.alert.c
    query = select(t.alert).where(column.payload_sha256 == payload, column.source == source)
    row = connection.execute(query.order_by(column.taken_at).limit(1)).first()
    return _alert(row) if row is not None else None


def last_alert(connection: Connection, source: str) -> StoredAlert | None:
    """Return the alert of a source that was sent last."""
    column = t.alert.c
    query = select(t.alert).where(column.source == source)
    row = connection.execute(query.order_by(column.day.desc(), column.id.desc()).limit(1)).first()
    return _alert(row) if row is not None else None


def alerts_since(connection: Connection, source: str, after: str) -> tuple[StoredAlert, ...]:
    """Return the alerts of a source that were taken in after an instant."""
    column = t.alert.c
    query = select(t.alert).where(column.source == source, column.taken_at > after)
    return tuple(map(_alert, connection.execute(query.order_by(column.day, column.id))))


def all_alerts(connection: Connection) -> tuple[StoredAlert, ...]:
    """Return every alert that was taken in, in the order of their days."""
    column = t.alert.c
    return tuple(map(_alert, connection.execute(select(t.alert).order_by(column.day, column.id))))


def _alert(row: Row[tuple[object, ...]]) -> StoredAlert:
    return StoredAlert(row.taken_at, AlertTaken.model_validate_json(row.data))
