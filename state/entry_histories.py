"""What registers say of the past of their entries: the newest reading of each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from state import tables as t
from state.events import Ledger
from state.facts import EntryHistoryRead


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """The history of an entry as it was read at an instant."""

    read: EntryHistoryRead
    at: str


def keep_history(ledger: Ledger, read: EntryHistoryRead) -> None:
    """Store what a register said of an entry's past, where it is not what it said before."""
    kept = find_history(ledger.connection, read.entry)
    if kept is None or kept.read != read:
        ledger.record(read)


def find_history(connection: Connection, entry: str) -> KeptHistory | None:
    """Return the history of an entry that was read last; None where none was."""
    query = select(t.entry_history).where(t.entry_history.c.entry == entry)
    row = connection.execute(query).first()
    if row is None:
        return None
    return KeptHistory(EntryHistoryRead.model_validate_json(row.data), row.at)
