"""APScheduler as the clock: it calls, the database says what is due.

Its job store is memory, rebuilt at every start; nothing is lost with it. Each source has a job of
its own, so that a slow one holds up neither the others nor a recompute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from bot.app import App, log
from bot.surveillance.search import automatic_sources
from bot.work.jobs import compare_due, search_due, tick
from state.errors import LeaseLost


def start_clock(app: App) -> BackgroundScheduler:
    """Start calling the jobs, each one never twice at once."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
    )
    _call(scheduler, app, "tick", partial(tick, app))
    _call(scheduler, app, "compare strategies", partial(compare_due, app))
    for source in automatic_sources(app):
        _call(scheduler, app, f"search {source}", partial(search_due, app, source))
    scheduler.start()
    return scheduler


def _call(scheduler: BackgroundScheduler, app: App, name: str, job: Callable[[], None]) -> None:
    def guarded() -> None:
        try:
            job()
        except LeaseLost as lost:
            log.warning("%s: %s", name, lost)
        except Exception:  # noqa: BLE001 - the edge of a job: the clock must go on
            log.exception("%s failed; it is tried again", name)

    scheduler.add_job(
        guarded, "interval", seconds=app.config.tick_s, id=name, next_run_time=datetime.now(UTC)
    )
