"""The section on where the reports were found: words, picture and table say the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import NotDrawn
from bot.figures.coverage_grid import GridRow, HeldMark, coverage_grid_svg
from bot.report.coverage_section import coverage_section
from bot.report.exports import results_json
from bot.report.rendering import render_report
from bot.surveillance.report_finds import Find, FoundReport, ReportOrigin
from bot.surveillance.source_coverage import SearchedSource, SourceCoverage, coverage_of
from extraction.model import Record
from tests.bot.report.sample import UPDATE_DOCUMENT

PUBMED = SearchedSource("pubmed", "PubMed", register=False, seeds=False, searched=True)
CTGOV = replace(PUBMED, id="ctgov", name="ClinicalTrials.gov", register=True)
EMBASE = replace(PUBMED, id="embase", name="Embase", searched=False)
TITLE = "A made-up trial"


def covered() -> SourceCoverage:
    record = Record("pubmed", "1", TITLE, published_on="2026-11-20")
    find = Find("pubmed", record, "2026-11-25", at_first=False)
    found = FoundReport("doe2026", "Doe 2026", TITLE, ReportOrigin.SEARCHES, False, (find,))
    lost = FoundReport("roe1990", "Roe 1990", "Lost", ReportOrigin.PUBLISHED, False, ())
    return coverage_of([PUBMED, CTGOV, EMBASE], (found, lost))


def test_the_table_says_who_found_a_report_when_and_how_soon() -> None:
    found, lost = coverage_section(covered()).reports

    assert found.found_by == ("PubMed on 25 November 2026",)
    assert found.delay == "found 5 days after publication"
    assert (lost.origin, lost.found_by, lost.delay) == ("the published review", (), "")


def test_the_picture_tells_those_who_listen_the_same() -> None:
    drawn = coverage_section(covered()).wide

    assert drawn is not None
    assert "PubMed had 1 report of 2" in drawn
    assert "found by none: Roe 1990: Lost" in drawn
    assert "Embase" not in drawn  # it was never searched


def test_without_a_searched_source_nothing_is_drawn() -> None:
    assert coverage_section(coverage_of([EMBASE], covered().reports)).wide is None
    with pytest.raises(NotDrawn):
        coverage_grid_svg([], ["PubMed"])


@pytest.mark.parametrize("narrow", [False, True])
def test_every_mark_lies_within_the_picture(narrow: bool) -> None:
    row = GridRow("A report of a long name " * 5, tuple(HeldMark) * 4)
    drawn = coverage_grid_svg([row], [f"Source {n}" for n in range(16)], narrow=narrow)

    width = 360 if narrow else 980
    places = [float(each.split('"')[0]) for each in drawn.split('cx="')[1:]]
    assert len(places) == 8
    assert all(0 < place < width for place in places)


def test_the_report_and_its_data_have_the_section() -> None:
    document = replace(UPDATE_DOCUMENT, coverage=covered())
    page = render_report(document).decode()

    assert '<section id="coverage">' in page
    assert "found 5 days after publication" in page
    assert "never searched whole" in page
    assert '"coverage": {' in results_json(document).decode()
