from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import PlaceStudy
from bot.app import App
from bot.errors import FaultsOfAct
from bot.silence.status import status_json
from state import extractions
from state.errors import NotAllowed
from state.screening import StudyStatus
from tests.bot.builders import ADA, CY, DORA, a_trial, actor, add_team, an_app, found, include
from tests.bot.web.browser import visitor

STUDY = "doe2026"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    (candidate,) = found(running, a_trial(1))
    include(running, candidate, place=StudyStatus.ONGOING)
    yield running
    running.close()


def stands(app: App) -> tuple[StudyStatus, str | None]:
    with app.database.reading() as connection:
        stored = extractions.find_study(connection, STUDY)
    return stored.place, stored.next_look_on


def test_an_ongoing_study_whose_results_have_come_is_included_and_extracted(app: App) -> None:
    assert stands(app)[0] is StudyStatus.ONGOING

    perform(app, PlaceStudy(study=STUDY, place=StudyStatus.INCLUDED), actor(DORA))

    assert stands(app) == (StudyStatus.INCLUDED, None)
    assert any("not yet incorporated" in each for each in status_json(app)["needs"])


def test_a_study_to_look_at_again_is_named_when_its_day_has_come(app: App) -> None:
    act = PlaceStudy(study=STUDY, place=StudyStatus.AWAITING, next_look_on="2026-11-20")

    perform(app, act, actor(DORA))

    assert any("to look at again since 2026-11-20" in each for each in status_json(app)["needs"])


def test_an_adjudicator_does_not_place_studies(app: App) -> None:
    with pytest.raises(NotAllowed, match="none of the roles 'screener', 'lead'"):
        perform(app, PlaceStudy(study=STUDY, place=StudyStatus.INCLUDED), actor(CY))


@pytest.mark.parametrize("day", ["soon", "20270131", "2027-W05-1", "2027-02-30"])
def test_a_day_is_written_in_the_one_form_in_which_days_are_compared(day: str) -> None:
    with pytest.raises(FaultsOfAct, match=f"found '{day}', expected a date such as 2027-01-31"):
        read_act(PlaceStudy, {"study": STUDY, "place": "awaiting", "next_look_on": day})


def test_the_page_saves_where_a_study_stands(app: App) -> None:
    page = visitor(app, ADA).post(f"/extract/{STUDY}/place", place="included")

    assert "The study's place is saved." in page.replace("&#39;", "'")
    assert stands(app)[0] is StudyStatus.INCLUDED
