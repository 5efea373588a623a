"""What a notice brings with it: the results without the trial, the values, the report, a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import waiting
from bot.report.gather import gather
from bot.report.rendering import render_report
from state import extractions
from state.screening import StudyStatus
from state.tasks import settle_task
from state.versions import open_draft, signals
from tests.bot.builders import DORA
from tests.bot.notices import AZULAY, HARBO, NOTICE_PMID, search, tasks, told, with_notice
from tests.bot.web.browser import visitor, words
from tests.bot.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        found.search_all()
        yield found


def the_draft(world: World) -> str:
    """Return the text of the report of the open draft."""
    with world.app.database.reading() as connection:
        draft = open_draft(connection)
        assert draft is not None
        return render_report(gather(world.app, connection, draft.number, None)).decode()


@pytest.mark.parametrize("kind", ["RetractionIn", "PartialRetractionIn", "ExpressionOfConcernIn"])
def test_what_puts_a_trial_in_doubt_brings_the_results_without_it(world: World, kind: str) -> None:
    world.pubmed.add(with_notice(AZULAY, kind))
    search(world)

    (notice,) = told(world)
    (task,) = tasks(world)
    for text in (notice.body, task.text):
        assert "Without this trial:" in text
        assert "RR 11.00 (2.86 to 42.25) → RR " in text
        assert "[3 → 2 studies]" in text


def test_a_pool_that_is_left_empty_says_so(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "RetractionIn"))
    search(world)

    (notice,) = told(world)
    assert "→ no study left [1 → 0 studies]" in notice.body


def test_an_erratum_brings_the_values_that_it_may_touch_those_of_that_report_first(
    world: World,
) -> None:
    with world.app.database.reading() as connection:
        accepted = extractions.accepted_values(connection)
    how_many = sum(each.value.cell.study == "harbo2009" for each in accepted)
    world.pubmed.add(with_notice(HARBO, "ErratumIn"))

    search(world)

    (notice,) = told(world)
    (task,) = tasks(world)
    assert "Without this trial:" not in notice.body
    for text in (notice.body, task.text):
        listed = text.split("Values that it may touch:\n")[1].splitlines()
        cells = [line for line in listed if line.startswith("  ")]
        read_there = [f"pmid:{HARBO.pmid}" in line for line in cells]
        assert len(cells) == how_many
        assert read_there == sorted(read_there, reverse=True)
        assert any(read_there)


def test_values_that_cannot_be_pooled_do_not_hold_up_a_search(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_a_value(monkeypatch)
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))

    search(world)

    (notice,) = told(world)
    assert "RR 11.00 (2.86 to 42.25) → RR " in notice.body
    assert world.runs("pubmed")[0].status == "ok"


def lose_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the accepted values lack one of a pair, as a superseded extraction can leave them."""
    everything = extractions.accepted_values
    monkeypatch.setattr(extractions, "accepted_values", lambda c: everything(c)[1:])


def test_nothing_is_excluded_and_no_value_changes(world: World) -> None:
    with world.app.database.reading() as connection:
        before = extractions.accepted_values(connection)
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)
    world.tick()

    with world.app.database.reading() as connection:
        assert extractions.accepted_values(connection) == before
        assert extractions.find_study(connection, "azulay1994").place is StudyStatus.INCLUDED


@pytest.mark.parametrize(
    ("kind", "happened"),
    [
        ("RetractionIn", "retracted"),
        ("PartialRetractionIn", "partly retracted"),
        ("RetractedandRepublishedIn", "retracted and republished"),
        ("ExpressionOfConcernIn", "under an expression of concern"),
        ("ErratumIn", "corrected"),
    ],
)
def test_the_signal_says_what_happened_and_the_draft_is_made_for_it(
    world: World, kind: str, happened: str
) -> None:
    world.pubmed.add(with_notice(AZULAY, kind))
    search(world)
    world.tick()

    with world.app.database.reading() as connection:
        raised = signals(connection)
    assert {signal.rule for signal in raised} == {"S7"}
    assert all(f": Azulay 1994 {happened}; " in signal.text for signal in raised)


def test_a_second_erratum_fires_the_signal_anew(world: World) -> None:
    for place in (1, 2):
        world.pubmed.add(with_notice(AZULAY, "ErratumIn", f"9900007{place}"))
        search(world)
    world.tick()

    with world.app.database.reading() as connection:
        assert all("Azulay 1994 corrected (2 errata)" in each.text for each in signals(connection))


@pytest.mark.parametrize("kind", ["CommentIn", "UpdateIn"])
def test_a_comment_makes_no_draft(world: World, kind: str) -> None:
    world.pubmed.add(with_notice(AZULAY, kind))
    search(world)
    world.tick()

    with world.app.database.reading() as connection:
        assert open_draft(connection) is None
        assert signals(connection) == ()


def test_the_studys_page_shows_what_was_published_and_the_results_without_it(
    world: World,
) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)

    page = words(visitor(world.app, DORA).get("/extract/azulay1994"))

    assert "Published about its reports retraction J Made-up Neurol" in page
    assert "told by PubMed" in page
    assert "Results without this study" in page
    assert "RR 11.00 (2.86 to 42.25) 3 studies RR " in page


def test_a_page_of_a_study_that_was_commented_on_computes_nothing(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "CommentIn"))
    search(world)

    page = words(visitor(world.app, DORA).get("/extract/azulay1994"))

    assert "Published about its reports comment" in page
    assert "Results without this study" not in page


def test_the_drafts_report_shows_it_until_and_after_it_is_judged(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)
    world.tick()

    text = the_draft(world)
    with world.app.ledger() as ledger:
        settle_task(ledger, tasks(world)[0].id, DORA, "we keep it until the inquiry is over")

    assert "Published about the included reports" in text
    assert "Results with and without Azulay 1994" in text
    assert "Not judged yet." in text
    assert "Judged: we keep it until the inquiry is over" in the_draft(world)


def test_the_command_lists_each_notice_with_what_became_of_it(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"), with_notice(HARBO, "CommentIn"))
    search(world)

    found = waiting.published_corrections(world.app)

    printed = {each["study"]: each for each in map(waiting.correction_json, found)}
    assert printed["azulay1994"]["sources"] == ["pubmed"]
    assert printed["azulay1994"]["pmid"] == NOTICE_PMID
    assert printed["azulay1994"]["task"]["settled_at"] is None
    assert printed["harbo2009"]["task"] is None
    lines = waiting.correction_lines(found)
    assert "azulay1994  [retraction]  pubmed:8145910" in lines
    assert lines[-1] == "2 published about reports of known studies"
