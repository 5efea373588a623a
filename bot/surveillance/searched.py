"""When a source was last searched whole, and how late it is: asked of the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import MANUAL, SourcePlan
from bot.surveillance.lateness import Lateness, lateness
from state import runs
from state.codec import moment
from state.facts import SearchRun


def last_whole_search(connection: Connection, plan: SourcePlan) -> SearchRun | None:
    """Return a source's last whole search; by hand, the one of the newest day it was made on."""
    if plan.kind != MANUAL:
        return runs.last_run(connection, plan.id, "ok")
    return runs.last_made(connection, plan.id)


def made_at(plan: SourcePlan, run: SearchRun) -> str:
    """Return when a search was made: one by hand may be days older than its import."""
    return run.started_at if plan.kind == MANUAL else run.finished_at


def searched_at(connection: Connection, plan: SourcePlan) -> datetime | None:
    """Return when a source was last searched whole, None: never."""
    run = last_whole_search(connection, plan)
    return moment(made_at(plan, run)) if run is not None else None


def source_lateness(app: App, connection: Connection, plan: SourcePlan, now: datetime) -> Lateness:
    """Say how late a source is at an instant."""
    last = searched_at(connection, plan)
    return lateness(plan.schedule, app.protocol.time_zone, last=last, now=now)
