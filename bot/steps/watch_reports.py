"""Notices on the reports of known studies: each told once, whichever sources tell of it."""

from __future__ import annotations

from bot.app import App
from bot.notify import messages
from bot.steps.extract import RECOMPUTE
from extraction.model import Correction, Direction, Record
from state import outbox, runs
from state.corrections import see_correction
from state.events import Ledger


def watch_report(app: App, ledger: Ledger, record: Record, study: str) -> None:
    """Tell of notices on a known study's report that were not known yet, and ask to recompute."""
    gained = [each for each in record.corrections if _gained(ledger, record, study, each)]
    if not gained:
        return
    lines = [
        f"{each.kind}: {each.citation or each.doi or each.pmid or 'no citation'}" for each in gained
    ]
    token = "+".join(sorted(each.doi or each.pmid or each.kind for each in gained))
    notice = messages.record_corrected(record.key, record.title, study, lines, token)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, "lead", "extractor"))
    runs.request(ledger.connection, RECOMPUTE, app.protocol.id, due_at=ledger.at)


def _gained(ledger: Ledger, record: Record, study: str, correction: Correction) -> bool:
    if correction.direction is not Direction.OF_THIS:
        return False
    name = correction.doi or correction.pmid or correction.citation or record.key
    return see_correction(
        ledger,
        f"{study}:{correction.kind}:{name}",
        study=study,
        record_key=record.key,
        kind=correction.kind,
        doi=correction.doi,
        pmid=correction.pmid,
        citation=correction.citation,
        source=record.source,
    )
