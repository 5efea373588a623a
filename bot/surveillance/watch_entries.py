"""What changed in a known study's register entry: told, and the unusual put to a person.

Entries are compared field by field as they were read; what the register derives by itself
(derivedSection) is not read, so a release of the register changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.app import App
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.catalogue import REGISTERS
from extraction.model import Record
from extraction.registry import field_changes, results_due_on, unusual_changes
from state import extractions, outbox, records, runs
from state.codec import instant
from state.events import Ledger
from state.screening import StudyStatus
from state.tasks import TaskKind, raise_task
from state.values import StoredRecord, WorkKind


def watch_entry(
    app: App, ledger: Ledger, before: Record, after: Record, study: str, payload: str
) -> None:
    """Tell how a known study's register entry changed; other records have no entry to watch."""
    if before.entry is None or after.entry is None:
        return
    changes = field_changes(before.entry, after.entry)
    odd = unusual_changes(before.entry, after.entry)
    # A wording may come back: the change is known by its place in the history too.
    token = f"{payload[:12]}-{len(records.snapshots(ledger.connection, after.key))}"
    if odd:
        _ask(ledger, after, study, odd, token)
    if not changes and not odd:
        return
    lines = [
        f"{each.field}: {each.old or '-'} → {each.new or '-'} ({each.meaning})" for each in changes
    ]
    lines += [f"unusual: {each}" for each in odd]
    posted = after.entry.has_results and not before.entry.has_results
    label = extractions.find_study(ledger.connection, study).study.label
    link = f"{page_address(app)}/extract/{study}"
    entry = messages.WatchedEntry(after.source_id, after.title, label, link)
    notice = messages.entry_changed(entry, lines, token, posted=posted)
    roles = ("screener", "lead") if posted else ("lead",)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *roles))


def watch_vanished(ledger: Ledger, plan: SourcePlan, answer: SourceAnswer) -> None:
    """Ask a person about entries of known studies that a whole answer no longer holds."""
    if plan.kind not in REGISTERS or answer.problems:
        return
    held = {record.key for record in answer.records} | {odd.key for odd in answer.odd}
    for stored in _entries(ledger):
        if stored.record.source == plan.id and stored.record.key not in held:
            raise_task(
                ledger,
                f"vanished:{stored.record.key}",
                TaskKind.UNUSUAL_CHANGE,
                subject=stored.record.key,
                text=(
                    f"{stored.record.source_id} ({stored.record.title}) is no longer in the"
                    f" answer of {plan.name}: was it withdrawn from the register, or does the"
                    " strategy miss it?"
                ),
                study=stored.study,
            )


def look_at_registers(app: App) -> None:
    """Once a day, remind of entries whose results are overdue."""
    now = app.clock.now()
    with app.database.reading() as connection:
        if runs.find_work(connection, WorkKind.LOOK, now.date().isoformat()) is not None:
            return
    with app.ledger() as ledger:
        if not runs.enqueue(
            ledger.connection, WorkKind.LOOK, now.date().isoformat(), due_at=instant(now)
        ):
            return
        for stored in _entries(ledger, StudyStatus.ONGOING, StudyStatus.AWAITING):
            due = results_due_on(stored.record.entry) if stored.record.entry else None
            if due is not None and due < now.date():
                _remind(ledger, stored, due.isoformat())


def _remind(ledger: Ledger, stored: StoredRecord, due: str) -> None:
    entry = stored.record.entry
    ended = entry.primary_completion_on if entry is not None else None
    raise_task(
        ledger,
        f"overdue:{stored.record.key}:{ended}",
        TaskKind.RESULTS_OVERDUE,
        subject=stored.record.key,
        text=(
            f"{stored.record.source_id}: primary completion {ended}, results due by {due}, none"
            " posted. Write to the trial's people, and look for a publication."
        ),
        study=stored.study,
    )


def _ask(ledger: Ledger, record: Record, study: str, odd: Iterable[str], token: str) -> None:
    raise_task(
        ledger,
        f"unusual:{record.key}:{token}",
        TaskKind.UNUSUAL_CHANGE,
        subject=record.key,
        text=f"{record.source_id} ({record.title}): {'; '.join(odd)}. What does it mean for us?",
        study=study,
    )


def _entries(ledger: Ledger, *places: StudyStatus) -> list[StoredRecord]:
    """Return the register entries of known studies, of those that stand in these places."""
    return [
        each
        for stored in extractions.studies(ledger.connection)
        if not places or stored.place in places
        for each in records.records_of_study(ledger.connection, stored.study.id)
        if each.record.entry is not None
    ]
