"""Take in an export of a hand-run source: read whole or refused, then stored like any answer."""

from __future__ import annotations

import hashlib

from bot.app import App
from bot.fetch import Payload
from bot.sources.answer import Answer
from bot.steps.search import find_source, new_run_id, run_of, take_in, tell
from extraction.errors import ExtractionError
from extraction.readers.export import Export, read_export
from state import runs
from state.errors import BadInput
from state.events import Actor
from state.runs import SearchRun


def take_import(app: App, actor: Actor, body: bytes, name: str, source: str) -> SearchRun:
    """Take in an export as one run of its source; of a file that is refused nothing is stored."""
    plan = find_source(app, source)
    started = app.clock.now()
    try:
        export = read_export(body, name, source=plan.id)
    except ExtractionError as error:
        raise BadInput(f"{name}: {error}") from error
    answer = _answer(body, name, export)
    with app.ledger(actor) as ledger:
        taken = take_in(app, ledger, plan, answer, new_run_id(plan, started))
        run = run_of(app, plan, started, answer, taken)
        runs.record_search(ledger, run)
        tell(app, ledger, plan, run, taken)
    return run


def _answer(body: bytes, name: str, export: Export) -> Answer:
    payload = Payload(hashlib.sha256(body).hexdigest(), "application/octet-stream", body)
    return Answer(
        records=export.records,
        payloads=(payload,),
        payload_of={record.key: payload.sha256 for record in export.records},
        query=f"imported {name} ({export.dialect})",
        found=len(export.records),
        pages=1,
        requests=0,
    )
