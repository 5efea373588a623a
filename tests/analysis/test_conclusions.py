from __future__ import annotations

import math

import pytest
from hypothesis import given, settings

from analysis.conclusions import Conclusion, method_table
from analysis.inputs import TwoByTwo
from tests.analysis.test_properties import swapped, tables
from tests.analysis.test_published_results import BLOCK, DISABILITY, STRENGTH


def row(table, method):
    return next(each for each in table.rows if each.method == method)


def test_strength_improves_by_every_valid_method():
    found = method_table(TwoByTwo.of(STRENGTH))

    assert found.survives
    assert not found.dissenting
    assert {each.conclusion for each in found.rows if each.counts} == {Conclusion.ABOVE}


def test_differences_of_risks_among_few_people_do_not_count():
    found = method_table(TwoByTwo.of(DISABILITY))

    assert found.survives
    assert row(found, "arcsine difference").not_valid == "6 people an arm: its limits are too close"
    assert row(found, "arcsine difference").conclusion is Conclusion.ABOVE


def test_block_depends_on_the_method():
    block = method_table(TwoByTwo.of(BLOCK))
    assert "exact conditional" in {each.method for each in block.dissenting}


def test_a_method_that_does_not_suit_is_shown_and_does_not_count():
    peto = row(method_table(TwoByTwo.of(STRENGTH)), "Peto")

    assert peto.not_valid == "the effect is too large for it"
    assert peto.value is not None
    assert not peto.counts


def test_a_method_without_an_estimate_says_why():
    found = row(method_table(TwoByTwo.of(BLOCK)), "inverse variance, empirical constants")

    assert found.value is None
    assert found.why_none is not None
    assert "zero cell" in found.why_none


def test_a_constant_that_is_added_is_said():
    found = method_table(TwoByTwo.of(STRENGTH)).rows[0]

    assert found.caution == "a constant is added in 2 of 3 studies"


def test_nothing_to_conclude_from_is_neither_yes_nor_no():
    found = method_table(TwoByTwo.of([("1", 0, 9, 0, 9)]))

    assert found.survives is None
    assert not any(each.counts for each in found.rows)


@settings(deadline=None, max_examples=15)
@given(tables(most=4))
def test_any_tables_give_a_number_or_a_reason_in_every_row(found):
    for each in method_table(found).rows:
        assert (each.value is None) == (each.why_none is not None)
        if each.limits is not None and each.value is not None:
            assert each.limits.lower <= each.value <= each.limits.upper
            assert not math.isnan(each.limits.lower + 0 * each.value) or math.isinf(each.value)


@pytest.mark.parametrize("name", ["strength", "disability"])
def test_swapping_the_arms_turns_every_conclusion_round(name):
    rows = {"strength": STRENGTH, "disability": DISABILITY}[name]
    one, other = method_table(TwoByTwo.of(rows)), method_table(swapped(TwoByTwo.of(rows)))
    turned = {Conclusion.ABOVE: Conclusion.BELOW, Conclusion.OPEN: Conclusion.OPEN, None: None}

    for mine, theirs in zip(one.rows, other.rows, strict=True):
        assert turned[mine.conclusion] is theirs.conclusion
