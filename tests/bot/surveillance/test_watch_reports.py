"""Notices on reports of known studies, through real searches of the sources that tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.acts.perform import perform
from bot.acts.said import SettleLink
from bot.app import App
from bot.demo.fiction import Facts
from bot.sources.crossref.stand_in import a_work, an_update
from bot.sources.europepmc.stand_in import a_result
from bot.surveillance.tell_corrections import tell_corrections
from bot.surveillance.watch_reports import watch_reports
from extraction.model import Correction, CorrectionKind, Direction, RecordIds, Study
from state.decisions import queue
from state.events import Ledger
from state.facts.words import LinkVerdict
from state.tasks import TaskKind
from state.verify import verify
from tests.bot.builders import ADA, BEN, DORA, a_trial, actor, found, include
from tests.bot.notices import (
    AZULAY,
    HARBO,
    HARBO_DOI,
    NOTICE_DOI,
    NOTICE_PMID,
    SOURCE,
    a_notice,
    in_crossref,
    kept,
    search,
    tasks,
    told,
    with_notice,
)
from tests.bot.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        found.search_all()
        yield found


# ---- kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref_type", "subject", "kind"),
    [
        ("RetractionIn", "retraction", TaskKind.CORRECTION),
        ("PartialRetractionIn", "partial retraction", TaskKind.CORRECTION),
        ("RetractedandRepublishedIn", "retraction with republication", TaskKind.CORRECTION),
        ("ExpressionOfConcernIn", "expression of concern", TaskKind.CORRECTION),
        ("ErratumIn", "erratum", TaskKind.RE_EXTRACTION),
        ("CorrectedandRepublishedIn", "erratum", TaskKind.RE_EXTRACTION),
    ],
)
def test_what_is_grave_is_told_to_lead_and_extractors_and_raises_one_task(
    world: World, ref_type: str, subject: str, kind: TaskKind
) -> None:
    world.pubmed.add(with_notice(AZULAY, ref_type))

    for _ in range(3):
        search(world)

    (notice,) = told(world)
    assert notice.subject == f"Azulay 1994: {subject}"
    assert f"{subject}: {SOURCE}, PMID {NOTICE_PMID}" in notice.body
    assert "told by pubmed" in notice.body
    assert AZULAY.title.rstrip(".") in notice.body
    assert {each.recipient for each in world.notices("corrected")} == {DORA, ADA, BEN}
    assert [(each.kind, each.study) for each in tasks(world)] == [(kind, "azulay1994")]


@pytest.mark.parametrize(("ref_type", "said"), [("CommentIn", "comment"), ("UpdateIn", "update")])
def test_a_comment_and_an_update_are_told_quietly(world: World, ref_type: str, said: str) -> None:
    world.pubmed.add(with_notice(AZULAY, ref_type))

    for _ in range(2):
        search(world)

    (notice,) = told(world, "commented")
    assert notice.subject == f"Azulay 1994: {said}, for your information"
    assert {each.recipient for each in world.notices("commented")} == {DORA}
    assert told(world) == []
    assert tasks(world) == []


def test_two_errata_on_one_report_are_two(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "ErratumIn", "99000078"))
    search(world)
    world.pubmed.add(with_notice(AZULAY, "ErratumIn", "99000079"))
    search(world)

    assert [each.stored.pmid for each in kept(world)] == ["99000078", "99000079"]
    assert len(told(world)) == len(tasks(world)) == 2


# ---- one notice, several sources -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_pubmed", "kind"),
    [("RetractionIn", "retraction"), ("ExpressionOfConcernIn", "expression_of_concern")],
)
def test_two_sources_that_name_one_notice_by_different_ids_tell_it_once(
    world: World, in_pubmed: str, kind: str
) -> None:
    world.pubmed.add(with_notice(HARBO, in_pubmed))
    in_crossref(world, kind)

    search(world)
    search(world, "crossref")
    search(world)

    assert len(told(world)) == len(tasks(world)) == 1
    (only,) = kept(world)
    assert only.stored.sources == ("crossref", "pubmed")
    assert (only.stored.pmid, only.stored.doi) == (NOTICE_PMID, NOTICE_DOI)


def test_an_erratum_is_one_where_its_record_bears_both_ids(world: World) -> None:
    world.pubmed.add(a_notice("ErratumFor", HARBO.pmid, doi=NOTICE_DOI))
    world.pubmed.add(with_notice(HARBO, "ErratumIn"))
    in_crossref(world, "correction")

    search(world)
    search(world, "crossref")

    assert len(told(world)) == len(tasks(world)) == 1
    assert [each.stored.sources for each in kept(world)] == [("crossref", "pubmed")]


def test_an_erratum_is_one_where_its_citation_holds_the_doi(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "ErratumIn", cited=f"{SOURCE}. doi: {NOTICE_DOI}."))
    in_crossref(world, "correction")

    search(world)
    search(world, "crossref")

    assert len(told(world)) == 1


def test_an_erratum_that_may_be_a_known_one_is_told_with_that(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "ErratumIn"))
    search(world)
    in_crossref(world, "correction")

    search(world, "crossref")

    first, second = told(world)
    assert "perhaps the same as" not in first.body
    assert f"perhaps the same as: {SOURCE}, PMID {NOTICE_PMID} (told by pubmed)" in second.body


def test_europe_pmc_and_pubmed_that_name_the_same_pmid_tell_it_once(world: World) -> None:
    notice = {"type": "Retraction in", "id": NOTICE_PMID, "source": "MED", "reference": "J 2026"}
    listed = {"commentCorrectionList": {"commentCorrection": [notice]}}
    world.europepmc.add(a_result("MED", AZULAY.pmid, AZULAY.title, pmid=AZULAY.pmid, **listed))
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))

    search(world, "europepmc")
    search(world)

    assert len(told(world)) == 1
    assert [each.stored.sources for each in kept(world)] == [("europepmc", "pubmed")]


def test_a_report_retracted_in_place_and_in_pubmed_is_retracted_once(world: World) -> None:
    itself = {"update-to": [an_update("retraction", HARBO_DOI)]}
    world.crossref.add(a_work(HARBO_DOI, HARBO.title, **itself))
    world.pubmed.add(with_notice(HARBO, "RetractionIn"))

    search(world, "crossref")
    search(world)

    (only,) = kept(world)
    assert only.stored.doi is None  # the report's own DOI is no notice by another
    assert len(told(world)) == 1


def test_two_reports_of_one_study_are_each_retracted(world: World) -> None:
    second = replace(HARBO, pmid="99000091", doi="10.5555/second", title="Harbo's second report.")
    world.pubmed.add(with_notice(second, "CommentIn", "99000099"))
    search(world)
    with world.app.database.reading() as connection:
        opened = next(each.candidate.id for each in queue(connection) if "99000091" in str(each))
    screen_as_report(world, opened)
    world.pubmed.add(with_notice(HARBO, "RetractionIn"), with_notice(second, "RetractionIn"))
    search(world)

    retracted = [each for each in kept(world) if each.stored.kind is CorrectionKind.RETRACTION]
    assert {each.stored.record_key for each in retracted} == {
        f"pubmed:{HARBO.pmid}",
        "pubmed:99000091",
    }
    (notice,) = told(world)
    assert "Harbo's second report" in notice.body
    assert len(tasks(world)) == 2


def screen_as_report(world: World, candidate: str) -> None:
    """Have two people say that a candidate is a report of the study it was found for."""
    for person in (ADA, BEN):
        act = SettleLink(candidate=candidate, verdict=LinkVerdict.CONFIRM)
        perform(world.app, act, actor(person))


# ---- words that differ ---------------------------------------------------------------------------


def test_where_sources_differ_the_graver_word_is_told_and_the_difference_said(
    world: World,
) -> None:
    world.pubmed.add(with_notice(HARBO, "ErratumIn", cited=f"{SOURCE}. doi: {NOTICE_DOI}"))
    search(world)
    in_crossref(world, "retraction")

    search(world, "crossref")
    search(world, "crossref")

    _, notice = told(world)
    assert notice.subject == "Harbo 2009: retraction"
    assert "told by crossref; pubmed calls it erratum" in notice.body
    assert "Without this trial:" in notice.body
    (only,) = kept(world)
    assert only.stored.kind is CorrectionKind.RETRACTION


def test_a_lesser_word_for_a_known_retraction_is_told_quietly_and_asks_nothing(
    world: World,
) -> None:
    world.pubmed.add(with_notice(HARBO, "RetractionIn", cited=f"{SOURCE}. doi: {NOTICE_DOI}"))
    search(world)
    in_crossref(world, "correction")

    for _ in range(2):
        search(world, "crossref")

    assert len(told(world)) == len(tasks(world)) == 1
    (quiet,) = told(world, "commented")
    assert "told by pubmed; crossref calls it erratum" in quiet.body
    assert [each.stored.kind for each in kept(world)] == [CorrectionKind.RETRACTION]


def test_a_source_that_thinks_again_and_calls_it_graver_is_told(world: World) -> None:
    world.pubmed.add(with_notice(AZULAY, "ErratumIn"))
    search(world)
    world.pubmed.add(with_notice(AZULAY, "RetractionIn"))

    search(world)

    assert [each.subject for each in told(world)] == [
        "Azulay 1994: erratum",
        "Azulay 1994: retraction",
    ]


# ---- whichever way a notice comes ----------------------------------------------------------------


def test_a_notice_that_crossref_alone_knows_is_told(world: World) -> None:
    in_crossref(world, "expression_of_concern")

    search(world, "crossref")

    (notice,) = told(world)
    assert notice.subject == "Harbo 2009: expression of concern"
    assert "told by crossref" in notice.body


def test_a_notice_as_a_record_of_its_own_is_queued_as_the_studys_second_report(
    world: World,
) -> None:
    in_crossref(world, "correction")

    search(world, "crossref")

    seen = world.queue()[f"crossref:{NOTICE_DOI}"]
    assert seen.status == "link"
    assert seen.candidate.study == "harbo2009"
    reason = f"it is a notice, the erratum of DOI {HARBO_DOI}, a report of Harbo 2009"
    assert seen.candidate.link_reason == reason


def test_the_notice_alone_tells_of_a_report_of_which_no_record_was_found(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        world.pubmed.remove(AZULAY.pmid)
        world.pubmed.add(a_notice("RetractionOf", AZULAY.pmid))
        search(world)

        (only,) = kept(world)
        assert only.stored.record_key == f"pmid:{AZULAY.pmid}"
        (notice,) = told(world)
        assert notice.subject == "Azulay 1994: retraction"
        world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
        search(world)
        assert len(told(world)) == len(kept(world)) == 1


def test_a_notice_that_is_there_at_first_sight_is_told(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        world.pubmed.add(with_notice(AZULAY, "RetractionIn"))
        search(world)

        assert [each.subject for each in told(world)] == ["Azulay 1994: retraction"]


NEW = Facts("99000050", "A new trial.", ("Doe J",), "J Made-up Neurol", 2026)


@pytest.mark.parametrize("on_the_report", [True, False])
def test_a_notice_on_a_candidate_is_told_when_it_becomes_a_study(
    world: World, on_the_report: bool
) -> None:
    if on_the_report:
        world.pubmed.add(with_notice(NEW, "RetractionIn"))
    else:
        world.pubmed.add(with_notice(NEW, "Cites", "1"), a_notice("RetractionOf", NEW.pmid))
    search(world)
    assert told(world) == []

    include(world.app, f"pubmed:{NEW.pmid}")

    (notice,) = told(world)
    assert notice.subject == "Doe 2026: retraction"
    assert "no pooled result rests on it" in notice.body
    search(world)
    assert len(told(world)) == 1


def test_a_notice_on_a_report_that_is_linked_later_is_told_then(world: World) -> None:
    retracted = replace(
        a_trial(5),
        corrections=(Correction(CorrectionKind.RETRACTION, Direction.OF_THIS, pmid="9"),),
    )
    (candidate,) = found(world.app, retracted, study="azulay1994")

    screen_as_report(world, candidate)

    assert [each.subject for each in told(world)] == ["Azulay 1994: retraction"]


def test_what_was_stored_before_is_told_when_everything_is_looked_through(world: World) -> None:
    notice = Correction(CorrectionKind.CONCERN, Direction.THIS_IS_OF, pmid=AZULAY.pmid)
    found(world.app, replace(a_trial(6), corrections=(notice,), ids=RecordIds(pmid="99000006")))
    assert kept(world) == ()

    with world.app.ledger() as ledger:
        watch_reports(world.app, ledger)

    assert [each.subject for each in told(world)] == ["Azulay 1994: expression of concern"]


def test_notices_on_one_study_that_raise_keep_none_of_another_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(app: App, ledger: Ledger, study: Study, fresh: dict[str, tuple[str, ...]]) -> None:
        if study.id == "azulay1994":
            raise RuntimeError("on purpose \ud800")
        tell_corrections(app, ledger, study, fresh)

    monkeypatch.setattr("bot.surveillance.watch_reports.tell_corrections", tell)
    for facts in (AZULAY, HARBO):
        world.pubmed.add(with_notice(facts, "RetractionIn", pmid=f"99{facts.pmid}"))

    search(world)
    search(world)

    assert [each.subject for each in told(world)] == ["Harbo 2009: retraction"]
    (asked,) = [each for each in tasks(world) if each.kind is TaskKind.ODD_RECORD]
    assert asked.subject == "azulay1994"
    assert "on purpose" in asked.text
    assert {each.stored.study for each in kept(world)} == {"harbo2009"}

    monkeypatch.undo()
    search(world)
    assert {each.subject for each in told(world)} == {
        "Harbo 2009: retraction",
        "Azulay 1994: retraction",
    }
    assert verify(world.app.database).faults == ()


def test_all_of_it_can_be_replayed(world: World) -> None:
    world.pubmed.add(with_notice(HARBO, "RetractionIn"))
    in_crossref(world, "retraction")
    search(world)
    search(world, "crossref")
    world.tick()

    assert verify(world.app.database).faults == ()
