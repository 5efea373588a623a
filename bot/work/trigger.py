"""What wakes the program: the next instant at which something is due, or anybody's commit.

APScheduler computes the slots and wakes the loop; its job store is memory, rebuilt at every start,
and nothing is lost with it: the database says what is due. Between two wakings the loop only asks
whether anybody has committed, which takes no lock. What waits for others (a source, a mail server,
a hook) runs in a thread of its own, so that a slow one holds up nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from bot.app import App
from bot.notify.daily import next_message
from bot.notify.log_lines import sign_lines
from bot.review.schedule import next_slot
from bot.surveillance.slots import automatic_sources
from bot.work import jobs
from bot.work.worker import log_failure
from state import outbox, runs
from state.changes import Changes
from state.codec import moment
from state.values import WorkKind


def start_clock(app: App) -> WorkLoop:
    """Start doing by itself what is due."""
    loop = WorkLoop(app)
    loop.start()
    return loop


class WorkLoop:
    """Does what is due, then sleeps until more is, or until somebody commits."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._asked_again: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="loop", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin with a round."""
        self._scheduler.start()
        self._thread.start()

    def shutdown(self) -> None:
        """Begin nothing more; what waits for others is not waited for."""
        self._stopped.set()
        self._wake.set()
        self._thread.join()
        self._scheduler.shutdown(wait=False)

    def _run(self) -> None:
        sign_lines(self._app.name_beside_others)
        changes = Changes(self._app.database)
        while not self._stopped.is_set():
            try:
                self._wake.clear()
                jobs.say_it_lives(self._app)
                changes.new()  # what is committed from here on, this round may not have seen
                self._round()
                self._sleep(changes)
            except Exception as error:  # noqa: BLE001 - the edge of the loop: it must go on
                log_failure("looking at what is due", error)
                self._stopped.wait(self._app.config.tick_s)
        changes.close()

    def _round(self) -> None:
        jobs.own_work(self._app)
        for name, job in self._due():
            self._begin(name, job)

    def _sleep(self, changes: Changes) -> None:
        self._scheduler.add_job(
            self._wake.set,
            "date",
            run_date=datetime.now(UTC) + (next_waking(self._app) - self._app.clock.now()),
            id="wake",
            replace_existing=True,
        )
        while not self._wake.wait(self._app.config.tick_s):
            if changes.new():
                return

    def _due(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield what is due and waits for others."""
        app, now = self._app, self._app.clock.now()
        with app.database.reading() as connection:
            hooks = runs.due(connection, WorkKind.HOOK, now=now)
            mail = next_message(app, connection)
            searches = {each.key for each in runs.due(connection, WorkKind.SEARCH, now=now)}
        yield "compare strategies", partial(jobs.compare_due, app)
        if app.alerts.is_dir() or app.config.alerts_imap_url is not None:
            yield "alerts", partial(jobs.take_alerts, app)
        if hooks:
            yield "hooks", partial(jobs.fire_hooks, app)
        if mail is not None:
            yield "deliver", partial(jobs.send, app)
        for source in automatic_sources(app):
            if source in searches:
                yield f"search {source}", partial(jobs.search_due, app, source)

    def _begin(self, name: str, job: Callable[[], None]) -> None:
        """Begin a job in a thread of its own, never twice at once; then it is asked for again."""
        with self._lock:
            if name in self._busy:
                self._asked_again.add(name)
                return
            self._busy.add(name)
        self._scheduler.add_job(partial(self._do, name, job), name=name)

    def _do(self, name: str, job: Callable[[], None]) -> None:
        sign_lines(self._app.name_beside_others)  # the thread has served other jobs, or none
        try:
            job()
        except Exception as error:  # noqa: BLE001 - the edge of a job: the others go on
            log_failure(name, error)
        with self._lock:
            self._busy.discard(name)
            if name in self._asked_again:
                self._asked_again.discard(name)
                self._wake.set()


def next_waking(app: App) -> datetime:
    """Return the next instant at which anything is due: work, a message, a slot or the beat."""
    now, zone = app.clock.now(), app.protocol.time_zone
    with app.database.reading() as connection:
        tries = runs.next_due(connection, now=now), outbox.next_try(connection, now=now)
    slots = (next_slot(plan.schedule, zone, after=now) for plan in app.protocol.sources)
    return min(
        now + jobs.BEAT_EVERY,
        *(moment(each) for each in tries if each is not None),
        *(slot.at for slot in slots if slot is not None),
    )
