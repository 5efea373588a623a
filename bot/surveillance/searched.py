"""When a source was last searched whole, and how late it is: asked of the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import MANUAL, SourcePlan
from bot.review.searches_alone import searches
from bot.sources.catalogue import SOURCES
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
from state.facts.words import RunStatus
from state.told_searches import made_searches, told_of

TRIES_LOOKED_AT = 50  # more than one search by hand brings in files


def asked_of(app: App, connection: Connection, plan: SourcePlan) -> tuple[AskedSearch, ...]:
    """Say how each search stands that a source asks of a person."""
    texts = searches(query_in_force(app, connection, plan.id))
    made = made_searches(connection, plan.id)
    if plan.kind != MANUAL:  # what the program searched itself is no answer of a person
        made = tuple(each for each in made if each.told is not None)
    return asked_searches(texts, made)


def last_whole_search(app: App, connection: Connection, plan: SourcePlan) -> SearchRun | None:
    """Return the run of a source that says since when it counts as searched.

    By hand, that of the search which was answered longest ago; None where one never was. Of a
    source whose interface is gone it may be either, whichever was later.
    """
    by_hand = _by_hand(app, connection, plan) if can_be_by_hand(plan) else None
    if plan.kind == MANUAL:
        return by_hand
    own = _by_the_program(connection, plan)
    found = [run for run in (own, by_hand) if run is not None]
    return max(found, key=lambda run: made_at(plan, run), default=None)


def can_be_by_hand(plan: SourcePlan) -> bool:
    """Whether people search a source, or can where its interface is gone."""
    return plan.kind == MANUAL or SOURCES[plan.kind].by_hand


def last_try(connection: Connection, plan: SourcePlan) -> SearchRun | None:
    """Return a source's last search, whole or not: of an automatic one, the program's own."""
    if plan.kind == MANUAL or not can_be_by_hand(plan):
        return runs.last_run(connection, plan.id)
    tried = runs.search_runs(connection, plan.id, limit=TRIES_LOOKED_AT)
    return next((run for run in tried if told_of(connection, run.id) is None), None)


def _by_hand(app: App, connection: Connection, plan: SourcePlan) -> SearchRun | None:
    oldest = answered_longest_ago(asked_of(app, connection, plan))
    return min(oldest.answered_by, key=lambda run: run.started_at, default=None)


def _by_the_program(connection: Connection, plan: SourcePlan) -> SearchRun | None:
    if not can_be_by_hand(plan):
        return runs.last_run(connection, plan.id, RunStatus.OK)
    own = (each.run for each in made_searches(connection, plan.id) if each.told is None)
    return max(own, key=lambda run: (run.finished_at, run.id), default=None)


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
