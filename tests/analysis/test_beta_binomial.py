from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.beta_binomial import beta_binomial
from analysis.errors import AnalysisError, NotEstimable
from analysis.inputs import TwoByTwo
from tests.analysis.test_properties import swapped, tables
from tests.analysis.test_published_results import BLOCK

SPREAD = TwoByTwo.of(
    [("1", 1, 40, 9, 40), ("2", 12, 45, 20, 44), ("3", 0, 30, 2, 33), ("4", 9, 30, 8, 30)]
)


def test_studies_that_agree_give_the_logistic_regression():
    same = TwoByTwo.of([("1", 10, 40, 20, 40), ("2", 10, 40, 20, 40)])

    found = beta_binomial(same)

    assert found.rho == 0.0
    assert found.logit_rho is None
    assert found.estimate.value == pytest.approx(math.log((20 / 60) / (40 / 40)), abs=1e-6)
    assert found.estimate.se == pytest.approx(math.sqrt(1 / 20 + 1 / 60 + 2 / 40), rel=1e-5)


def test_studies_that_differ_widen_the_interval():
    found = beta_binomial(SPREAD)

    assert 0.01 < found.rho < 0.5
    assert found.logit_rho == pytest.approx(math.log(found.rho / (1 - found.rho)))


def test_swapping_the_arms_turns_the_effect_round():
    one, other = beta_binomial(SPREAD), beta_binomial(swapped(SPREAD))

    assert one.estimate.value == pytest.approx(-other.estimate.value, abs=1e-6)
    assert one.log_likelihood == pytest.approx(other.log_likelihood)


def test_an_arm_without_any_event_is_refused():
    with pytest.raises(NotEstimable, match="an arm"):
        beta_binomial(TwoByTwo.of(BLOCK))


@settings(deadline=None, max_examples=60)
@given(tables())
def test_any_tables_give_finite_numbers_or_a_typed_error(found):
    try:
        fit = beta_binomial(found)
    except AnalysisError:
        return

    assert np.isfinite([fit.intercept, fit.estimate.value, fit.estimate.se]).all()
    assert 0 <= fit.rho < 1
