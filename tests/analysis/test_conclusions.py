from __future__ import annotations

import math

import pytest
from hypothesis import given, settings

from analysis.conclusions import Conclusion, PairedEvidence, method_table
from analysis.effects import UNCHANGED
from analysis.errors import NotEstimable
from analysis.inputs import OneProportion, TablesAsPrinted, TwoByTwo
from analysis.plan import Method, Plan, PoolingModel
from analysis.pooling import Interval, estimate_of
from analysis.results import Measure
from analysis.tau2 import Tau2Method
from tests.analysis.data import BCG, STROKE
from tests.analysis.test_properties import swapped, tables
from tests.analysis.test_published_results import BLOCK, DISABILITY, STRENGTH

RR, OR, MD = Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.MEAN_DIFFERENCE
COMMON = PoolingModel.COMMON


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


def test_the_planned_method_comes_first_and_is_not_repeated():
    plan = Plan(OR, Method.MANTEL_HAENSZEL, COMMON, zero_cells=UNCHANGED)
    found = method_table(TwoByTwo.of(STRENGTH), planned=plan)

    assert found.reference is found.rows[0]
    assert found.rows[0].method == "Mantel-Haenszel, common effect"
    assert len(found.rows) == len(method_table(TwoByTwo.of(STRENGTH)).rows)


def test_others_are_held_against_the_planned_method():
    plan = Plan(RR, Method.MANTEL_HAENSZEL, COMMON)
    found = method_table(TwoByTwo.of(BLOCK), planned=plan)

    assert found.reference is not None
    assert found.reference.conclusion is Conclusion.OPEN
    assert {each.conclusion for each in found.dissenting} == {Conclusion.ABOVE}


def test_one_effect_for_all_is_not_concluded_from_where_the_studies_differ():
    found = method_table(BCG, planned=Plan(RR, Method.MANTEL_HAENSZEL, COMMON))
    said = "the studies differ (I² 92%, P below 0.001 of Q; one effect for all asks for 0.10)"

    assert found.rows[0].not_valid == said
    for name in ("exact conditional", "Mantel-Haenszel, nothing added", "arcsine difference"):
        assert row(found, name).not_valid.startswith("the studies differ")
    assert all(
        "random" in each.method or "mixed" in each.method for each in found.rows if each.counts
    )
    assert found.survives


def test_arms_compared_across_trials_turn_no_conclusion():
    found = row(method_table(BCG), "beta-binomial")

    assert found.conclusion is Conclusion.OPEN
    assert not found.counts


def test_estimator_and_interval_are_named():
    names = [each.method for each in method_table(BCG).rows]

    assert "inverse variance, random effects (REML; Hartung-Knapp, floored)" in names
    assert "Mantel-Haenszel, random effects (DerSimonian-Laird; Wald)" in names


def test_means_have_a_table_in_which_wald_limits_of_one_estimator_stand_alone():
    planned = Plan(MD, tau2=Tau2Method.DERSIMONIAN_LAIRD, interval=Interval.NORMAL)
    found = method_table(STROKE, planned=planned)

    assert found.survives is False
    assert found.rows[0].conclusion is Conclusion.BELOW
    assert {each.conclusion for each in found.dissenting} == {Conclusion.OPEN}
    assert len(found.dissenting) == 4


def test_one_study_of_means_has_no_table():
    with pytest.raises(NotEstimable, match="one study"):
        method_table(STROKE.take([0]), planned=Plan(MD))


def test_an_arm_without_people_changes_no_row():
    tables = TablesAsPrinted.of([*STRENGTH, ("empty", 0, 0, 3, 9)])
    plain = method_table(TwoByTwo.of(STRENGTH), planned=Plan(RR))

    assert [each.value for each in method_table(tables, planned=Plan(RR)).rows] == [
        each.value for each in plain.rows
    ]


def test_no_study_at_all_has_no_table():
    with pytest.raises(NotEstimable, match="no study"):
        method_table(TwoByTwo.of([]))


def test_the_others_have_the_planned_level():
    narrow = method_table(TwoByTwo.of(STRENGTH), planned=Plan(RR, level=0.8))
    wide = method_table(TwoByTwo.of(STRENGTH), planned=Plan(RR))

    for one, other in zip(narrow.rows, wide.rows, strict=True):
        if one.limits is not None and other.limits is not None:
            assert one.limits.upper < other.limits.upper


def test_a_single_group_has_nothing_to_conclude_on():
    with pytest.raises(NotEstimable, match="single group"):
        method_table(OneProportion.of([("A", 1, 9)]), planned=Plan(Measure.PROPORTION))


def test_pairs_count_and_methods_for_two_groups_do_not():
    tables = TwoByTwo.of([("Hahn 2013", 17, 42, 7, 42)])
    by_pairs = PairedEvidence(RR, estimate_of(0.887, 0.41, level=0.95), 1, 0.0414)
    plan = Plan(RR, Method.MANTEL_HAENSZEL, COMMON)
    found = method_table(tables, planned=plan, paired=by_pairs)

    assert [each.method for each in found.rows if each.counts] == ["by pairs, as a cross-over"]
    assert found.rows[1].exact_p == 0.0414
    assert found.rows[0].not_valid == "takes the people of 1 cross-over trial for two groups"
    assert found.survives


def test_the_same_tables_are_computed_once_whatever_is_planned():
    first = method_table(TwoByTwo.of(STRENGTH), planned=Plan(RR))
    again = method_table(TwoByTwo.of(STRENGTH), planned=Plan(OR))

    assert row(first, "beta-binomial") is row(again, "beta-binomial")


def test_what_was_made_for_sparse_data_is_not_asked_where_none_is_sparse():
    found = method_table(TwoByTwo.of([("A", 40, 90, 30, 90), ("B", 44, 90, 31, 95)]))

    assert row(found, "exact conditional").not_valid.startswith("made for sparse data")


def test_people_shared_out_are_not_counted_one_by_one():
    tables = TwoByTwo.of([("A", 4.5, 20.5, 2, 21), ("B", 3, 12, 2.5, 12), ("C", 5, 12, 2.5, 12)])
    found = method_table(tables)

    for name in ("exact conditional", "mixed model, conditional"):
        assert row(found, name).value is None
        assert row(found, name).not_valid.startswith("counts people one by one")
    assert row(found, "Mantel-Haenszel, nothing added").counts


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
