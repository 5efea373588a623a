"""What each source brought, what would be lost without one, and what all may miss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.surveillance.coverage_words import (
    coverage_json,
    coverage_lines,
    coverage_sentences,
    without_json,
    without_lines,
)
from bot.surveillance.report_finds import Find, FoundReport, ReportOrigin
from bot.surveillance.source_coverage import (
    SearchedSource,
    brought_by,
    coverage_of,
    missing_of,
    without,
)
from extraction.model import Record

PUBMED = SearchedSource("pubmed", "PubMed", register=False, seeds=False, searched=True)
EMBASE = replace(PUBMED, id="embase", name="Embase")
CENTRAL = replace(PUBMED, id="central", name="CENTRAL")
CTGOV = replace(PUBMED, id="ctgov", name="ClinicalTrials.gov", register=True)
CROSSREF = replace(PUBMED, id="crossref", name="Crossref", seeds=True)


def report(
    number: int, *sources: str, study: str = "", entry: bool = False, **days: str
) -> FoundReport:
    """Make a report that sources found on 25 November, or on the day given for one."""
    finds = sorted(
        (
            Find(
                each,
                Record(each, str(number), f"Report {number}"),
                days.get(each, FIRST),
                at_first=False,
                from_known=each == "crossref",
            )
            for each in sources
        ),
        key=lambda each: each.found_on,
    )
    name = study or f"study{number}"
    origin = ReportOrigin.SEARCHES if finds else ReportOrigin.PUBLISHED
    return FoundReport(name, name.title(), f"Report {number}", origin, entry, tuple(finds))


FIRST = "2026-11-25"
SHARED = [report(n, "pubmed", "embase") for n in range(8)]


def test_each_source_is_counted_of_what_it_can_hold() -> None:
    reports = [
        report(1, "pubmed", "embase", embase="2026-12-01"),
        report(2, "embase"),
        report(3, "ctgov", entry=True),
        report(4),
    ]
    pubmed, embase, ctgov = brought_by([PUBMED, EMBASE, CTGOV], reports)

    assert (pubmed.reports, pubmed.of, pubmed.alone, pubmed.first) == (1, 3, 0, 1)
    assert (embase.reports, embase.of, embase.alone, embase.first) == (2, 3, 1, 1)
    assert (ctgov.reports, ctgov.of, ctgov.alone, ctgov.first) == (1, 1, 1, 1)


def test_without_a_source_what_it_alone_had_is_lost() -> None:
    reports = [
        report(1, "embase", study="doe2026"),
        report(2, "embase", study="roe2026"),
        report(3, "pubmed", study="roe2026"),
    ]
    lost = without("embase", reports)

    assert [each.cited for each in lost.reports] == ["Report 1", "Report 2"]
    assert lost.studies == ("Doe2026",)


def test_without_the_source_that_was_first_a_report_comes_later() -> None:
    found = report(1, "pubmed", "embase", embase="2026-12-01")

    (later,) = without("pubmed", [found]).later
    assert (later.days, later.by) == (6, ("embase",))
    assert without("embase", [found]).later == ()


def test_a_source_that_was_asked_about_a_report_has_not_found_it() -> None:
    found = report(1, "pubmed", "crossref", pubmed="2026-12-01")
    pubmed, crossref = brought_by([PUBMED, CROSSREF], [found])

    assert (pubmed.alone, pubmed.first) == (1, 1)
    assert (crossref.reports, crossref.alone, crossref.first) == (1, 0, 0)
    lines = without_lines(without("pubmed", [found]), {"crossref": "Crossref"})
    assert "  lost: Study1: Report 1 (Crossref had it, asked about known documents)" in lines


def test_what_only_known_documents_led_to_is_that_sources_alone() -> None:
    (crossref,) = brought_by([CROSSREF], [report(1, "crossref")])

    assert (crossref.alone, crossref.first) == (1, 1)


def test_two_databases_give_chapmans_figure() -> None:
    reports = [*SHARED, report(8, "pubmed"), report(9, "embase"), report(10)]
    missing = missing_of([PUBMED, EMBASE], reports)

    assert missing.found == 10
    assert missing.estimate is not None
    assert missing.estimate.estimate == pytest.approx(10 * 10 / 9 - 1)
    assert missing.beside is None


def test_three_databases_give_a_lower_bound_and_what_independence_would_mean() -> None:
    reports = [*SHARED, report(8, "pubmed"), report(9, "central")]
    missing = missing_of([PUBMED, EMBASE, CENTRAL], reports)

    assert missing.estimate is not None
    assert missing.beside is not None
    assert missing.estimate.estimate == pytest.approx(10 + 2 / 3 * 2**2 / (2 * 8))


def test_registers_and_searches_from_known_documents_are_no_lists() -> None:
    missing = missing_of([PUBMED, CTGOV, CROSSREF, replace(EMBASE, searched=False)], SHARED)

    assert missing.lists == (PUBMED,)
    assert missing.why == "fewer than two databases were searched whole"


def test_too_few_reports_in_common_give_no_figure_but_a_reason() -> None:
    missing = missing_of([PUBMED, EMBASE], SHARED[:3])

    assert missing.estimate is None
    assert missing.why == "3 found by more than one source, 7 needed for an estimate"


def test_the_sentences_name_the_denominator_and_the_limits() -> None:
    reports = (*SHARED, report(8, "pubmed"), report(9, "embase"), report(10))
    said = coverage_sentences(coverage_of([PUBMED, EMBASE], reports))

    assert said[:3] == [
        "Of 11 reports of the included studies, searches of this review have found 10, 2 of them"
        " in one source alone.",
        "1 report no search has found: 1 from the published review.",
        "By what PubMed and Embase have in common, at least 10.1 articles (95% CI 10.0 to 12.3) are"
        " to be expected, of which 10 were found (Chapman).",
    ]
    assert "the least that there may be" in said[3]


def test_without_an_included_study_the_sentence_says_so() -> None:
    said = coverage_sentences(coverage_of([PUBMED, EMBASE], ()))

    assert said[0] == "No study is included, so that no source has brought a report."


def test_a_figure_that_is_not_computed_says_why() -> None:
    (_, said) = coverage_sentences(coverage_of([PUBMED, EMBASE], tuple(SHARED[:1])))

    assert said == (
        "How many articles all sources may miss is not computed: 1 found by more than one source,"
        " 7 needed for an estimate."
    )


def test_lines_and_json_tell_the_same() -> None:
    unsearched = replace(CENTRAL, searched=False)
    found = coverage_of([PUBMED, EMBASE, unsearched], (report(1, "pubmed"), report(2)))

    assert coverage_lines(found)[:8] == [
        "Study1: Report 1",
        "  PubMed: first on 2026-11-25",
        "  delay not known: published before the first search, or no date that could be read",
        "Study2: Report 2",
        "  found by no search; known from the published review",
        "PubMed: 1 of 2, 1 alone, 1 first",
        "Embase: 0 of 2, 0 alone, 0 first",
        "CENTRAL: never searched whole",
    ]
    assert coverage_json(found)["reports"] == [
        {
            "study": "study1",
            "label": "Study1",
            "report": "Report 1",
            "origin": "searches",
            "register_entry": False,
            "published_on": None,
            "found": [
                {
                    "source": "pubmed",
                    "record": "pubmed:1",
                    "first_found_on": "2026-11-25",
                    "asked_about_known_documents": False,
                }
            ],
            "first": ["pubmed"],
            "alone": True,
            "delay_days": None,
        },
        {
            "study": "study2",
            "label": "Study2",
            "report": "Report 2",
            "origin": "published review",
            "register_entry": False,
            "published_on": None,
            "found": [],
            "first": [],
            "alone": False,
            "delay_days": None,
        },
    ]


def test_what_would_be_lost_is_told_by_report_and_study() -> None:
    reports = [report(1, "embase"), report(2, "embase", "pubmed", pubmed="2026-12-01")]
    lost = without("embase", reports)

    assert without_lines(lost, {"embase": "Embase", "pubmed": "PubMed"}) == [
        "without Embase: 1 report lost, 1 study unseen, 1 report found later",
        "  lost: Study1: Report 1",
        "  unseen: Study1, of which no other source has a report",
        "  6 days later, by PubMed: Study2: Report 2",
    ]
    assert without_json(lost)["studies_lost"] == ["Study1"]
