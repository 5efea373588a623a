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
    ],
)
def test_another_trial_is_not_linked(near_miss: Record) -> None:
    assert link(near_miss, STUDIES) is None


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
