"""Notices on reports of known studies, through real searches of the sources that tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.demo.crossref import a_work, an_update
from bot.demo.fiction import BASELINE, article
from bot.demo.standins import Article
from state.corrections import StoredCorrection, corrections
from state.outbox import Notice
from state.tasks import Task, TaskKind, open_tasks
from state.verify import verify
from state.versions import open_draft, signals
from tests.bot.builders import DORA
from tests.bot.web.browser import visitor, words
from tests.bot.world import World, a_world

HARBO_DOI = "10.1111/j.1468-1331.2009.02568.x"
AZULAY = next(facts for facts in BASELINE if facts.pmid == "8145910")
HARBO = next(facts for facts in BASELINE if facts.doi == HARBO_DOI)
NOTICE_DOI, NOTICE_PMID = "10.5555/notice", "99000077"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        found.search_all()
        yield found


def with_notice(facts: Any, kind: str, pmid: str | None = NOTICE_PMID) -> Article:
    """Write a baseline article as PubMed has it once a notice on it is indexed."""
    number = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    link = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}">'
        f"<RefSource>J Made-up Neurol. 2026;1:1</RefSource>{number}</CommentsCorrections>"
        "</CommentsCorrectionsList></MedlineCitation>"
    )
    found = article(facts)
    return replace(found, xml=found.xml.replace(b"</MedlineCitation>", link.encode()))


def search(world: World, source: str = "pubmed") -> None:
    world.clock.advance(days=7)
    world.search(source)


def told(world: World, kind: str = "corrected") -> list[Notice]:
    return list({each.notice.key: each.notice for each in world.notices(kind)}.values())


def kept(world: World) -> tuple[StoredCorrection, ...]:
    with world.app.database.reading() as connection:
        return corrections(connection)


def tasks(world: World) -> list[Task]:
    with world.app.database.reading() as connection:
        return list(open_tasks(connection))


def test_a_retraction_is_told_once_with_the_results_without_the_trial(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))

    for _ in range(3):
        search(world)

    (notice,) = told(world)
    assert notice.subject == "azulay1994: retraction"
    assert "Without this trial:" in notice.body
    assert "RR 11.00 (2.86 to 42.25) →" in notice.body
    (task,) = tasks(world)
    assert (task.kind, task.study) == (TaskKind.CORRECTION, "azulay1994")
    assert "Without this trial:" in task.text


def test_nothing_is_excluded_and_no_value_changes(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)
    world.tick()

    with world.app.database.reading() as connection:
        draft = open_draft(connection)
        raised = signals(connection)
    assert draft is not None
    assert {signal.rule for signal in raised} == {"S7"}
    assert all("azulay1994 retracted" in signal.text for signal in raised)


def test_an_erratum_asks_to_check_the_values_it_may_touch(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "ErratumIn"))
    search(world)
    world.tick()

    (task,) = tasks(world)
    assert task.kind is TaskKind.RE_EXTRACTION
    assert "azulay1994|strength_improved|after induction|ivig|events = 5" in task.text
    with world.app.database.reading() as connection:
        assert all("azulay1994 corrected" in each.text for each in signals(connection))


def test_a_comment_is_told_quietly(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "CommentIn"))
    search(world)

    (notice,) = told(world, "commented")
    assert notice.subject == "azulay1994: comment, for your information"
    assert {each.recipient for each in world.notices("commented")} == {DORA}
    assert told(world) == []
    assert tasks(world) == []


def test_two_sources_that_tell_of_one_retraction_tell_it_once(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "RetractionIn"))
    notice = a_work(NOTICE_DOI, "Retraction", **{"update-to": [an_update("retraction", HARBO_DOI)]})
    world.crossref.add(notice)

    search(world)
    search(world, "crossref")

    assert len(told(world)) == 1
    (only,) = [each for each in kept(world) if each.kind == "retraction"]
    assert only.sources == ("crossref", "pubmed")
    assert len(tasks(world)) == 1


def test_a_notice_that_crossref_alone_knows_is_told(world: World) -> None:
    world.crossref.add(
        a_work(
            NOTICE_DOI, "Concern", **{"update-to": [an_update("expression_of_concern", HARBO_DOI)]}
        )
    )

    search(world, "crossref")

    (notice,) = told(world)
    assert notice.subject == "harbo2009: expression of concern"
    assert "told by crossref" in notice.body


def test_a_notice_as_a_record_of_its_own_is_queued_as_the_studys_second_report(
    world: World,
) -> None:
    world.crossref.add(
        a_work(NOTICE_DOI, "Correction", **{"update-to": [an_update("correction", HARBO_DOI)]})
    )

    search(world, "crossref")

    seen = world.queue()[f"crossref:{NOTICE_DOI}"]
    assert seen.status == "link"
    assert seen.candidate.study == "harbo2009"
    assert f"the erratum of DOI {HARBO_DOI}, a report of Harbo" in (
        seen.candidate.link_reason or ""
    )


def test_two_errata_on_one_report_are_two(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "ErratumIn", "99000078"))
    search(world)
    world.pubmed.add(with_notice(AZULAY, "ErratumIn", "99000079"))
    search(world)

    assert len([each for each in kept(world) if each.kind == "erratum"]) == 2
    assert len(told(world)) == 2


def test_a_notice_that_is_there_at_first_sight_is_told(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
        search(world)

        assert [each.subject for each in told(world)] == ["azulay1994: retraction"]


def test_the_studys_page_shows_what_was_published_about_it(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)

    page = words(visitor(world.app, DORA).get("/extract/azulay1994"))

    assert "Published about its reports retraction J Made-up Neurol" in page
    assert "told by pubmed" in page


def test_all_of_it_can_be_replayed(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
    search(world)
    world.tick()

    assert verify(world.app.database).faults == ()
