"""What waits for people is reminded of on days 7, 14 and 21, and passes to the deputy on day 28."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.acts.perform import perform
from bot.acts.said import AddPerson, ChangePerson, RetirePerson
from bot.app import App
from bot.work import jobs
from bot.work.handlers import remind_due
from state import outbox, people
from state.errors import NotAllowed
from state.facts.words import RoleId
from state.outbox import Delivery
from state.screening import Verdict
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    StoppedClock,
    a_trial,
    actor,
    add_team,
    an_app,
    found,
    say,
)
from tests.bot.web.browser import visitor, words

EVA = "eva"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    join(running, EVA, "operator")
    yield running
    running.close()


def join(app: App, person: str, role: str) -> None:
    address = f"{person}@example.org"
    act = AddPerson(person=person, name=person.title(), address=address, roles=(role,), deputy=None)
    perform(app, act, actor(DORA))


def days_pass(app: App, days: int, *, ticks: bool = True) -> None:
    """Let days pass, on each of which the program looks at what waits for people."""
    for _ in range(days):
        cast(StoppedClock, app.clock).at += timedelta(days=1)
        if ticks:
            remind_due(app)


def told(app: App, person: str, kind: str) -> list[Delivery]:
    with app.database.reading() as connection:
        found = outbox.deliveries_to(connection, person, 1000)
    return [each for each in found if each.notice.kind == kind]


def deputise(app: App, person: str, deputy: str) -> None:
    with app.database.reading() as connection:
        known = people.find_person(connection, person)
    act = ChangePerson(
        person=person,
        name=known.name,
        address=known.address,
        roles=known.roles,
        deputy=deputy,
    )
    perform(app, act, actor(DORA))


def screeners(app: App) -> set[str]:
    with app.database.reading() as connection:
        return {each.id for each in people.holders(connection, RoleId.SCREENER)}


@pytest.mark.parametrize(
    ("days", "reminders"), [(6, 0), (7, 1), (13, 1), (14, 2), (21, 3), (27, 3)]
)
def test_open_work_is_reminded_of_after_one_two_and_three_weeks(
    app: App, days: int, reminders: int
) -> None:
    found(app, a_trial(1))

    days_pass(app, days)

    assert len(told(app, ADA, "open_work")) == reminders


def test_a_reminder_says_what_waits_since_when_and_where(app: App) -> None:
    found(app, a_trial(1))

    days_pass(app, 7)

    (reminder,) = told(app, ADA, "open_work")
    assert "records wait for your verdict (the oldest since 2026-11-25): " in reminder.notice.body
    assert "/queue" in reminder.notice.body


def test_a_program_that_slept_reminds_once_when_it_wakes(app: App) -> None:
    found(app, a_trial(1))

    days_pass(app, 16, ticks=False)
    jobs.make_due(app)
    jobs.make_due(app)

    assert len(told(app, ADA, "open_work")) == 1


def test_who_has_decided_is_not_reminded(app: App) -> None:
    (candidate,) = found(app, a_trial(1))
    say(app, ADA, candidate, Verdict.INCLUDE)

    days_pass(app, 7)

    assert not told(app, ADA, "open_work")
    assert len(told(app, BEN, "open_work")) == 1


def test_work_of_four_weeks_passes_to_the_deputy_and_the_lead_is_told(app: App) -> None:
    (candidate,) = found(app, a_trial(1))
    deputise(app, ADA, EVA)

    days_pass(app, 27)
    with pytest.raises(NotAllowed):
        say(app, EVA, candidate, Verdict.INCLUDE)
    days_pass(app, 1)

    assert screeners(app) >= {ADA, BEN, EVA}
    say(app, EVA, candidate, Verdict.INCLUDE)
    for person in (DORA, EVA, ADA):
        assert len(told(app, person, "work_passed")) >= 1
    verify(app.database)


def test_the_deputy_stands_in_until_nothing_waits_so_long(app: App) -> None:
    (candidate,) = found(app, a_trial(1))
    deputise(app, ADA, EVA)
    days_pass(app, 28)

    say(app, ADA, candidate, Verdict.INCLUDE)
    days_pass(app, 1)

    assert EVA not in screeners(app)
    with pytest.raises(NotAllowed):
        say(app, EVA, candidate, Verdict.INCLUDE)


def test_where_nobody_could_take_it_over_the_lead_is_told_each_four_weeks(app: App) -> None:
    found(app, a_trial(1))

    days_pass(app, 57)

    told_of_ada = [each for each in told(app, DORA, "work_passed") if "Ada" in each.notice.subject]
    assert len(told_of_ada) == 2
    assert "nobody could take it over" in told_of_ada[0].notice.subject


def test_the_lead_may_still_name_a_deputy_after_four_weeks(app: App) -> None:
    found(app, a_trial(1))
    days_pass(app, 30)

    deputise(app, ADA, EVA)
    days_pass(app, 1)

    assert EVA in screeners(app)


def test_who_joins_later_is_not_late_from_the_first_day(app: App) -> None:
    found(app, a_trial(1))
    days_pass(app, 40)
    join(app, "flo", "screener")

    days_pass(app, 6)
    assert not told(app, "flo", "open_work")
    days_pass(app, 1)

    assert len(told(app, "flo", "open_work")) == 1


def test_a_deputy_has_four_weeks_of_their_own(app: App) -> None:
    found(app, a_trial(1))
    deputise(app, ADA, EVA)
    deputise(app, EVA, DORA)

    days_pass(app, 28 + 27)

    assert DORA not in screeners(app)


def test_the_page_says_beside_whom_one_stands_and_which_role_is_empty(app: App) -> None:
    found(app, a_trial(1))
    deputise(app, ADA, EVA)
    perform(app, RetirePerson(person=CY), actor(DORA))
    days_pass(app, 28)

    assert "What waits for Ada Byron as screener" in words(visitor(app, EVA).get("/"))
    assert "Roles that nobody holds adjudicator" in words(visitor(app, DORA).get("/"))
    assert "Roles that nobody holds" not in words(visitor(app, BEN).get("/"))


def test_a_role_that_nobody_holds_is_the_leads_to_fill(app: App) -> None:
    perform(app, RetirePerson(person=CY), actor(DORA))

    days_pass(app, 1)
    days_pass(app, 7)

    notices = told(app, DORA, "empty_role")
    assert len(notices) == 1
    assert "adjudicator" in notices[0].notice.subject
    (reminder,) = told(app, DORA, "open_work")
    assert "a role of the review is held by nobody" in reminder.notice.body
