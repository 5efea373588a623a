"""Effect measures, against metafor on published data, and what becomes of empty cells."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import effects
from analysis.effects import (
    ALL_EVENTS,
    METAFOR,
    NO_EVENTS,
    REVMAN,
    UNCHANGED,
    ZERO_CELL,
    AddTo,
    SmallSampleFactor,
    SmdVariance,
    ZeroCells,
)
from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import OneProportion, TwoByTwo, TwoMeans, TwoRates
from analysis.results import Scale
from tests.analysis.data import BCG, STROKE

# One trial with a zero cell, one without, one double-zero, one double-full.
SPARSE = TwoByTwo.of(
    [("A", 3, 20, 0, 20), ("B", 4, 10, 2, 10), ("C", 0, 9, 0, 9), ("D", 5, 5, 6, 6)]
)


def test_the_risk_ratio_agrees_with_metafor_on_the_bcg_trials():
    found = effects.risk_ratio(BCG)

    assert found.scale is Scale.LOG
    assert found.effects[0] == pytest.approx(-0.8893113339202054, rel=1e-12)
    assert found.variances[0] == pytest.approx(0.32558476500396133, rel=1e-12)


def test_the_smd_agrees_with_metafor_on_the_stroke_trials():
    found = effects.standardised_mean_difference(STROKE)

    assert found.effects[0] == pytest.approx(-0.3551696409, abs=1e-9)
    assert found.variances[0] == pytest.approx(0.013064675541529683, rel=1e-12)


def test_glass_delta_agrees_with_metafor_on_the_stroke_trials():
    found = effects.glass_delta(STROKE)

    assert found.effects[0] == pytest.approx(-0.310985052, abs=1e-9)
    assert found.variances[0] == pytest.approx(0.01317184272, abs=1e-9)


def test_revman_5_has_other_variances_of_the_smd_than_metafor():
    metafor = effects.standardised_mean_difference(STROKE)
    revman = effects.standardised_mean_difference(
        STROKE, correction=SmallSampleFactor.APPROXIMATE, variance=SmdVariance.REVMAN_5
    )

    assert revman.variances[0] != pytest.approx(metafor.variances[0], rel=1e-6)
    assert revman.variances[0] == pytest.approx(metafor.variances[0], rel=1e-2)


RULES = [
    pytest.param(METAFOR, ("A", "B", "C", "D"), [], id="metafor"),
    pytest.param(REVMAN, ("A", "B"), [("C", NO_EVENTS), ("D", ALL_EVENTS)], id="RevMan"),
    pytest.param(
        UNCHANGED,
        ("B", "D"),
        [("A", ZERO_CELL), ("C", NO_EVENTS)],
        id="nothing added",
    ),
]


@pytest.mark.parametrize(("rule", "kept", "gone"), RULES)
def test_each_study_has_a_risk_ratio_or_the_reason_why_not(rule, kept, gone):
    found = effects.risk_ratio(SPARSE, rule)

    assert found.labels == kept
    assert [(each.label, each.reason) for each in found.left_out] == gone
    assert np.isfinite(found.effects).all()


ADDED = [
    pytest.param(AddTo.ONLY_ZERO, [0.5, 0.0, 0.5, 0.5], id="only0"),
    pytest.param(AddTo.ALL, [0.5] * 4, id="all"),
    pytest.param(AddTo.ALL_IF_ANY_ZERO, [0.5] * 4, id="if0all"),
    pytest.param(AddTo.NONE, [0.0] * 4, id="none"),
]


@pytest.mark.parametrize(("to", "added"), ADDED)
def test_the_constant_goes_where_the_rule_says(to, added):
    cells = effects.corrected_cells(SPARSE, ZeroCells(0.5, to))

    assert (cells.a - SPARSE.events_1).tolist() == added


def test_a_table_without_zero_cells_is_left_alone_if_none_has_any():
    cells = effects.corrected_cells(SPARSE.take([1]), ZeroCells(0.5, AddTo.ALL_IF_ANY_ZERO))

    assert cells.a.tolist() == [4.0]


def test_a_negative_constant_is_refused():
    with pytest.raises(InvalidOption, match="cannot add -1"):
        ZeroCells(-1.0)


def test_two_means_of_unlike_sign_have_no_ratio():
    found = effects.ratio_of_means(TwoMeans.of([("A", 2, 1, 9, -2, 1, 9), ("B", 2, 1, 9, 4, 1, 9)]))

    assert found.labels == ("B",)
    assert found.left_out[0].reason == "the two means have no positive ratio"
    assert found.effects[0] == pytest.approx(math.log(0.5))


def test_a_rate_without_events_in_both_arms_is_left_out_under_revmans_rule():
    found = effects.rate_ratio(TwoRates.of([("A", 0, 9, 0, 9), ("B", 0, 9, 3, 9)]), REVMAN)

    assert found.labels == ("B",)
    assert found.effects[0] == pytest.approx(math.log(0.5 / 3.5))


def test_the_double_arcsine_comes_back_as_the_proportion():
    group = OneProportion.of([("A", 0, 7), ("B", 3, 7), ("C", 7, 7)])

    angles = effects.freeman_tukey_proportion(group).effects

    back = effects.proportion_of_freeman_tukey(angles, group.total)
    assert back == pytest.approx([0, 3 / 7, 1], abs=1e-12)


def test_hedges_j_holds_for_many_degrees_of_freedom():
    assert effects.hedges_j(np.array([1000.0]))[0] == pytest.approx(0.999249781179478, rel=1e-12)


def test_hedges_j_does_not_exist_for_one_degree_of_freedom():
    with pytest.raises(InvalidOption, match="more than 1 degree of freedom"):
        effects.hedges_j(np.array([1.0]))


def test_a_log_rank_variance_of_0_is_refused_with_its_study():
    with pytest.raises(InvalidInput, match="B: V: found 0"):
        effects.log_rank_effects(["A", "B"], [1.0, 0.5], [2.0, 0.0])
