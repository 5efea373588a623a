"""What waits for a second person, on the pages where one would look for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app import App
from state import extractions, likeness
from state.screening import StudyStatus, Verdict
from tests.bot.builders import ADA, BEN, CY, DORA, a_trial, found, move, say
from tests.bot.web.browser import visitor, words

POOLED = "azulay1994"
ONE = a_trial(1)
TWO = replace(a_trial(2), source="embase", source_id="L2")


def test_a_move_that_waits_is_on_the_first_page_and_the_studys_with_what_it_changes(
    app: App,
) -> None:
    move(app, POOLED, StudyStatus.EXCLUDED, ADA)
    ben = visitor(app, BEN)

    first, study = words(ben.get("/")), words(ben.get(f"/extract/{POOLED}"))

    assert "Move Azulay 1994 from included to excluded confirm or reject" in first
    assert "Ada Byron proposes to move Azulay 1994 from included to excluded." in study
    assert "1.1 Disability improved" in study
    assert "Confirm: excluded" in study


def test_who_can_not_be_the_second_sees_it_and_no_form(app: App) -> None:
    move(app, POOLED, StudyStatus.EXCLUDED, ADA)

    for person in (ADA, CY):
        assert "Confirm: excluded" not in visitor(app, person).get(f"/extract/{POOLED}")


def test_a_move_is_confirmed_on_the_page_and_then_shown_with_its_way_back(app: App) -> None:
    form = {"place": "excluded", "note": "not the population"}
    visitor(app, ADA).post(f"/extract/{POOLED}/place", **form)

    page = visitor(app, BEN).post(f"/extract/{POOLED}/place", **form)

    assert "livingreview place azulay1994 included --note WHY" in words(page)
    with app.database.reading() as connection:
        assert extractions.find_study(connection, POOLED).place is StudyStatus.EXCLUDED


@pytest.mark.parametrize(("person", "way"), [(BEN, "reject"), (ADA, "withdraw")])
def test_a_proposal_is_ended_where_it_stands(app: App, person: str, way: str) -> None:
    move(app, POOLED, StudyStatus.EXCLUDED, ADA)
    back = f"/extract/{POOLED}"

    page = visitor(app, person).post(f"/proposals/move-1/{way}", note="it belongs", back=back)

    assert "Ada Byron: “a reason”" in words(page)
    assert "it belongs" in page
    assert "A move waits for a second person" not in page


def test_an_excluded_candidate_is_opened_again_and_shows_what_was_said(app: App) -> None:
    found(app, ONE)
    for person in (ADA, BEN):
        say(app, person, ONE.key, Verdict.EXCLUDE, criterion="E2")

    page = visitor(app, DORA).post(f"/candidates/{ONE.key}/reopen", note="look again")

    assert "Said earlier" in page
    assert "Ada Byron, title and abstract: exclude (E2)" in words(page)


def test_a_verdict_is_taken_back_on_its_page(app: App) -> None:
    found(app, ONE)
    say(app, ADA, ONE.key, Verdict.INCLUDE)

    page = visitor(app, ADA).post(f"/candidates/{ONE.key}/withdraw", note="misread")

    assert "Save my verdict" in page


def test_a_merge_that_waits_is_confirmed_beside_its_pair(app: App) -> None:
    found(app, ONE, TWO)
    with app.ledger() as ledger:
        likeness.find_likeness(
            ledger, TWO.key, ONE.key, likeness.MAYBE, rule="M4", reasons=["one title"]
        )
    say(app, ADA, ONE.key, Verdict.INCLUDE)
    form = {"record": TWO.key, "other": ONE.key, "verdict": "same"}

    first = visitor(app, ADA).post("/duplicates", **form)
    beside = visitor(app, BEN).get("/duplicates")
    second = visitor(app, BEN).post("/duplicates", **form)

    assert "You have proposed it" in first
    assert "Confirm: the same record" in beside
    assert "No pair waits" in second


def test_a_search_by_hand_is_taken_back_on_its_page(app: App) -> None:
    dora = visitor(app, DORA)
    page = dora.post("/imports/embase/nothing", stated="yes")
    run = page.split('/withdraw"')[0].rsplit("/", 1)[1]

    gone = dora.post(f"/imports/embase/{run}/withdraw", note="another source")

    assert "Embase counts as not searched by it" in words(gone)
    assert "Take this search back" in page
