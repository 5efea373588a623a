"""When a source was last searched whole, and how late it is: asked of the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import MANUAL, SourcePlan
from bot.review.searches_alone import searches
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.answered_searches import (
    AskedSearch,
    answered_longest_ago,
    asked_searches,
)
from bot.surveillance.lateness import Lateness, lateness
from state import runs
from state.codec import moment
from state.facts import SearchRun
from state.told_searches import made_searches


def asked_of(app: App, connection: Connection, plan: SourcePlan) -> tuple[AskedSearch, ...]:
    """Say how each search stands that a source asks of a person."""
    texts = searches(query_in_force(app, connection, plan.id))
    return asked_searches(texts, made_searches(connection, plan.id))


def last_whole_search(app: App, connection: Connection, plan: SourcePlan) -> SearchRun | None:
    """Return the run of a source that says since when it counts as searched.

    By hand, that of the search which was answered longest ago; None where one never was.
    """
    if plan.kind != MANUAL:
        return runs.last_run(connection, plan.id, "ok")
    oldest = answered_longest_ago(asked_of(app, connection, plan))
    return min(oldest.answered_by, key=lambda run: run.started_at, default=None)


def made_at(plan: SourcePlan, run: SearchRun) -> str:
    """Return when a search was made: one by hand may be days older than its import."""
    return run.started_at if plan.kind == MANUAL else run.finished_at


def searched_at(app: App, connection: Connection, plan: SourcePlan) -> datetime | None:
    """Return when a source was last searched whole, None: never."""
    run = last_whole_search(app, connection, plan)
    return moment(made_at(plan, run)) if run is not None else None


def found_in_all(app: App, connection: Connection, plan: SourcePlan) -> int | None:
    """Return how many records a source's last whole search found, in all its searches and parts."""
    if plan.kind != MANUAL:
        run = last_whole_search(app, connection, plan)
        return run.found if run is not None else None
    asked = asked_of(app, connection, plan)
    if not all(each.answered_by for each in asked):
        return None
    return sum(run.found for each in asked for run in each.answered_by)


def source_lateness(app: App, connection: Connection, plan: SourcePlan, now: datetime) -> Lateness:
    """Say how late a source is at an instant."""
    last = searched_at(app, connection, plan)
    return lateness(plan.schedule, app.protocol.time_zone, last=last, now=now)
