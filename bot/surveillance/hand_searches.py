"""Searches that a person makes: how they stand, who is asked for them, who is reminded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.messages import ByHand
from bot.notify.page_address import page_address
from bot.review.protocol import MANUAL, SourcePlan
from bot.review.schedule import Slot, newest_slot
from bot.review.strategy_text import remarks
from bot.sources.upstream.clock import shown
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.lateness import LEAD_TOLD_FROM_DAY, Lateness
from bot.surveillance.owed_searches import HandSearch, answered, hand_search, open_lines, reminder
from bot.surveillance.searched import asked_of, searched_at, source_lateness
from state import outbox, people
from state.codec import Json, moment
from state.events import Ledger
from state.facts.words import RoleId


def by_hand(app: App) -> tuple[SourcePlan, ...]:
    """Return the sources that a person searches."""
    return tuple(plan for plan in app.protocol.sources if plan.kind == MANUAL)


def standing(app: App, connection: Connection, plan: SourcePlan) -> HandSearch:
    """Say when a source was last searched by hand, and since when a search is owed."""
    last = searched_at(app, connection, plan)
    asked = asked_of(app, connection, plan)
    now = app.clock.now()
    return hand_search(plan, app.protocol.time_zone, last=last, now=now, asked=asked)


def searches_json(app: App, connection: Connection, plan: SourcePlan) -> list[Json]:
    """Say how each search stands that a source asks of a person; an automatic one asks none."""
    if plan.kind != MANUAL:
        return []
    found = standing(app, connection, plan)
    still_open = {each.text for each in found.open_searches}
    return [
        {
            "search": each.text,
            "last_made": each.answered_at,
            "open": each.text in still_open,
            "open_because": each.open_because,
        }
        for each in found.asked
    ]


def owed(
    app: App, connection: Connection, person: str
) -> tuple[tuple[SourcePlan, int, Lateness], ...]:
    """Return the searches that this person is asked for: the days each is due, how late it is."""
    if person not in who_searches(connection):
        return ()
    now = app.clock.now()
    found = ((plan, standing(app, connection, plan)) for plan in by_hand(app))
    return tuple(
        (plan, each.days_owed(now), source_lateness(app, connection, plan, now))
        for plan, each in found
        if each.owed_since
    )


def ask_for(app: App, ledger: Ledger, plan: SourcePlan, slot: Slot) -> None:
    """Ask for the search of a slot, unless an import has answered it already."""
    if not answered(slot, searched_at(app, ledger.connection, plan)):
        notice = messages.source_due(_search(app, ledger.connection, plan, slot))
        outbox.write(ledger, notice, who_searches(ledger.connection))


def remind(app: App) -> None:
    """Remind of every search by hand that was asked for and has not been answered.

    The key of a reminder names its source, slot and day: the outbox takes each once.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        due = [found for plan in by_hand(app) if (found := _due(app, connection, plan, now))]
    if not due:
        return
    with app.ledger() as ledger:
        for plan, slot, days in due:
            since = shown(slot.at, app.protocol.time_zone)
            search = _search(app, ledger.connection, plan, slot)
            notice = messages.source_overdue(search, since, days)
            outbox.write(ledger, notice, _reminded(ledger.connection, days))


def _due(
    app: App, connection: Connection, plan: SourcePlan, now: datetime
) -> tuple[SourcePlan, Slot, int] | None:
    """Return a source's newest slot and the day of the reminder that is to be written."""
    slot = newest_slot(plan.schedule, app.protocol.time_zone, now=now)
    if slot is None or answered(slot, searched_at(app, connection, plan)):
        return None
    search = _search(app, connection, plan, slot)
    told = outbox.written_at(connection, search.key)
    days = reminder(moment(told), now) if told is not None else None
    if days is None:
        return None
    since = shown(slot.at, app.protocol.time_zone)
    key = messages.source_overdue(search, since, days).key
    return (plan, slot, days) if outbox.written_at(connection, key) is None else None


def _search(app: App, connection: Connection, plan: SourcePlan, slot: Slot) -> ByHand:
    how = remarks(app.review.strategies[plan.id])
    text = query_in_force(app, connection, plan.id)
    found = standing(app, connection, plan)
    still_open = open_lines(found.open_searches) if len(found.asked) > 1 else ()
    return ByHand(plan.id, plan.name, slot.name, how, text, page_address(app), still_open)


def who_searches(connection: Connection) -> tuple[str, ...]:
    """Return who searches by hand; where nobody does, who can find somebody."""
    for role in (RoleId.INFORMATION_SPECIALIST, RoleId.LEAD, RoleId.OPERATOR):
        if people.holders(connection, role):
            return outbox.recipients(connection, role)
    return outbox.recipients(connection, RoleId.INFORMATION_SPECIALIST)


def _reminded(connection: Connection, days: int) -> tuple[str, ...]:
    asked = who_searches(connection)
    if days < LEAD_TOLD_FROM_DAY or not people.holders(connection, RoleId.LEAD):
        return asked
    return tuple(dict.fromkeys([*asked, *outbox.recipients(connection, RoleId.LEAD)]))
