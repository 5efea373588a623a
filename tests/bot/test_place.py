from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.status import status_json
from bot.steps.place import place_study
from state import extractions
from state.errors import BadInput, NotAllowed
from state.screening import Place
from tests.bot.builders import ADA, CY, DORA, a_trial, actor, add_team, an_app, found, include
from tests.bot.web.browser import visitor

STUDY = "doe2026"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    (candidate,) = found(running, a_trial(1))
    include(running, candidate, place=Place.ONGOING)
    yield running
    running.close()


def stands(app: App) -> tuple[Place, str | None]:
    with app.database.reading() as connection:
        stored = extractions.find_study(connection, STUDY)
    return stored.place, stored.next_look_on


def test_an_ongoing_study_whose_results_have_come_is_included_and_extracted(app: App) -> None:
    assert stands(app)[0] is Place.ONGOING

    place_study(app, actor(DORA), DORA, STUDY, Place.INCLUDED, None)

    assert stands(app) == (Place.INCLUDED, None)
    assert any("not yet incorporated" in each for each in status_json(app)["needs"])


def test_a_study_to_look_at_again_is_named_when_its_day_has_come(app: App) -> None:
    place_study(app, actor(DORA), DORA, STUDY, Place.AWAITING, "2026-11-20")

    assert any("to look at again since 2026-11-20" in each for each in status_json(app)["needs"])


def test_an_adjudicator_does_not_place_studies(app: App) -> None:
    with pytest.raises(NotAllowed, match="neither lead nor screener"):
        place_study(app, actor(CY), CY, STUDY, Place.INCLUDED, None)


def test_a_day_that_is_no_date_is_refused(app: App) -> None:
    with pytest.raises(BadInput, match="found 'soon'"):
        place_study(app, actor(DORA), DORA, STUDY, Place.AWAITING, "soon")


def test_the_page_saves_where_a_study_stands(app: App) -> None:
    page = visitor(app, ADA).post(f"/extract/{STUDY}/place", place="included")

    assert "The study's place is saved." in page.replace("&#39;", "'")
    assert stands(app)[0] is Place.INCLUDED
