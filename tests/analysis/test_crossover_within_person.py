from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.crossover import (
    NOT_DISCORDANT,
    ONE_SIDED,
    PairedMeans,
    PairedTables,
    conditional_odds_ratio,
    mcnemar,
    paired_binary,
    paired_peto_odds_ratio,
    sd_of_differences,
    sd_of_differences_from_limits,
    sd_of_differences_from_p,
    sd_of_differences_from_t,
    standardised_mean_change,
    standardised_mean_change_raw,
)
from analysis.effects import ZeroCells
from analysis.errors import InvalidInput, NotEstimable
from analysis.pooling import estimate_of
from analysis.results import Measure

# Hahn 2013: of 42 people 2 were worse on both arms, 15 on placebo only, 5 on IVIg only.
HAHN = PairedTables.of([("Hahn 2013", 2, 15, 5, 20)])


def test_the_joint_table_of_hahn_gives_the_paired_risk_ratio():
    found = paired_binary(HAHN, Measure.RISK_RATIO)
    estimate = estimate_of(
        float(found.effects[0]), math.sqrt(float(found.variances[0])), level=0.95
    )

    shown = [math.exp(x) for x in (estimate.value, estimate.ci_lower, estimate.ci_upper)]
    assert [round(x, 2) for x in shown] == [2.43, 1.09, 5.42]


def test_the_exact_test_of_hahn_is_two_sided():
    found = mcnemar(15, 5)

    assert found.exact_p == pytest.approx(0.041389465332031285)
    assert found.statistic == pytest.approx(5.0)
    assert found.corrected == pytest.approx(4.05)
    assert found.corrected_p == pytest.approx(0.04417134490844268)
    assert found.odds_ratio == 3.0


def test_the_exact_limits_agree_with_clopper_and_pearson():
    limits = mcnemar(15, 5).odds_ratio_limits

    assert limits.lower == pytest.approx(0.5089541 / (1 - 0.5089541), rel=1e-6)
    assert limits.upper == pytest.approx(0.9134285 / (1 - 0.9134285), rel=1e-6)


def test_everybody_on_one_side_leaves_one_limit_open():
    assert mcnemar(4, 0).odds_ratio_limits.upper == math.inf
    assert mcnemar(0, 4).odds_ratio_limits.lower == 0.0
    assert mcnemar(4, 0).odds_ratio == math.inf


def test_nobody_with_one_event_is_refused_and_so_are_parts_of_people():
    with pytest.raises(NotEstimable, match="exactly one arm"):
        mcnemar(0, 0)
    with pytest.raises(InvalidInput):
        mcnemar(-1, 3)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_swapping_the_arms_turns_the_test_round(t, u):
    if t + u == 0:
        return
    one, other = mcnemar(t, u), mcnemar(u, t)

    assert one.exact_p == pytest.approx(other.exact_p)
    assert one.odds_ratio_limits.lower * other.odds_ratio_limits.upper == pytest.approx(
        1.0
    ) or math.isinf(other.odds_ratio_limits.upper)


def test_the_odds_ratio_within_a_person_rests_on_the_discordant():
    found = conditional_odds_ratio(HAHN)

    assert found.effects[0] == pytest.approx(math.log(3))
    assert found.variances[0] == pytest.approx(1 / 15 + 1 / 5)
    assert paired_peto_odds_ratio(HAHN).effects[0] == pytest.approx(1.0)


def test_tables_that_say_nothing_within_a_person_are_left_out_with_the_reason():
    tables = PairedTables.of([("1", 3, 0, 0, 5), ("2", 1, 4, 0, 5)])

    assert [gone.reason for gone in conditional_odds_ratio(tables).left_out] == [ONE_SIDED] * 2
    assert [gone.reason for gone in paired_peto_odds_ratio(tables).left_out] == [NOT_DISCORDANT]


def test_a_constant_may_be_added_to_tables_with_an_empty_cell():
    tables = PairedTables.of([("1", 0, 3, 0, 6)])

    assert len(paired_binary(tables, Measure.RISK_RATIO)) == 0
    assert paired_binary(tables, Measure.RISK_RATIO, ZeroCells()).effects[0] == pytest.approx(
        math.log(4 / 1)
    )


def test_phi_is_negative_in_hahn_and_absent_where_a_margin_is_empty():
    assert HAHN.correlation[0] == pytest.approx(-0.10846522890932808)
    assert PairedTables.of([("1", 0, 3, 0, 6)]).correlation == (None,)


def test_the_p_value_of_harbo_tells_the_spread_of_its_differences():
    spread = sd_of_differences_from_p(0.7, 0.86, 9)

    assert spread == pytest.approx(11.529295951737959)
    half = 2.306004135204166 * spread / 3
    assert (round(0.7 - half, 1), round(0.7 + half, 1)) == (-8.2, 9.6)


def test_t_limits_and_p_tell_the_same_spread():
    assert sd_of_differences_from_t(0.7, 0.7 / 4, 9) == pytest.approx(12.0)
    half = 2.306004135204166 * 12 / 3
    assert sd_of_differences_from_limits(0.7 - half, 0.7 + half, 9) == pytest.approx(12.0)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 2.0])
def test_a_p_value_that_tells_nothing_is_refused(p):
    with pytest.raises(InvalidInput, match="p"):
        sd_of_differences_from_p(0.7, p, 9)


def test_no_difference_says_nothing_about_the_spread():
    with pytest.raises(NotEstimable):
        sd_of_differences_from_p(0.0, 0.5, 9)
    with pytest.raises(InvalidInput, match="sign"):
        sd_of_differences_from_t(1.0, -2.0, 9)


def test_standardised_changes_agree_with_metafor():
    spread = sd_of_differences(7.285, 9.367, 0.5)
    means = PairedMeans.of([("Harbo 2009", 4.3, 7.285, 3.6, 9.367, 9, spread)])

    change = standardised_mean_change(means)
    raw = standardised_mean_change_raw(["Harbo 2009"], [0.7], [9.367], [9], [0.5])

    assert change.effects[0] == pytest.approx(0.07417449423869367, rel=1e-12)
    assert change.variances[0] == pytest.approx(0.11141676975530922, rel=1e-12)
    assert raw.effects[0] == pytest.approx(0.06745941428135867, rel=1e-12)
    assert raw.variances[0] == pytest.approx(0.11136393180973243, rel=1e-12)


def test_an_odds_ratio_of_people_of_whom_nobody_changed_has_no_variance_below_nothing():
    nobody_changed = PairedTables.of([("alike", 3, 0, 0, 15)])

    found = paired_binary(nobody_changed, Measure.ODDS_RATIO)

    assert (list(found.effects), list(found.variances)) == ([0.0], [0.0])


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 20)] * 4), min_size=1, max_size=5),
    st.sampled_from([Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE]),
)
def test_any_joint_tables_give_finite_effects_or_a_reason(rows, measure):
    rows = [row for row in rows if sum(row)]
    tables = PairedTables.of([(str(at), *row) for at, row in enumerate(rows)])

    found = paired_binary(tables, measure)

    assert np.isfinite(found.effects).all()
    assert (found.variances >= 0).all()
    assert len(found) + len(found.left_out) == len(rows)
