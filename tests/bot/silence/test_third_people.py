"""What only a third person may settle is never left to nobody: the lead is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import ChangePerson, RetirePerson
from bot.app import App
from bot.silence.status import status_json
from bot.silence.third_people import tell_of_third_people
from bot.work import jobs
from state import extractions, outbox
from state.screening import Verdict
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_trial,
    actor,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    say,
)

NEEDED = "role adjudicator: a third person is needed for"
READERS = ("screener", "extractor")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def change(app: App, person: str, *roles: str, deputy: str | None = None) -> None:
    address = f"{person}@example.org"
    act = ChangePerson(person=person, name=person, address=address, roles=roles, deputy=deputy)
    perform(app, act, actor(DORA))


def retire(app: App, person: str) -> None:
    perform(app, RetirePerson(person=person), actor(DORA))


def two_differ(app: App, one: str, other: str) -> None:
    """Have two read a number of an included study differently."""
    (candidate,) = found(app, a_trial(1))
    include(app, candidate)
    with app.database.reading() as connection:
        study = extractions.studies(connection)[-1].study.id
    hand_in(app, one, study, an_extraction(7))
    hand_in(app, other, study, an_extraction(8))


def needed(app: App) -> list[str]:
    return [each for each in status_json(app)["needs"] if each.startswith(NEEDED)]


def told(app: App) -> list[str]:
    with app.database.reading() as connection:
        written = outbox.deliveries(connection)
    return [each.recipient for each in written if each.notice.kind == "third_person"]


def test_values_wait_for_the_adjudicator_and_nobody_else_is_asked(app: App) -> None:
    two_differ(app, ADA, BEN)

    jobs.make_due(app)

    assert needed(app) == []
    assert told(app) == []


def test_where_the_only_adjudicator_read_the_study_a_third_person_is_needed(app: App) -> None:
    change(app, CY, "adjudicator", "extractor")

    two_differ(app, CY, BEN)

    assert needed(app) == [f"{NEEDED} the values of Doe 2026: read by Ben Okri and cy"]


def test_the_lead_is_told_of_it_once(app: App) -> None:
    change(app, CY, "adjudicator", "extractor")
    two_differ(app, CY, BEN)

    for _ in range(2):
        jobs.make_due(app)

    assert told(app) == [DORA]


def test_another_adjudicator_ends_the_need(app: App) -> None:
    change(app, CY, "adjudicator", "extractor")
    two_differ(app, CY, BEN)

    change(app, DORA, "lead", "adjudicator")

    assert needed(app) == []


def test_a_deputy_of_an_adjudicator_who_left_ends_the_need(app: App) -> None:
    change(app, CY, "adjudicator")
    two_differ(app, ADA, BEN)
    retire(app, CY)
    assert len(needed(app)) == 1

    change(app, CY, "adjudicator", deputy=DORA)

    assert needed(app) == []


def test_a_conflict_whose_readers_can_still_agree_needs_nobody(app: App) -> None:
    two_screen_differently(app, CY, BEN)

    assert needed(app) == []


def test_a_conflict_whose_reader_left_needs_a_third_person(app: App) -> None:
    two_screen_differently(app, CY, BEN)

    retire(app, BEN)

    assert len(needed(app)) == 1
    assert needed(app)[0].endswith("(title and abstract): read by Ben Okri and cy; Ben Okri left")


def test_a_first_verdict_alone_names_nobody(app: App) -> None:
    change(app, CY, "adjudicator", "screener")
    (candidate,) = found(app, a_trial(1))
    say(app, CY, candidate, Verdict.INCLUDE)
    retire(app, CY)

    tell_of_third_people(app)

    assert needed(app) == []
    assert told(app) == []


def two_screen_differently(app: App, one: str, other: str) -> None:
    change(app, one, "adjudicator", *READERS)
    (candidate,) = found(app, a_trial(1))
    say(app, one, candidate, Verdict.INCLUDE)
    say(app, other, candidate, Verdict.EXCLUDE, criterion="E1")
