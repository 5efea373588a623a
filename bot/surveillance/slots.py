"""Turn slots of the protocol's schedules into due work, once for each slot, whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.review.schedule import Slot, newest_slot, next_slot
from bot.surveillance.hand_searches import ask_for, standing
from state import runs
from state.attempts import Retry
from state.codec import instant, moment
from state.errors import NotFound
from state.events import Ledger
from state.runs import WorkState
from state.values import WorkKind

MANUAL = "manual"
# A hiccup is over in a quarter of an hour; an outage is looked at four times a day.
SEARCH_RETRY = Retry(first=timedelta(minutes=15), longest=timedelta(hours=6))


def find_source(app: App, source: str) -> SourcePlan:
    """Return a source's plan or raise NotFound."""
    for plan in app.protocol.sources:
        if plan.id == source:
            return plan
    raise NotFound("source", source)


def automatic_sources(app: App) -> tuple[str, ...]:
    """Return the sources that are searched without a person."""
    return tuple(plan.id for plan in app.protocol.sources if plan.kind != MANUAL)


def enqueue_slots(app: App) -> None:
    """Make the newest slot of every source due, if it was not taken before.

    After a month asleep only the newest slot counts: one search a source, not thirty.
    """
    now, zone = app.clock.now(), app.protocol.time_zone
    found = {
        plan.id: (plan, slot)
        for plan in app.protocol.sources
        if (slot := newest_slot(plan.schedule, zone, now=now)) is not None
    }
    with app.database.reading() as connection:
        fresh = [each for each in found.values() if not _taken(connection, *each)]
    if not fresh:
        return
    with app.ledger() as ledger:
        for plan, slot in fresh:
            _take(app, ledger, plan, slot)


def next_search(app: App, connection: Connection, plan: SourcePlan) -> datetime | None:
    """Return when a source is searched next: its retry, else its slot, a hand search's when due."""
    if plan.kind == MANUAL:
        search = standing(app, connection, plan)
        due = search.owed_since or search.next
        return due.at if due is not None else None
    work = runs.find_work(connection, WorkKind.SEARCH, plan.id)
    if work is not None and work.state is not WorkState.DONE:
        return moment(work.due_at)
    slot = next_slot(plan.schedule, app.protocol.time_zone, after=app.clock.now())
    return slot.at if slot is not None else None


def take_slot(app: App, connection: Connection, plan: SourcePlan) -> None:
    """Count the newest slot of a source as taken: a search that somebody asks for serves it."""
    slot = newest_slot(plan.schedule, app.protocol.time_zone, now=app.clock.now())
    if slot is not None:
        runs.enqueue(connection, WorkKind.SLOT, _key(plan, slot), due_at=instant(slot.at))


def _key(plan: SourcePlan, slot: Slot) -> str:
    return f"{plan.id}@{slot.name}"


def _taken(connection: Connection, plan: SourcePlan, slot: Slot) -> bool:
    return runs.find_work(connection, WorkKind.SLOT, _key(plan, slot)) is not None


def _take(app: App, ledger: Ledger, plan: SourcePlan, slot: Slot) -> None:
    connection, at = ledger.connection, instant(slot.at)
    if not runs.enqueue(connection, WorkKind.SLOT, _key(plan, slot), due_at=at):
        return
    if plan.kind == MANUAL:
        ask_for(app, ledger, plan, slot)
    else:
        # A source that asked for time, or failed, keeps the instant of its next try.
        runs.request(connection, WorkKind.SEARCH, plan.id, due_at=at, sooner=False)
