"""The results computed anew, where the newest are not of the inputs of now.

Nothing asks for a recompute because of an event. Whoever looks compares the hash of the inputs in
force with that of the newest result; where they differ a recompute is due, and the worker owns it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from analysis.errors import AnalysisError
from bot.app import App, log
from bot.notify import messages
from bot.synthesis.drafting import draft_what_is_new, kind_since
from bot.synthesis.inputs_in_force import inputs_of_now, protocol_sha256
from bot.synthesis.synthesise import Synthesis, refused_lines, store, synthesise
from state import outbox, runs, versions
from state.attempts import FailedTry, PutBack, ToStore
from state.codec import instant
from state.events import Ledger, head
from state.facts.words import RoleId
from state.runs import Work
from state.values import WorkKind


def request_recompute(app: App) -> None:
    """Make a recompute due where the newest result is not of the inputs of now.

    A process looks again when the log has grown or its protocol is another; looking locks nothing.
    A failed try waits for its time, unless the inputs are others since.
    """
    looked = app.looked
    with app.database.reading() as connection:
        seen = f"{head(connection)[0]} {protocol_sha256(app)}"
        if looked.at == seen or versions.last_published(connection) is None:
            return
        now = inputs_of_now(app, connection).hash
        due = now != versions.newest_result(connection) or _draft_is_of_old_kind(connection)
    if due:
        others = looked.found != now
        with app.database.transaction() as connection:
            at = instant(app.clock.now())
            runs.request(connection, WorkKind.RECOMPUTE, app.protocol.id, due_at=at, sooner=others)
    looked.at, looked.found = seen, now


def _draft_is_of_old_kind(connection: Connection) -> bool:
    """Whether a search ran since a draft was made that says none did."""
    last, draft = versions.last_published(connection), versions.open_draft(connection)
    return last is not None and draft is not None and draft.kind != kind_since(connection, last)


def recompute(app: App, _work: Work) -> ToStore:
    """Compute the results anew, and return them with the draft they may lead to."""
    with app.database.reading() as connection:
        found = synthesise(app, connection)
    return ToStore(
        lambda ledger: _store_if_current(app, ledger, found),
        lambda: log.info("recomputed: result %s", found.id[:12]),
    )


def _store_if_current(app: App, ledger: Ledger, found: Synthesis) -> PutBack | None:
    """Store a result, unless its inputs changed while it was computed: that asks for another."""
    if inputs_of_now(app, ledger.connection).hash != found.id:
        return PutBack("what it is computed from changed meanwhile", app.clock.now())
    store(ledger, found)
    _tell_refused(ledger, found)
    draft_what_is_new(app, ledger, found)
    return None


def _tell_refused(ledger: Ledger, found: Synthesis) -> None:
    """Tell whose values are left out because they cannot be pooled (once for each such list)."""
    lines = refused_lines(found.results)
    if lines:
        recipients = outbox.recipients(ledger.connection, RoleId.LEAD, RoleId.EXTRACTOR)
        outbox.write(ledger, messages.values_refused(lines), recipients)


def recompute_failed(ledger: Ledger, failed: FailedTry) -> bool:
    """Say why the accepted values do not allow a result; False where no value is at fault."""
    if not isinstance(failed.error, AnalysisError):
        return False
    notice = messages.recompute_failed(failed.reason)
    outbox.write(
        ledger, notice, outbox.recipients(ledger.connection, RoleId.LEAD, RoleId.EXTRACTOR)
    )
    return True
