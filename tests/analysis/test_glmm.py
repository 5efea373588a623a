from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.errors import AnalysisError, InvalidOption, NotEstimable
from analysis.exact import exact_common_odds_ratio
from analysis.glmm import (
    MixedModel,
    logit_proportion_glmm,
    odds_ratio_glmm,
    rate_ratio_glmm,
)
from analysis.inputs import OneProportion, TwoByTwo, TwoRates
from tests.analysis.test_properties import swapped, tables
from tests.analysis.test_published_results import BLOCK, STRENGTH

VARIED = TwoByTwo.of(
    [("1", 12, 80, 30, 80), ("2", 5, 60, 6, 62), ("3", 20, 90, 25, 88), ("4", 2, 70, 19, 75)]
)
TWO_ARMED = [each for each in MixedModel if each is not MixedModel.BINOMIAL_NORMAL]


def test_without_spread_the_conditional_model_is_the_exact_estimate():
    found = odds_ratio_glmm(TwoByTwo.of(STRENGTH))

    assert found.tau2 == 0.0
    exact = exact_common_odds_ratio(TwoByTwo.of(STRENGTH)).estimate
    assert found.estimate.value == pytest.approx(math.log(exact), abs=1e-6)
    assert found.estimate.se == pytest.approx(1.0910848254979066, rel=1e-5)


@pytest.mark.parametrize("model", TWO_ARMED)
def test_every_model_finds_the_spread_of_trials_that_differ(model):
    found = odds_ratio_glmm(VARIED, model)

    assert found.tau2 > 0.05
    assert found.estimate.ci_lower < -0.6 < found.estimate.ci_upper
    assert (found.baseline is not None) == (model is MixedModel.RANDOM_STUDY)


@pytest.mark.parametrize("model", [MixedModel.CONDITIONAL_EXACT, MixedModel.FIXED_STUDY])
def test_swapping_the_arms_turns_the_effect_round(model):
    one, other = odds_ratio_glmm(VARIED, model), odds_ratio_glmm(swapped(VARIED), model)

    assert one.estimate.value == pytest.approx(-other.estimate.value, abs=1e-4)
    assert one.estimate.se == pytest.approx(other.estimate.se, rel=1e-3)
    assert one.tau2 == pytest.approx(other.tau2, rel=1e-3)


def test_a_common_effect_has_no_spread_and_a_smaller_error():
    common = odds_ratio_glmm(VARIED, random=False)

    assert common.tau2 == 0.0
    assert common.estimate.se < odds_ratio_glmm(VARIED).estimate.se


def test_events_in_one_arm_only_are_refused():
    with pytest.raises(NotEstimable, match="one arm only"):
        odds_ratio_glmm(TwoByTwo.of(BLOCK))


def test_trials_that_contradict_each_other_entirely_are_refused():
    with pytest.raises(NotEstimable, match="no bound"):
        odds_ratio_glmm(TwoByTwo.of([("1", 9, 9, 0, 9), ("2", 0, 9, 9, 9), ("3", 9, 9, 0, 9)]))


def test_two_single_events_in_opposite_arms_say_nothing_of_a_spread():
    found = odds_ratio_glmm(TwoByTwo.of([("1", 1, 10, 0, 10), ("2", 0, 10, 1, 10)]))

    assert found.tau2 == 0.0
    assert found.estimate.value == pytest.approx(0.0, abs=1e-6)


def test_double_zero_trials_are_left_out_and_named():
    found = odds_ratio_glmm(TwoByTwo.of([*STRENGTH, ("empty", 0, 9, 0, 9)]))

    assert [gone.label for gone in found.left_out] == ["empty"]
    assert "empty" not in found.labels


def test_rates_given_all_events_agree_with_rates_with_a_baseline_each():
    rates = TwoRates.of([("1", 9, 413, 19, 398), ("2", 8, 263, 19, 245), ("3", 3, 487, 13, 435)])

    given_events = rate_ratio_glmm(rates)
    with_baselines = rate_ratio_glmm(rates, MixedModel.FIXED_STUDY)

    assert given_events.estimate.value == pytest.approx(with_baselines.estimate.value, abs=1e-5)


def test_proportions_have_a_mean_on_the_log_odds():
    group = OneProportion.of([("1", 16, 17), ("2", 10, 12), ("3", 4, 8), ("4", 43, 58)])

    found = logit_proportion_glmm(group)

    assert found.estimate.ci_lower < math.log(73 / 22) < found.estimate.ci_upper
    with pytest.raises(NotEstimable):
        logit_proportion_glmm(OneProportion.of([("1", 0, 17), ("2", 0, 12)]))


def test_a_model_for_single_proportions_is_no_model_for_tables():
    with pytest.raises(InvalidOption, match="single proportions"):
        odds_ratio_glmm(VARIED, MixedModel.BINOMIAL_NORMAL)


@settings(deadline=None, max_examples=25)
@given(tables(most=4))
def test_any_tables_give_finite_numbers_or_a_typed_error(found):
    for model in (MixedModel.CONDITIONAL_EXACT, MixedModel.FIXED_STUDY):
        try:
            fit = odds_ratio_glmm(found, model)
        except AnalysisError:
            continue
        assert np.isfinite([fit.estimate.value, fit.estimate.se, fit.tau2]).all()
        assert fit.estimate.se > 0
