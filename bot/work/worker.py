"""The one owner of work: it claims, runs, finishes, puts back and tells.

Whatever a piece of work raises is that piece's stored failure: the error is kept, people are told
once, it is tried again ever later, and the next piece goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from analysis.errors import AnalysisError
from bot.app import App, log, log_raised
from bot.errors import BotError, SourceForbidden, SourceUnavailable
from bot.notify import messages
from extraction.errors import ExtractionError
from state import outbox, runs
from state.attempts import FailedTry, Retry, ToStore
from state.codec import instant, storable
from state.errors import LeaseLost, StateError
from state.events import Ledger
from state.facts.words import RoleId
from state.runs import Work
from state.values import WorkKind

TOLD = (RoleId.OPERATOR, RoleId.LEAD)
IN_WORDS = (BotError, StateError, AnalysisError, ExtractionError)
# A service whose guard turns us away is not asked again the same day: it would block us for longer.
FORBIDDEN_WAIT = timedelta(days=1)
LONGEST_REASON = 2000  # characters: more of an error than anybody reads


def tell_failing(_app: App, ledger: Ledger, failed: FailedTry) -> None:
    """Tell who runs the program, once for each time that a piece of work begins to fail."""
    work = failed.work
    notice = messages.work_failing(
        work.kind, work.key, failed.reason, began=work.fence - work.attempts
    )
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *TOLD))


@dataclass(frozen=True, slots=True)
class Handler:
    """How a kind of work is done, when a failed piece is tried again, and how it is told."""

    run: Callable[[App, Work], ToStore]
    retry: Retry
    failed: Callable[[App, Ledger, FailedTry], None] = tell_failing


def do_due(app: App, kind: WorkKind, handler: Handler, key: str | None = None) -> None:
    """Do all work of a kind that is due (or the one piece named); looking takes no write lock."""
    with app.database.reading() as connection:
        due = runs.due(connection, kind, now=app.clock.now())
    for each in due:
        if key in (None, each.key):
            _do(app, handler, each)


def _do(app: App, handler: Handler, due: Work) -> None:
    with app.database.transaction() as connection:
        work = runs.claim(connection, due, now=app.clock.now())
    if work is None:
        return
    started = app.clock.now()
    try:
        found = handler.run(app, work)
        _end(app, handler, work, found)
    except LeaseLost as lost:
        log.warning("%s", lost)
    except Exception as error:  # noqa: BLE001 - the edge of a piece of work: the next goes on
        _fail(app, handler, work, error, started)
    else:
        found.after()


def _end(app: App, handler: Handler, work: Work, found: ToStore) -> None:
    """Store what was found and end the work, in one transaction."""
    with app.ledger() as ledger:
        back = found.store(ledger)
        now = app.clock.now()
        if back is None:
            runs.finish(ledger.connection, work, now=now)
            return
        due_at = instant(back.due_at or handler.retry.at(work.attempts, now))
        runs.put_back(ledger.connection, work, error=in_utf8(back.error), due_at=due_at, now=now)
    log.warning("%s %s is not done: %s", work.kind, work.key, back.error)


def _fail(app: App, handler: Handler, work: Work, error: Exception, started: datetime) -> None:
    now = app.clock.now()
    again = max(handler.retry.at(work.attempts, now), _not_before(error, now))
    failed = FailedTry(work, error, reason_of(error), started, again)
    log_failure(f"{work.kind} {work.key}", error)
    try:
        _put_back(app, failed, handler.failed)
    except LeaseLost as lost:
        log.warning("%s", lost)
    except Exception as untold:  # noqa: BLE001 - how it is told may be what is at fault
        log_failure(f"telling of {work.kind} {work.key}", untold)
        _put_back(app, failed, tell_failing)


def _put_back(app: App, failed: FailedTry, tell: Callable[[App, Ledger, FailedTry], None]) -> None:
    with app.ledger() as ledger:
        runs.put_back(
            ledger.connection,
            failed.work,
            error=failed.reason,
            due_at=instant(failed.again),
            now=app.clock.now(),
        )
        tell(app, ledger, failed)


def _not_before(error: Exception, now: datetime) -> datetime:
    """Return the instant before which a service does not want to be asked again."""
    if isinstance(error, SourceForbidden):
        return now + FORBIDDEN_WAIT
    if isinstance(error, SourceUnavailable) and error.retry_at is not None:
        return error.retry_at
    return now


def reason_of(error: Exception) -> str:
    """Say what was raised, in words that can be stored."""
    if isinstance(error, IN_WORDS):
        return in_utf8(str(error))
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return in_utf8(f"{type(error).__name__}: {text}")


def in_utf8(text: str) -> str:
    """Return a text that any database takes: no half of a pair, no NUL, not endless."""
    return storable(text)[:LONGEST_REASON]


def log_failure(what: str, error: Exception) -> None:
    """Log a failure; where nobody expected it, with the way there."""
    if isinstance(error, (*IN_WORDS, OSError)):
        log.error("%s failed: %s", what, reason_of(error))
    else:
        log_raised(f"{what} failed", error)
