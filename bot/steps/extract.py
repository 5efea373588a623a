"""Store what extractors hand in and adjudicators rule; the last value enqueues the recompute."""

from __future__ import annotations

import hashlib

from bot.app import App
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.steps.links import base_link
from bot.steps.synthesise import RECOMPUTE
from bot.submission import Json, Submission, read_submission
from state import extractions, outbox, runs, versions
from state.agreement import Agreement
from state.codec import canonical
from state.errors import BadInput
from state.events import Actor, Ledger


def extract(app: App, actor: Actor, person: str, study: str, data: Json) -> Agreement:
    """Store one person's extraction of a study."""
    submission = read_submission(data, app.protocol, study)
    with app.ledger(actor) as ledger:
        after = extractions.submit(
            ledger,
            study,
            person,
            submission.handed,
            protocol_version=app.protocol.version,
        )
        if after.open_round is None:
            _propose_amendments(app, ledger, study, submission)
        _follow(app, ledger, study, after)
        return after


def adjudicate(
    app: App,
    actor: Actor,
    person: str,
    study: str,
    cell: str,
    *,
    number: float | None = None,
    text: str | None = None,
    note: str,
) -> Agreement:
    """Store a third person's answer for a value on which the two extractors differ."""
    if not note.strip():
        raise BadInput("an adjudication gives its reason in a note")
    with app.ledger(actor) as ledger:
        after = extractions.adjudicate(
            ledger, study, person, cell, number=number, text=text, note=note
        )
        _follow(app, ledger, study, after)
        return after


def _follow(app: App, ledger: Ledger, study: str, after: Agreement) -> None:
    """Write what follows: differences to the adjudicator, the last accepted value to the engine."""
    connection = ledger.connection
    if after.settled:
        runs.request(connection, RECOMPUTE, app.protocol.id, due_at=ledger.at)
    elif after.differences and after.open_round is None:
        label = extractions.find_study(connection, study).study.label
        token = hashlib.sha256(
            canonical([each.cell for each in after.differences]).encode()
        ).hexdigest()[:12]
        notice = messages.differences(study, label, len(after.differences), token, base_link(app))
        outbox.write(ledger, notice, outbox.recipients(connection, extractions.ADJUDICATOR))


def _propose_amendments(app: App, ledger: Ledger, study: str, submission: Submission) -> None:
    """Keep what the protocol lacks and ask the authors, once both extractors have handed in."""
    for kind, name, label in submission.lacking:
        amendment = f"{kind}-{name}".replace(" ", "-")
        text = f"{study} reports the {kind} '{label}', which the protocol does not have. Add it?"
        versions.propose_amendment(ledger, amendment, text=text, cause=study)
        notice = messages.amendment_proposed(amendment, text, base_link(app))
        outbox.write(ledger, notice, outbox.recipients(ledger.connection, *EVERYBODY))
