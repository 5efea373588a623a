"""One run of one source: ask, compare with what is known, store with the places in the queue.

Everything is fetched and decided before the transaction opens; the records, their places in the
queue, the run record, the notices and the end of the work are written in one. A run that dies
leaves no trace.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.app import App, log
from bot.errors import AnswerUnreadable
from bot.notify import messages
from bot.notify.page_address import page_address
from bot.review.protocol import SourcePlan
from bot.sources.answer import Progress, SourceAnswer
from bot.sources.upstream.clock import shown
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.counts import judge_count
from bot.surveillance.empty_answers import nothing_found
from bot.surveillance.intake import DecidedAnswer, Taken, decide_answer, take_in
from bot.surveillance.odd_records import warnings_of
from bot.surveillance.slots import SEARCH_RETRY, find_source
from state import decisions, outbox, records, runs
from state.attempts import FailedTry, PutBack, ToStore
from state.codec import instant, storable
from state.events import Ledger
from state.facts import SearchRun
from state.facts.words import RoleId, RunStatus
from state.runs import Work

# Often enough for a lease of fifteen, seldom enough to write little.
HEARTBEAT = timedelta(minutes=1)

Ask = Callable[[App, SourcePlan, Progress], SourceAnswer]


class Heartbeat:
    """Shows how far a long search is and keeps its lease; raises LeaseLost where it is lost."""

    def __init__(self, app: App, work: Work) -> None:
        self._app = app
        self._work = work
        self._next = app.clock.now() + HEARTBEAT

    def __call__(self, source: str, done: int, total: int) -> None:
        """Be told that some records have come."""
        now = self._app.clock.now()
        if now < self._next:
            return
        self._next = now + HEARTBEAT
        with self._app.database.transaction() as connection:
            runs.hold(connection, self._work, now=now)
        log.info("%s: %d of %d records", source, done, total)


def search(app: App, work: Work, ask: Ask) -> ToStore:
    """Search a source: ask it, and return what is to be stored of its answer."""
    plan, started = find_source(app, work.key), app.clock.now()
    answer = ask(app, plan, Heartbeat(app, work))
    decided = decide_answer(app, answer, new_run_id(plan, started))
    return ToStore(partial(_store_answer, app, plan, work, started, decided))


def search_failed(app: App, ledger: Ledger, failed: FailedTry) -> None:
    """Store that a source could not be searched: nothing is concluded from it."""
    plan = find_source(app, failed.work.key)
    run = SearchRun(
        id=new_run_id(plan, failed.started),
        source=plan.id,
        status=RunStatus.FAILED,
        started_at=instant(failed.started),
        finished_at=instant(app.clock.now()),
        query=query_in_force(app, ledger.connection, plan.id),
        found=0,
        new=0,
        known=0,
        changed=0,
        candidates_new=0,
        pages=0,
        requests=0,
        error=failed.reason,
        retry_at=instant(failed.again),
        problems=(),
        warnings=(),
        known_items_found=(),
        known_items_missing=(),
        payloads=_kept_body(ledger, failed.error),
    )
    runs.record_search(ledger, run)
    _tell_failure(app, ledger, plan, run, failed.again)


def _kept_body(ledger: Ledger, error: Exception) -> tuple[str, ...]:
    """Keep an answer that could not be read, for a person to look at."""
    if not isinstance(error, AnswerUnreadable) or not error.body:
        return ()
    return (records.keep_payload(ledger.connection, error.body, error.media_type),)


def _tell_failure(
    app: App, ledger: Ledger, plan: SourcePlan, run: SearchRun, retry: datetime
) -> None:
    again = shown(retry, app.protocol.time_zone)
    notice = messages.source_failing(run, _day(app), plan.name, again)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, RoleId.OPERATOR))


def _store_answer(
    app: App,
    plan: SourcePlan,
    work: Work,
    started: datetime,
    decided: DecidedAnswer,
    ledger: Ledger,
) -> PutBack | None:
    """Store an answer: its payloads, records, queue entries, run record and notices."""
    taken = take_in(app, ledger, plan, decided)
    taken.problems += nothing_found(plan, decided.answer.found, app.review.known_items)
    run, back = run_of(app, plan, started, decided.answer, taken), None
    if run.status is not RunStatus.OK:
        retry = SEARCH_RETRY.at(work.attempts, app.clock.now())
        run, back = replace(run, retry_at=instant(retry)), PutBack(run.error or "", retry)
        _tell_failure(app, ledger, plan, run, retry)
    runs.record_search(ledger, run)
    judge_count(ledger, plan, run)
    tell(app, ledger, plan, run, taken)
    log.info(
        "%s: %s, %d found, %d new, %d known, %d changed",
        plan.id,
        run.status,
        run.found,
        run.new,
        run.known,
        run.changed,
    )
    return back


def run_of(
    app: App, plan: SourcePlan, started: datetime, answer: SourceAnswer, taken: Taken
) -> SearchRun:
    """Write the record of a run that answered; its words can be stored whatever a source says."""
    problems = tuple(map(storable, (*answer.problems, *taken.problems)))
    return SearchRun(
        id=taken.run_id,
        source=plan.id,
        status=RunStatus.FAILED if problems else RunStatus.OK,
        started_at=instant(started),
        finished_at=instant(app.clock.now()),
        query=storable(answer.query),
        found=answer.found,
        new=taken.new,
        known=taken.known,
        changed=taken.changed,
        candidates_new=len(taken.opened),
        pages=answer.pages,
        requests=answer.requests,
        error="; ".join(problems) or None,
        retry_at=None,
        problems=problems,
        warnings=(*map(storable, answer.warnings), *warnings_of(taken.odd)),
        known_items_found=tuple(taken.items_found),
        known_items_missing=tuple(taken.items_missing),
        payloads=tuple(sorted(set(taken.payloads.values()))),
        elsewhere=taken.elsewhere,
    )


def tell(app: App, ledger: Ledger, plan: SourcePlan, run: SearchRun, taken: Taken) -> None:
    """Write the notices of a run that answered."""
    connection = ledger.connection
    to_screen = Counter(taken.opened) - Counter(taken.linked)
    if to_screen:
        titles = tuple(to_screen.elements())
        notice = messages.new_candidates(run, plan.name, titles, page_address(app))
        outbox.write(ledger, notice, outbox.recipients(connection, decisions.SCREENER))
    if run.known_items_missing:
        notice = messages.known_items_missing(run, _day(app), plan.name)
        outbox.write(
            ledger,
            notice,
            outbox.recipients(connection, RoleId.OPERATOR, RoleId.INFORMATION_SPECIALIST),
        )


def _day(app: App) -> str:
    return app.clock.now().astimezone(ZoneInfo(app.protocol.time_zone)).date().isoformat()


def new_run_id(plan: SourcePlan, started: datetime) -> str:
    """Name a run by its source and start."""
    return f"{plan.id}-{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
