"""People are reminded of what waits for them; what waits too long passes to their deputy as well.

A reminder is written on the first day of messages on which anything has waited for 7, 14 or 21
days, or since the last reminder has come to; so a machine that slept reminds when it wakes. Nothing
is taken from anybody: the deputy holds the role beside the person until nothing waits so long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.daily import day_began
from bot.notify.messages import LeftWork, Waits
from bot.notify.page_address import page_address
from bot.silence.open_work import WHERE, OpenWork, empty_roles, open_work
from bot.silence.reminding import today
from state import outbox, people
from state.attempts import ToStore
from state.codec import instant, moment
from state.events import Ledger
from state.facts.words import RoleId
from state.people import PassedRole
from state.runs import Work
from state.waiting import team_unchanged_since

# A week is a working rhythm; two are no holiday any more; after three the lead may still find
# somebody before, in the fourth, the deputy is asked.
REMINDED_ON = (7, 14, 21)
LEAD_WARNED_ON = REMINDED_ON[-1]
PASSES_ON = 28
# Whoever builds a team adds one person after the other: what is empty meanwhile is no news.
EMPTY_FOR = timedelta(days=1)


def remind_people(app: App, _work: Work) -> ToStore:
    """Write the reminders of today, and pass on what was left too long."""
    return ToStore(partial(_remind, app))


def _remind(app: App, ledger: Ledger) -> None:
    before = app.clock.now() - timedelta(days=REMINDED_ON[0] - 1)  # a day ends in the evening
    found = sorted(open_work(app, ledger.connection, before=before), key=_by_person)
    for person, work in groupby(found, key=lambda each: each.person):
        mine = list(work)
        _remind_one(app, ledger, person, mine)
        for role, of_role in groupby((each for each in mine if each.role), key=lambda e: e.role):
            if role is not None:
                _look_at(app, ledger, PassedRole(person, role, ""), min(e.since for e in of_role))
    _give_back(app, ledger, found)
    _tell_of_empty_roles(app, ledger)


def _by_person(work: OpenWork) -> tuple[str, str, str, datetime]:
    return (work.person, work.role or "", work.kind, work.since)


def _day(app: App, at: datetime) -> date:
    zone = app.protocol.time_zone
    return day_began(at, zone).astimezone(ZoneInfo(zone)).date()


def _age(app: App, since: datetime) -> int:
    """Return for how many days of messages something has waited."""
    return (today(app) - _day(app, since)).days


def _remind_one(app: App, ledger: Ledger, person: str, work: Sequence[OpenWork]) -> None:
    day, begins = today(app), messages.open_work_key(person)
    last = outbox.newest_key(ledger.connection, begins)
    reminded = date.fromisoformat(last.removeprefix(begins)) if last is not None else date.min
    due = (_day(app, each.since) + timedelta(days=days) for each in work for days in REMINDED_ON)
    if not any(reminded < each <= day for each in due):
        return
    waits = tuple(_waits(app, [each for each in work if _age(app, each.since) >= REMINDED_ON[0]]))
    notice = messages.open_work(person, day.isoformat(), waits, page_address(app))
    outbox.write(ledger, notice, (person,))


def _waits(app: App, work: Sequence[OpenWork]) -> Iterator[Waits]:
    for kind, of_kind in groupby(sorted(work, key=lambda each: each.kind), lambda each: each.kind):
        oldest = min(each.since for each in of_kind)
        link = f"{page_address(app)}{WHERE[kind]}"
        yield Waits(kind.value, _day(app, oldest).isoformat(), link)


def _look_at(app: App, ledger: Ledger, seat: PassedRole, since: datetime) -> None:
    """Warn the lead of what one person leaves waiting in one role, then have it passed on."""
    age = _age(app, since)
    if age >= PASSES_ON:
        _pass_on(app, ledger, seat, since, age // PASSES_ON * PASSES_ON)
    elif age >= LEAD_WARNED_ON:
        deputy = _who_could(ledger.connection, seat)
        left = _left(app, ledger.connection, seat, since, LEAD_WARNED_ON, deputy)
        notice = messages.work_about_to_pass(left, PASSES_ON)
        outbox.write(ledger, notice, _leads(ledger.connection, seat.person))


def _pass_on(app: App, ledger: Ledger, seat: PassedRole, since: datetime, days: int) -> None:
    connection = ledger.connection
    if any((each.person, each.role) == (seat.person, seat.role) for each in _standing(connection)):
        return
    deputy = _who_could(connection, seat)
    left = _left(app, connection, seat, since, days, deputy)
    told = [*_leads(connection, seat.person), seat.person]
    if deputy is not None:
        people.pass_work(
            ledger, PassedRole(seat.person, seat.role, deputy.id), waits_since=instant(since)
        )
        told.append(deputy.id)
    outbox.write(ledger, messages.work_passed(left), tuple(dict.fromkeys(told)))


def _who_could(connection: Connection, seat: PassedRole) -> people.Person | None:
    """Return the deputy, where they do not hold the role already: then they are asked anyway."""
    deputy = people.deputy_of(connection, seat.person)
    return None if deputy in people.holders(connection, seat.role) else deputy


def _left(
    app: App,
    connection: Connection,
    seat: PassedRole,
    since: datetime,
    days: int,
    deputy: people.Person | None,
) -> LeftWork:
    return LeftWork(
        person=seat.person,
        name=people.find_person(connection, seat.person).name,
        role=seat.role,
        since=_day(app, since).isoformat(),
        days=days,
        deputy=deputy.name if deputy is not None else None,
        link=page_address(app),
    )


def _leads(connection: Connection, silent: str) -> tuple[str, ...]:
    """Return who is told: the leads; where the lead alone is silent, who runs the program too."""
    leads = outbox.recipients(connection, RoleId.LEAD)
    if any(each != silent for each in leads):
        return leads
    return (*leads, *outbox.recipients(connection, RoleId.OPERATOR))


def _standing(connection: Connection) -> tuple[PassedRole, ...]:
    return people.stand_ins(connection)


def _give_back(app: App, ledger: Ledger, found: Sequence[OpenWork]) -> None:
    """End each standing-in of which nothing waits so long any more."""
    late = {(each.person, each.role) for each in found if _age(app, each.since) >= PASSES_ON}
    for each in _standing(ledger.connection):
        if (each.person, each.role) not in late:
            people.return_work(ledger, each)


def _tell_of_empty_roles(app: App, ledger: Ledger) -> None:
    connection = ledger.connection
    empty, since = empty_roles(app, connection), team_unchanged_since(connection)
    if empty and since is not None and app.clock.now() - moment(since) >= EMPTY_FOR:
        notice = messages.empty_roles(empty, since, page_address(app))
        outbox.write(ledger, notice, outbox.recipients(connection, RoleId.LEAD))
