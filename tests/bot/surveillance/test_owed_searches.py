"""Searches by hand: when one is owed, who is asked, who is reminded and when it stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import SayNothingFound
from bot.review.protocol import MANUAL, SourcePlan
from bot.surveillance.hand_searches import remind
from bot.surveillance.owed_searches import hand_search, reminder
from bot.surveillance.slots import enqueue_slots, next_search
from state import people
from state.facts.words import RoleId
from state.outbox import deliveries
from state.people import Person
from tests.bot.builders import DORA, TEAM, StoppedClock, actor, an_app, take_import
from tests.bot.exports import TWO_RECORDS

LONDON = "Europe/London"
PLAN = SourcePlan(
    kind=MANUAL,
    id="embase",
    name="Embase",
    schedule="0 9 1 3,9 *",
    strategy_file="embase.txt",
)
TOLD = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
IRIS = Person("iris", "Iris Murdoch", "iris@example.org", (RoleId.INFORMATION_SPECIALIST,))
DORA_LEADS = Person(DORA, "Dora Maar", "dora@example.org", (RoleId.LEAD,))
OLGA = Person("olga", "Olga Rozanova", "olga@example.org", (RoleId.OPERATOR,))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, None),
        (6.99, None),
        (7, 7),
        (13.99, 7),
        (14, 14),
        (29.99, 14),
        (30, 30),
        (59, 30),
        (60, 60),
        (185, 180),
    ],
)
def test_a_reminder_comes_after_7_14_and_30_days_and_then_every_30(
    days: float, expected: int | None
) -> None:
    assert reminder(TOLD, TOLD + timedelta(days=days)) == expected


def test_a_source_that_was_never_searched_owes_its_newest_slot() -> None:
    found = hand_search(PLAN, LONDON, last=None, now=at("2026-11-25T09:00"))

    assert found.owed_since is not None
    assert found.owed_since.name == "2026-09-01T09:00"
    assert found.days_owed(at("2026-11-25T09:00")) == 85
    assert found.next is not None
    assert found.next.name == "2027-03-01T09:00"


def test_a_source_searched_since_its_slot_owes_nothing() -> None:
    found = hand_search(PLAN, LONDON, last=at("2026-09-02T10:00"), now=at("2026-11-25T09:00"))

    assert found.owed_since is None
    assert found.days_owed(at("2026-11-25T09:00")) == 0


def test_a_source_left_for_two_slots_is_owed_since_the_first() -> None:
    found = hand_search(PLAN, LONDON, last=at("2026-01-10T10:00"), now=at("2026-11-25T09:00"))

    assert found.owed_since is not None
    assert found.owed_since.name == "2026-03-01T09:00"


class Office:
    """A program with a team, a stopped clock and its ticks, as far as hand searches go."""

    def __init__(self, folder: Path, *team: Person, opens: str = "2027-03-01T09:00") -> None:
        self.clock = StoppedClock(at(opens))
        self.app = an_app(folder, clock=self.clock)
        with self.app.ledger() as ledger:
            for person in team:
                people.add_person(ledger, person)

    def tick(self) -> None:
        enqueue_slots(self.app)
        remind(self.app)

    def told(self, source: str = "embase") -> list[tuple[str, set[str]]]:
        """Return the subjects of what was told of a source, with who was told."""
        with self.app.database.reading() as connection:
            found = deliveries(connection)
        said: dict[str, set[str]] = {}
        for each in sorted(found, key=lambda each: each.written_at):
            if each.notice.key.startswith(f"hand-search:{source}:"):
                said.setdefault(each.notice.subject, set()).add(each.recipient)
        return list(said.items())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path / "data", IRIS, DORA_LEADS, OLGA)
    yield opened
    opened.app.close()


def test_a_search_that_nobody_makes_is_reminded_of_and_from_day_14_to_the_lead(
    office: Office,
) -> None:
    for _ in range(100):
        office.tick()
        office.clock.advance(days=1)

    assert office.told() == [
        ("Embase is due", {"iris"}),
        ("Embase is overdue: asked for 7 days ago", {"iris"}),
        ("Embase is overdue: asked for 14 days ago", {"iris", DORA}),
        ("Embase is overdue: asked for 30 days ago", {"iris", DORA}),
        ("Embase is overdue: asked for 60 days ago", {"iris", DORA}),
        ("Embase is overdue: asked for 90 days ago", {"iris", DORA}),
    ]


def test_a_reminder_holds_all_that_is_needed_to_search(office: Office) -> None:
    office.tick()
    office.clock.advance(days=7)
    office.tick()

    with office.app.database.reading() as connection:
        bodies = [each.notice.body for each in deliveries(connection)]
    body = next(each for each in bodies if "Embase was asked" in each)
    assert office.app.review.queries["embase"].strip() in body
    assert "last line as RIS" in body
    assert "/imports#embase" in body
    assert "livingreview import FILE --source embase" in body
    assert "it was due 1 Mar 2027, 09:00 GMT" in body


def test_a_month_asleep_is_one_reminder_not_three(office: Office) -> None:
    office.tick()
    office.clock.advance(days=45)
    office.tick()
    office.tick()

    assert [subject for subject, _ in office.told()] == [
        "Embase is due",
        "Embase is overdue: asked for 30 days ago",
    ]


def test_an_import_stops_the_reminders_of_its_source_alone(office: Office) -> None:
    office.tick()
    office.clock.advance(days=8)
    take_import(office.app, "iris", TWO_RECORDS, "x.ris", "embase")
    office.clock.advance(days=20)
    office.tick()

    assert [subject for subject, _ in office.told()] == ["Embase is due"]
    assert len(office.told("central")) == 2


def test_an_export_of_a_search_made_before_the_slot_does_not_answer_it(office: Office) -> None:
    office.tick()
    office.clock.advance(days=8)
    old = {"searched_on": "2027-02-20"}
    take_import(office.app, "iris", TWO_RECORDS, "x.ris", "embase", **old)
    office.tick()

    assert len(office.told()) == 2


def test_a_search_made_before_the_program_woke_is_not_asked_for(office: Office) -> None:
    office.clock.advance(days=1)
    perform(office.app, SayNothingFound(source="embase"), actor("iris"))
    office.tick()

    assert office.told() == []
    assert len(office.told("central")) == 1


def test_what_is_owed_is_due_since_its_slot_and_not_half_a_year_later(office: Office) -> None:
    plan = next(plan for plan in office.app.protocol.sources if plan.id == "embase")
    office.clock.advance(days=40)

    with office.app.database.reading() as connection:
        owed = next_search(office.app, connection, plan)
    perform(office.app, SayNothingFound(source="embase"), actor("iris"))
    with office.app.database.reading() as connection:
        done = next_search(office.app, connection, plan)

    assert (owed, done) == (at("2027-03-01T09:00"), at("2027-09-01T08:00"))


def test_a_program_that_starts_late_counts_from_when_it_asked(tmp_path: Path) -> None:
    office = Office(tmp_path / "data", IRIS, opens="2026-11-25T09:00")
    office.tick()
    office.clock.advance(days=7)
    office.tick()

    assert [subject for subject, _ in office.told()] == [
        "Embase is due",
        "Embase is overdue: asked for 7 days ago",
    ]
    office.app.close()


@pytest.mark.parametrize(
    ("team", "expected"),
    [
        (TEAM, {DORA}),
        ((DORA_LEADS, OLGA), {DORA}),
        ((OLGA,), {"olga"}),
        ((), {"role:information_specialist"}),
    ],
)
def test_where_nobody_searches_by_hand_the_lead_or_the_operator_is_asked(
    team: tuple[Person, ...], expected: set[str], tmp_path: Path
) -> None:
    office = Office(tmp_path / "data", *team)
    office.tick()
    office.clock.advance(days=14)
    office.tick()

    assert [recipients for _, recipients in office.told()] == [expected, expected]
    office.app.close()
