from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bot.figures.flow_counts import Counted, FlowCounts
from bot.figures.flow_diagram import flow_svg
from bot.report.prisma import sums_that_fail
from tests.bot.report.sample import FLOW, FLOW_CUMULATIVE

SVG = "{http://www.w3.org/2000/svg}"


def told(picture: str) -> str:
    return ElementTree.fromstring(picture).findtext(f"{SVG}desc") or ""


@pytest.mark.parametrize("narrow", [False, True])
def test_a_flow_shows_this_version_beside_all(narrow):
    said = told(flow_svg(FLOW, FLOW_CUMULATIVE, narrow=narrow))

    assert "Records screened: 10 in this version, 39 in all" in said
    assert "Studies in the previous version: 6;" in said
    assert "All included studies: 7 in this version, 7 in all" in said


def test_a_number_that_nobody_reported_is_not_a_nought():
    said = told(flow_svg(FLOW, FLOW_CUMULATIVE))

    assert "Reports not retrieved: not reported in this version" in said
    assert "Removed by a machine: 0 in this version" in said


def test_a_source_of_only_one_side_is_shown_with_nought_on_the_other():
    this = replace(FLOW, database_results=(Counted("Embase", 2),))

    said = told(flow_svg(this, FLOW_CUMULATIVE))

    assert "Embase: 2 in this version, 0 in all" in said
    assert "pubmed: 0 in this version, 31 in all" in said


@pytest.mark.parametrize("narrow", [False, True])
def test_a_flow_of_nothing_is_still_a_flow(narrow):
    ElementTree.fromstring(flow_svg(FlowCounts(), FlowCounts(), narrow=narrow))


def test_reasons_from_a_protocol_stay_text():
    this = replace(FLOW, dbr_excluded=(Counted("<b>E9</b> & more", 1),))

    picture = flow_svg(this, this)

    assert "<b>" not in picture
    assert "<b>E9</b> & more: 1" in told(picture)


def test_a_flow_that_adds_up_has_no_failing_sum():
    assert sums_that_fail(FLOW) == ()
    assert sums_that_fail(FLOW_CUMULATIVE) == ()
    assert sums_that_fail(FlowCounts()) == ()


def test_a_lost_record_makes_a_sum_fail():
    (fault,) = sums_that_fail(replace(FLOW, records_waiting=0))

    assert fault == (
        "records identified less those removed come to 11, records screened and waiting to 10"
    )


def test_a_lost_study_makes_a_sum_fail():
    (fault,) = sums_that_fail(replace(FLOW, total_studies=8))

    assert fault == (
        "previous and new studies, less those taken out, come to 7, all included studies to 8"
    )
