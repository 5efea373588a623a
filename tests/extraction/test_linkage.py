"""Which study a record is a report of, and on what ground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extraction.linkage import Link, LinkKind, link, same_title
from extraction.model import (
    Correction,
    CorrectionKind,
    Design,
    Direction,
    Record,
    RecordIds,
    Report,
    Study,
)
from tests.benchmarks.linking import measure

TITLE = "Drug A for rare neuropathy of the hand: a randomised placebo-controlled trial"
ROE = Study(
    id="roe2010",
    label="Roe 2010",
    design=Design.PARALLEL,
    arms=("a", "placebo"),
    reports=(
        Report(f"{TITLE}. J Test 2010;12(3):45-50", RecordIds(pmid="11", doi="10.1000/roe")),
        Report("Drug A, first results. J Test 2009;11(S1):S9", RecordIds()),
    ),
    register_ids=("NCT00000001",),
)
DOE = Study("doe2015", "Doe 2015", Design.PARALLEL, ("b", "placebo"))
STUDIES = (DOE, ROE)


def record(title: str = "Another title of something else", **fields: Any) -> Record:
    """Write an article."""
    return Record("pubmed", "99", title, **fields)


def test_a_register_id_links_whoever_wrote_the_record() -> None:
    found = link(record(ids=RecordIds(register=("NCT00000001",))), STUDIES)

    assert found == Link(
        "roe2010", "it names NCT00000001, the register id of Roe 2010", LinkKind.REGISTER_ID
    )


def test_a_record_that_names_two_known_trials_says_both() -> None:
    named = replace(DOE, register_ids=("NCT00000002",))

    found = link(record(ids=RecordIds(register=("NCT00000001", "NCT00000002"))), (named, ROE))

    assert found is not None
    assert found.study == "doe2015"
    assert "NCT00000002, the register id of Doe 2015; it names NCT00000001" in found.reason


@pytest.mark.parametrize("ids", [RecordIds(pmid="11"), RecordIds(doi="10.1000/roe")])
def test_the_id_of_a_report_links(ids: RecordIds) -> None:
    found = link(record(ids=ids), STUDIES)

    assert found is not None
    assert (found.study, found.kind) == ("roe2010", LinkKind.SAME_REPORT)


@pytest.mark.parametrize(
    "notice",
    [
        Correction(CorrectionKind.ERRATUM, Direction.THIS_IS_OF, pmid="11"),
        Correction(CorrectionKind.RETRACTION, Direction.THIS_IS_OF, doi="10.1000/roe"),
        Correction(CorrectionKind.COMMENT, Direction.THIS_IS_OF, pmid="11"),
    ],
)
def test_a_notice_about_a_report_links(notice: Correction) -> None:
    found = link(record(corrections=(notice,)), STUDIES)

    assert found is not None
    about = f"PMID {notice.pmid}" if notice.pmid else f"DOI {notice.doi}"
    assert found.reason == f"it is a notice, the {notice.kind} of {about}, a report of Roe 2010"


@pytest.mark.parametrize(
    "evidence",
    [
        record(TITLE.upper().replace("RANDOMISED", "RANDOMIZED") + "."),
        record("A poster", volume="11", year=2009, pages="S9"),
        record("Drug A for rare neuropathy: randomised", authors=("Röe AB",), year=2010),
        record("Drug A for rare neuropathy: double-blind", authors=("Roe A Jr",), year=2008),
        record("Drug A for neuropathy of the hand: a post hoc analysis"),
    ],
)
def test_evidence_is_proposed_to_a_person(evidence: Record) -> None:
    found = link(evidence, STUDIES)

    assert found is not None
    assert (found.study, found.kind) == ("roe2010", LinkKind.PROPOSED)


@pytest.mark.parametrize(
    "near_miss",
    [
        record(),
        record("Drug A for rare neuropathy of the hand", authors=("Roe A",), year=2010),
        record("Drug A for rare neuropathy: randomised", authors=("Roe A",), year=2018),
        record("Drug A in chronic pain of knees: randomised", authors=("Roe A",), year=2010),
        record(TITLE, ids=RecordIds(register=("NCT00000002",))),
        record(f"{TITLE}: a systematic review"),
        record("Drug A for rare neuropathy of the foot: a phase II placebo trial"),
        record(volume="12", year=2010, pages="450"),
        record("Drug A, first results 2"),
        record("Drug A for rare neuropathy: double-blind", authors=("Roe A",), year=2007),
        record("Drug A for rare neuropathy: double-blind", authors=("Roe A",)),
        record("Drug A for rare neuropathy: double-blind", year=2010),
        record(year=2010, pages="45"),
        record(volume="12", pages="45"),
        record(volume="12", year=2010),
    ],
)
def test_another_trial_is_not_linked(near_miss: Record) -> None:
    assert link(near_miss, STUDIES) is None


def test_what_a_notice_is_about_decides_not_that_it_is_one() -> None:
    of_another = Correction(CorrectionKind.ERRATUM, Direction.THIS_IS_OF, pmid="12")
    by_doi = Correction(CorrectionKind.ERRATUM, Direction.THIS_IS_OF, doi="10.1000/doe")
    has_one = Correction(CorrectionKind.ERRATUM, Direction.OF_THIS, pmid="11")

    assert link(record(corrections=(of_another,)), STUDIES) is None
    assert link(record(corrections=(by_doi,)), STUDIES) is None
    assert link(record(corrections=(has_one,)), STUDIES) == Link(
        "roe2010", "its erratum is a report of Roe 2010", LinkKind.SAME_REPORT
    )


@pytest.mark.parametrize("unconfirmed", [True, False])
def test_a_link_by_an_unconfirmed_id_says_so(unconfirmed: bool) -> None:
    report = Report("Cited. J Test 2010", RecordIds(pmid="21"), unconfirmed)

    found = link(record(ids=RecordIds(pmid="21")), (replace(ROE, reports=(report,)),))

    assert found is not None
    assert ("unconfirmed" in found.reason) is unconfirmed


def test_a_new_analysis_of_one_of_two_like_trials_is_left_to_people() -> None:
    twin = replace(ROE, id="poe2011", label="Poe 2011", register_ids=())
    anew = record("Drug A for neuropathy of the hand: a post hoc analysis")

    assert link(anew, (ROE,)) is not None
    assert link(anew, (ROE, twin)) is None


@pytest.mark.parametrize("kind", ["Systematic Review", "Review", "Meta-Analysis"])
def test_a_review_is_no_report_of_a_trial_whatever_its_title(kind: str) -> None:
    assert link(record(TITLE, publication_types=("Journal Article",)), STUDIES) is not None
    assert link(record(TITLE, publication_types=(kind,)), STUDIES) is None


def test_a_publication_type_alone_makes_a_paper_a_trial() -> None:
    title = "Drug A for rare neuropathy of the hand"
    written = {"authors": ("Roe A",), "year": 2010}

    typed = record(title, publication_types=("Randomized Controlled Trial",), **written)
    letter = record(title, publication_types=("Letter",), **written)

    assert link(typed, STUDIES) is not None
    assert link(letter, STUDIES) is None


def test_a_title_is_the_same_within_four_letters_of_fifty_and_from_five_words_on() -> None:
    whole = f"Tea against tiredness in mornings {'y' * 17}"

    assert len(whole) == 50 + 1
    assert same_title(record(whole), whole[:-4] + "z" * 4)
    assert not same_title(record(whole), whole[:-5] + "z" * 5)
    assert same_title(record("Tea against tiredness in Dublin"), "Tea against tiredness in Dublin")
    assert not same_title(record("Tea against tiredness now"), "Tea against tiredness now")


def test_titles_are_the_same_up_to_spelling_but_not_up_to_numbers() -> None:
    assert same_title(
        record("Léger’s trial of a very long name."), "Leger's trial of a very long name"
    )
    assert not same_title(
        record("A trial of drug A, part 1 of it"), "A trial of drug A, part 2 of it"
    )
    assert not same_title(record("Reply"), "Reply")


def test_every_labelled_report_finds_its_study_and_no_near_miss_does(shared: Path) -> None:
    results = measure(shared / "domain" / "mmn_records.json")

    assert [each.case.key for each in results if each.missed or each.false] == []
