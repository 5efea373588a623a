from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.effects import given_effects
from analysis.errors import InsufficientStudies, InvalidInput
from analysis.pooling import inverse_variance
from analysis.sequential import (
    ErrorRates,
    diversity,
    evidence_over_time,
    order_by,
    required_size_for_means,
    required_size_for_risks,
    risk_with_odds_ratio,
    risk_with_ratio,
)
from tests.analysis.test_properties import studies


def test_the_required_size_of_two_risks_agrees_with_the_oracle():
    assert required_size_for_risks(0.12, risk_with_ratio(0.12, 0.8)) == pytest.approx(7029.466028)
    treated = risk_with_odds_ratio(0.3, 0.7)
    assert required_size_for_risks(0.3, treated) == pytest.approx(1709.5966484780974)


def test_the_required_size_of_two_means_agrees_with_the_oracle():
    assert required_size_for_means(5, 12) == pytest.approx(242.09102733559186)
    assert required_size_for_means(-5, 12) == pytest.approx(242.09102733559186)


def test_more_power_needs_more_people():
    less, more = (required_size_for_means(5, 12, ErrorRates(beta=b)) for b in (0.2, 0.1))

    assert less < more


@pytest.mark.parametrize(("control", "treated"), [(0.0, 0.1), (0.1, 1.2), (0.1, 0.1)])
def test_risks_that_no_trial_can_tell_apart_are_refused(control, treated):
    with pytest.raises(InvalidInput):
        required_size_for_risks(control, treated)


def test_errors_outside_0_and_1_are_refused():
    with pytest.raises(InvalidInput, match="beta"):
        ErrorRates(beta=0.0)


def test_studies_that_agree_have_no_diversity():
    found = diversity(given_effects(["1", "2"], [0.3, 0.3], [0.1, 0.2]))

    assert found.d2 == 0.0
    assert found.factor == 1.0
    with pytest.raises(InsufficientStudies):
        diversity(given_effects(["1"], [0.3], [0.1]))


@settings(deadline=None)
@given(studies())
def test_diversity_is_a_share_and_at_least_i2_leaves_no_nan(found):
    result = diversity(found)

    assert 0 <= result.d2 < 1
    assert result.factor == pytest.approx(1 / (1 - result.d2))


@settings(deadline=None)
@given(studies())
def test_anytime_valid_limits_hold_the_ordinary_ones(found):
    last = evidence_over_time(found)[-1]
    pooled = inverse_variance(found).estimate

    assert last.limits.lower < pooled.ci_lower
    assert pooled.ci_upper < last.limits.upper


@settings(deadline=None)
@given(studies())
def test_the_anytime_valid_p_never_rises(found):
    looks = evidence_over_time(found)

    assert all(later.p <= sooner.p for sooner, later in zip(looks, looks[1:], strict=False))
    assert all(0 <= look.p <= 1 for look in looks)
    assert all(look.e_value > 0 for look in looks)


def test_no_effect_is_rejected_at_any_look_in_at_most_five_percent_of_reviews():
    random = np.random.default_rng(20260731)
    v = random.uniform(0.05, 0.5, 20)
    rejected = 0
    for _ in range(2000):
        found = given_effects([str(at) for at in range(20)], random.normal(0, np.sqrt(v)), v)
        rejected += evidence_over_time(found)[-1].p < 0.05

    assert rejected / 2000 < 0.05


def test_evidence_beyond_any_number_is_infinite_and_its_logarithm_is_not():
    look = evidence_over_time(given_effects(["1"], [50.0], [0.01]), prior_variance=100.0)[0]

    assert look.e_value == math.inf
    assert look.log_e_value > 1000


def test_studies_are_put_in_the_order_of_their_years():
    found = order_by(given_effects(["b", "a", "c"], [1, 2, 3], [1, 1, 1]), [2001, 1999, 2001])

    assert found.labels == ("a", "b", "c")
    with pytest.raises(InvalidInput, match="order"):
        order_by(found, [1999])
