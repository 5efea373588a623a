"""A firewall around each step of what runs by itself: one that raises holds up none of the others.

A step that failed is kept as work of its own kind until it succeeds: its error, how often, when
next. Looking takes no write lock, and nothing is written while all goes well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.app import App, log
from bot.work.worker import log_failure, reason_of, tell_failing
from state import runs
from state.attempts import FailedTry, Retry
from state.codec import instant
from state.errors import LeaseLost
from state.runs import Work
from state.values import WorkKind

STEP_RETRY = Retry(first=timedelta(minutes=1), longest=timedelta(minutes=15))

Step = Callable[[App], object]


def take_steps(app: App, steps: Mapping[str, Step]) -> None:
    """Take one step after the other, but for those that failed and whose next try is to come."""
    failing = _failing(app)
    for name, step in steps.items():
        failed = failing.get(name)
        if failed is None or failed.due_at <= instant(app.clock.now()):
            _take(app, name, step, failed)


def _failing(app: App) -> dict[str, Work]:
    try:
        with app.database.reading() as connection:
            return {each.key: each for each in runs.waiting(connection, WorkKind.STEP)}
    except Exception as error:  # noqa: BLE001 - each step finds out for itself what still works
        log_failure("reading what failed", error)
        return {}


def _take(app: App, name: str, step: Step, failed: Work | None) -> None:
    try:
        step(app)
        if failed is not None:
            _mended(app, failed)
    except LeaseLost as lost:
        log.warning("%s: %s", name, lost)
    except Exception as error:  # noqa: BLE001 - the edge of a step: the others go on
        log_failure(name, error)
        _keep_failure(app, name, error)


def _mended(app: App, failed: Work) -> None:
    with app.database.transaction() as connection:
        now = app.clock.now()
        work = runs.claim(connection, failed, now=now)
        if work is not None:
            runs.finish(connection, work, now=now)


def _keep_failure(app: App, name: str, error: Exception) -> None:
    """Keep the failure and tell of it; where even that fails, the log has it and steps go on."""
    now = app.clock.now()
    try:
        with app.ledger() as ledger:
            runs.request(ledger.connection, WorkKind.STEP, name, due_at=instant(now))
            found = runs.find_work(ledger.connection, WorkKind.STEP, name)
            work = runs.claim(ledger.connection, found, now=now) if found is not None else None
            if work is None:
                return
            again = STEP_RETRY.at(work.attempts, now)
            failed = FailedTry(work, error, reason_of(error), now, again)
            runs.put_back(
                ledger.connection, work, error=failed.reason, due_at=instant(again), now=now
            )
            tell_failing(app, ledger, failed)
    except Exception as untold:  # noqa: BLE001 - a full disk, say: nothing can be kept
        log_failure(f"keeping the failure of '{name}'", untold)
