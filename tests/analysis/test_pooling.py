"""Pooled effects: metafor's and RevMan's numbers, and the edges where there is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.effects import given_effects, odds_ratio, risk_difference, risk_ratio
from analysis.errors import InvalidInput, InvalidOption, NotEstimable
from analysis.inputs import TwoByTwo, TwoRates
from analysis.mantel_haenszel import RiskDifferenceVariance
from analysis.pooling import (
    COMMON_EFFECT,
    METAFOR_RULES,
    Interval,
    Model,
    headline,
    inverse_variance,
    mantel_haenszel,
    mantel_haenszel_rates,
    peto,
    revman_random_effects,
)
from analysis.results import Measure, StudyEffects
from analysis.tau2 import Tau2Method
from tests.analysis.data import BCG

STRENGTH = TwoByTwo.of([("A", 5, 5, 0, 5), ("B", 5, 6, 1, 6), ("F", 11, 16, 0, 16)])
HARTUNG_KNAPP = Model(Tau2Method.REML, Interval.HARTUNG_KNAPP)


def two(first: float, second: float, variances: tuple[float, float] = (0.05, 0.2)) -> StudyEffects:
    return given_effects(["A", "B"], [first, second], variances)


def test_reml_with_hartung_knapp_agrees_with_metafor_on_the_bcg_trials():
    found = inverse_variance(risk_ratio(BCG), HARTUNG_KNAPP).estimate

    assert found.value == pytest.approx(-0.7145323422, abs=1e-10)
    assert found.se == pytest.approx(0.1807917441, abs=1e-10)
    assert (found.ci_lower, found.ci_upper) == pytest.approx(
        (-1.1084437137, -0.3206209706), abs=1e-9
    )


def test_the_q_profile_agrees_with_metafor_on_the_bcg_trials():
    profile = inverse_variance(risk_ratio(BCG), HARTUNG_KNAPP).profile

    assert profile is not None
    assert (profile.tau2.lower, profile.tau2.upper) == pytest.approx(
        (0.11971836114126089, 1.1114790840609288), rel=1e-9
    )


def test_without_a_constant_the_strength_ratio_is_21_and_not_11():
    found = mantel_haenszel(STRENGTH, rules=METAFOR_RULES)

    assert math.exp(found.estimate.value) == pytest.approx(21.0)


def test_peto_and_the_odds_ratio_are_far_apart_for_an_effect_this_large():
    assert math.exp(peto(STRENGTH).estimate.value) == pytest.approx(19.35, abs=0.01)


def test_revmans_tau2_is_about_the_mantel_haenszel_estimate():
    studies = risk_ratio(BCG)
    metafor = inverse_variance(studies, Model(Tau2Method.DERSIMONIAN_LAIRD))

    assert revman_random_effects(BCG).tau2 == pytest.approx(0.3094968537638673, rel=1e-12)
    assert metafor.tau2 == pytest.approx(0.3087602629, rel=1e-9)


def test_the_risk_difference_has_two_variances_that_are_both_stated():
    sato = mantel_haenszel(
        BCG, Measure.RISK_DIFFERENCE, variance=RiskDifferenceVariance.SATO
    ).estimate
    revman = mantel_haenszel(BCG, Measure.RISK_DIFFERENCE).estimate

    assert sato.value == revman.value
    assert sato.se == pytest.approx(0.00028665674852737364, rel=1e-9)
    assert revman.se == pytest.approx(0.0002845159218969411, rel=1e-9)


def test_rates_are_pooled_by_their_time_at_risk():
    rates = TwoRates.of([("A", 9, 413, 19, 398), ("B", 8, 263, 19, 245)])

    ratio = mantel_haenszel_rates(rates).estimate.value
    difference = mantel_haenszel_rates(rates, Measure.RATE_DIFFERENCE).estimate.value

    assert ratio < 0 > difference


@pytest.mark.parametrize("model", [COMMON_EFFECT, HARTUNG_KNAPP, Model()])
def test_one_study_is_returned_as_it_is_with_normal_limits(model):
    found = inverse_variance(given_effects(["A"], [0.3], [0.04]), model)

    assert found.estimate.value == 0.3
    assert found.estimate.ci_upper == pytest.approx(0.3 + 1.959964 * 0.2, abs=1e-6)
    assert (found.tau2, found.prediction, found.profile, found.estimate.df) == (0, None, None, None)


def test_equal_effects_have_a_hartung_knapp_interval_without_width_that_the_floor_repairs():
    plain = inverse_variance(two(0.5, 0.5), HARTUNG_KNAPP)
    floored = inverse_variance(
        two(0.5, 0.5), Model(Tau2Method.REML, Interval.HARTUNG_KNAPP_FLOORED)
    )

    assert (plain.estimate.se, plain.estimate.statistic, plain.estimate.p) == (0.0, math.inf, 0.0)
    assert floored.estimate.se == pytest.approx(0.2)


def test_no_effect_with_no_spread_has_no_statistic():
    found = inverse_variance(two(0.0, 0.0), HARTUNG_KNAPP).estimate

    assert (found.statistic, found.p) == (None, None)


def test_hartung_knapp_never_heads_a_table_of_two():
    assert headline(two(0.9, -0.4)).model.interval is Interval.NORMAL


def test_hartung_knapp_heads_a_table_of_studies_that_differ():
    assert headline(risk_ratio(BCG)).model.interval is Interval.HARTUNG_KNAPP_FLOORED


def test_studies_that_do_not_differ_have_a_normal_interval_at_the_head():
    alike = given_effects(list("ABC"), [0.1, 0.12, 0.11], [0.1, 0.2, 0.1])

    assert headline(alike).model.interval is Interval.NORMAL


def test_an_interval_that_is_not_to_be_trusted_says_so():
    wide = inverse_variance(two(0.9, -0.4), HARTUNG_KNAPP).cautions
    narrow = inverse_variance(two(0.5, 0.5), HARTUNG_KNAPP).cautions

    assert "Hartung-Knapp at two studies is no interval to report" in wide
    assert "narrower than the normal interval: the effects hardly differ" in narrow
    assert inverse_variance(risk_ratio(BCG), HARTUNG_KNAPP).cautions == ()


def test_prediction_limits_come_in_three_named_conventions():
    found = inverse_variance(risk_ratio(BCG), Model(Tau2Method.REML)).prediction

    assert found is not None
    assert found.t_k_minus_2 is not None
    widths = [
        limits.upper - limits.lower
        for limits in (found.as_tested, found.t_k_minus_1, found.t_k_minus_2)
    ]
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(2.3043197514894946, rel=1e-8)


def test_two_studies_have_no_prediction_interval_with_k_minus_2():
    found = inverse_variance(two(0.9, -0.4)).prediction
    random = inverse_variance(two(0.9, -0.4), Model()).prediction

    assert found is None
    assert random is not None
    assert random.t_k_minus_2 is None


NOTHING = TwoByTwo.of([("A", 0, 10, 0, 10), ("B", 0, 20, 0, 20)])
ONE_SIDED = TwoByTwo.of([("A", 3, 20, 0, 20), ("B", 1, 15, 0, 14)])


@pytest.mark.parametrize(
    "pool",
    [
        pytest.param(lambda: mantel_haenszel(NOTHING), id="RevMan, no event anywhere"),
        pytest.param(lambda: mantel_haenszel(ONE_SIDED, rules=METAFOR_RULES), id="RR infinite"),
        pytest.param(
            lambda: mantel_haenszel(ONE_SIDED, Measure.ODDS_RATIO, rules=METAFOR_RULES),
            id="OR infinite",
        ),
        pytest.param(lambda: peto(NOTHING), id="Peto, no event anywhere"),
        pytest.param(
            lambda: mantel_haenszel_rates(TwoRates.of([("A", 0, 9, 0, 9)])), id="no event in rates"
        ),
        pytest.param(
            lambda: inverse_variance(given_effects([], [], [])),
            id="no study",
        ),
        pytest.param(lambda: inverse_variance(two(1, 2, (0.0, 1.0))), id="a variance of 0"),
    ],
)
def test_what_has_no_estimate_is_refused_and_never_a_number(pool):
    with pytest.raises(NotEstimable):
        pool()


def test_the_refusal_names_the_studies_and_their_reasons():
    from_nothing = odds_ratio(NOTHING, METAFOR_RULES.effects)

    with pytest.raises(NotEstimable, match=r"A: no events in both arms; B: no events"):
        inverse_variance(from_nothing)


def test_a_measure_that_mantel_and_haenszel_cannot_pool_is_refused():
    with pytest.raises(InvalidOption, match="not MD"):
        mantel_haenszel(BCG, Measure.MEAN_DIFFERENCE)
    with pytest.raises(InvalidOption, match="not RR"):
        mantel_haenszel_rates(TwoRates.of([("A", 1, 9, 1, 9)]), Measure.RISK_RATIO)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(InvalidOption, match="confidence level"):
        inverse_variance(two(0.9, -0.4), Model(level=level))


def test_the_variance_of_a_huge_study_does_not_drown_the_others():
    studies = given_effects(list("ABC"), [0.1, 0.2, 0.3], [1e-12, 0.1, 0.1])

    found = inverse_variance(studies, Model())

    assert found.tau2 == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(found.estimate.se)


def test_risk_differences_of_trials_without_events_are_kept_in_the_pooled_one():
    pooled = mantel_haenszel(NOTHING, Measure.RISK_DIFFERENCE)

    assert pooled.labels == ("A", "B")
    assert pooled.estimate.value == 0.0
    assert len(risk_difference(NOTHING)) == 2


@pytest.mark.parametrize(
    ("effect", "variance"),
    [
        pytest.param(1e80, 1.0, id="an effect beyond all sense"),
        pytest.param(1.0, 1e80, id="a variance whose square overflows"),
        pytest.param(1.0, 1e-80, id="a weight whose square overflows"),
        pytest.param(1.0, -1.0, id="a negative variance"),
    ],
)
def test_a_number_that_cannot_be_weighted_is_refused_with_its_study(effect, variance):
    with pytest.raises(InvalidInput, match="B: "):
        given_effects(["A", "B"], [0.0, effect], [1.0, variance])
