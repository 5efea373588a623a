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
from state import extractions, outbox
from state.errors import BadInput, NotAllowed
from state.screening import StudyStatus
from tests.bot.builders import (
    ADA,
    BEN,
    CY,
    DORA,
    a_trial,
    actor,
    add_team,
    an_app,
    found,
    include,
    move,
)
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


def notices(app: App, kind: str) -> set[str]:
    """Return who was told of something."""
    with app.database.reading() as connection:
        found = outbox.deliveries(connection)
    return {each.recipient for each in found if each.notice.kind == kind}


def stands(app: App) -> tuple[StudyStatus, str | None]:
    with app.database.reading() as connection:
        stored = extractions.find_study(connection, STUDY)
    return stored.place, stored.next_look_on


def test_an_ongoing_study_whose_results_have_come_is_included_by_two_and_extracted(
    app: App,
) -> None:
    assert stands(app)[0] is StudyStatus.ONGOING

    move(app, STUDY, StudyStatus.INCLUDED, DORA, ADA)

    assert stands(app) == (StudyStatus.INCLUDED, None)
    assert any("not yet incorporated" in each for each in status_json(app)["needs"])
    assert notices(app, "extraction_due") == {ADA, BEN}


def test_a_study_to_look_at_again_is_named_when_its_day_has_come(app: App) -> None:
    move(app, STUDY, StudyStatus.AWAITING, DORA, ADA, look="2026-11-20")

    assert any("to look at again since 2026-11-20" in each for each in status_json(app)["needs"])


def test_another_day_to_look_at_it_again_takes_one_hand_and_no_reason(app: App) -> None:
    act = PlaceStudy(study=STUDY, place=StudyStatus.ONGOING, next_look_on="2027-11-20")

    given = perform(app, act, actor(DORA))

    assert given.proposal is None
    assert stands(app) == (StudyStatus.ONGOING, "2027-11-20")


def test_a_move_needs_a_reason(app: App) -> None:
    with pytest.raises(BadInput, match="note: found none, expected why Doe 2026 is to be included"):
        perform(app, PlaceStudy(study=STUDY, place=StudyStatus.INCLUDED), actor(DORA))


def test_an_adjudicator_does_not_place_studies(app: App) -> None:
    with pytest.raises(NotAllowed, match="none of the roles 'screener', 'lead'"):
        move(app, STUDY, StudyStatus.INCLUDED, CY)


@pytest.mark.parametrize("day", ["soon", "20270131", "2027-W05-1", "2027-02-30"])
def test_a_day_is_written_in_the_one_form_in_which_days_are_compared(day: str) -> None:
    with pytest.raises(FaultsOfAct, match=f"found '{day}', expected a date such as 2027-01-31"):
        read_act(PlaceStudy, {"study": STUDY, "place": "awaiting", "next_look_on": day})


def test_the_page_saves_where_a_study_stands(app: App) -> None:
    form = {"place": "included", "note": "its results have come"}
    first = visitor(app, ADA).post(f"/extract/{STUDY}/place", **form)
    between = stands(app)[0]
    second = visitor(app, BEN).post(f"/extract/{STUDY}/place", **form)

    assert "Nothing is changed until a second person says the same" in first
    assert between is StudyStatus.ONGOING
    assert "it is in force now" in second
    assert stands(app)[0] is StudyStatus.INCLUDED
