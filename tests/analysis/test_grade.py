from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidInput, InvalidOption
from analysis.grade import (
    Position,
    absolute_effect,
    against_thresholds,
    information_for_means,
    information_for_risks,
    ratio_of_limits,
)
from analysis.pooling import estimate_of
from analysis.results import Measure

RATIO = estimate_of(math.log(3.0), 0.62, level=0.95)


def test_a_risk_ratio_of_three_is_two_hundred_more_of_a_thousand_at_ten_percent():
    found = absolute_effect(RATIO, Measure.RISK_RATIO, control_risk=0.1)

    assert found.control == 100
    assert found.treated == pytest.approx(300)
    assert found.difference == pytest.approx(200)
    assert found.lower == pytest.approx(100 * (RATIO_LOWER - 1))
    assert found.capped


RATIO_LOWER = math.exp(RATIO.ci_lower)


def test_an_odds_ratio_never_asks_for_more_than_everybody():
    found = absolute_effect(RATIO, Measure.ODDS_RATIO, control_risk=0.5)

    assert found.treated == pytest.approx(750)
    assert not found.capped


def test_a_risk_difference_is_added_and_stops_at_nobody():
    found = absolute_effect(
        estimate_of(-0.05, 0.05, level=0.95), Measure.RISK_DIFFERENCE, control_risk=0.1
    )

    assert found.difference == pytest.approx(-50)
    assert found.lower == pytest.approx(-100)
    assert found.capped


def test_a_hazard_ratio_is_of_those_who_are_still_without_the_event():
    half = estimate_of(math.log(0.5), 0.1, level=0.95)
    found = absolute_effect(half, Measure.HAZARD_RATIO, control_risk=0.36)

    assert round(found.treated) == 200
    assert absolute_effect(half, Measure.HAZARD_RATIO, control_risk=1.0).treated == 1000


def test_a_control_risk_of_none_stays_none_under_a_ratio():
    assert absolute_effect(RATIO, Measure.RISK_RATIO, control_risk=0.0).treated == 0
    assert absolute_effect(RATIO, Measure.ODDS_RATIO, control_risk=0.0).treated == 0


def test_what_has_no_absolute_effect_is_refused():
    with pytest.raises(InvalidInput, match="control risk"):
        absolute_effect(RATIO, Measure.RISK_RATIO, control_risk=1.5)
    with pytest.raises(InvalidOption):
        absolute_effect(RATIO, Measure.MEAN_DIFFERENCE, control_risk=0.1)
    with pytest.raises(InvalidOption):
        ratio_of_limits(RATIO, Measure.RISK_DIFFERENCE)


@settings(deadline=None)
@given(
    st.floats(-3, 3),
    st.floats(0, 2),
    st.floats(0, 1),
    st.sampled_from([Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE]),
)
def test_absolute_effects_stay_among_a_thousand_and_in_order(value, se, control, measure):
    found = absolute_effect(estimate_of(value, se, level=0.95), measure, control_risk=control)

    assert -1e-9 <= found.treated <= 1000 + 1e-9
    assert found.lower <= found.difference + 1e-9
    assert found.difference <= found.upper + 1e-9


def test_limits_are_set_against_every_threshold():
    no_effect, large, small = against_thresholds(RATIO, [0.0, math.log(20), -1.0])

    assert (no_effect.estimate, no_effect.interval) == (Position.ABOVE, Position.ACROSS)
    assert large.interval is Position.BELOW
    assert small.interval is Position.ABOVE


def test_the_ratio_of_limits_is_that_of_the_ratios():
    assert ratio_of_limits(RATIO, Measure.RISK_RATIO) == pytest.approx(
        math.exp(2 * 1.959964 * 0.62), rel=1e-5
    )


def test_eighteen_people_are_a_small_share_of_what_one_trial_would_need():
    risks = information_for_risks(18, control_risk=0.11, treated_risk=0.39)

    assert 0 < risks.share < 0.5
    assert information_for_means(18, difference=5, sd=12).share == pytest.approx(18 / 242.091, 1e-4)
    with pytest.raises(InvalidInput, match="participants"):
        information_for_risks(-1, control_risk=0.1, treated_risk=0.3)
