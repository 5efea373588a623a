"""What changed in a known study's register entry: told, and the unusual put to a person."""

from __future__ import annotations

from bot.notify import messages
from extraction.model import Record
from extraction.registry import field_changes
from state import outbox
from state.events import Ledger


def watch_entry(ledger: Ledger, before: Record, after: Record, study: str, payload: str) -> None:
    """Tell how a known study's register entry changed; other records have no entry to watch."""
    if before.entry is None or after.entry is None:
        return
    changes = field_changes(before.entry, after.entry)
    if not changes:
        return
    lines = [
        f"{each.field}: {each.old or '-'} → {each.new or '-'} ({each.meaning})" for each in changes
    ]
    posted = after.entry.has_results and not before.entry.has_results
    notice = messages.entry_changed(
        after.source_id, after.title, study, lines, payload[:12], posted=posted
    )
    roles = ("screener", "lead") if posted else ("lead",)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *roles))
