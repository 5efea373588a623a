from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.arm_corrections import (
    corrected_effects,
    empirical_correction,
    treatment_arm_correction,
)
from analysis.effects import REVMAN, odds_ratio
from analysis.errors import InvalidOption, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.results import Measure
from tests.analysis.test_properties import tables
from tests.analysis.test_published_results import BLOCK, DISABILITY


def test_equal_arms_share_the_constant_equally():
    equal = TwoByTwo.of([("1", 0, 9, 3, 9)])

    found = corrected_effects(equal, Measure.ODDS_RATIO, treatment_arm_correction(equal))

    assert found.effects[0] == pytest.approx(float(odds_ratio(equal, REVMAN).effects[0]))


def test_the_empirical_constant_leans_towards_the_other_trials():
    found = empirical_correction(TwoByTwo.of(DISABILITY))

    assert found.omega == pytest.approx(10 / 3)
    assert found.arm_1.tolist() == pytest.approx([10 / 13, 10 / 13, 0])
    assert found.arm_2.tolist() == pytest.approx([3 / 13, 3 / 13, 0])


def test_an_empirical_constant_needs_a_trial_without_a_zero_cell():
    with pytest.raises(NotEstimable, match="zero cell"):
        empirical_correction(TwoByTwo.of(BLOCK))


def test_risk_differences_need_no_constant():
    block = TwoByTwo.of(BLOCK)

    with pytest.raises(InvalidOption, match="RR and OR"):
        corrected_effects(block, Measure.RISK_DIFFERENCE, treatment_arm_correction(block))


@settings(deadline=None)
@given(tables())
def test_the_two_constants_of_a_table_sum_to_one_and_leave_every_effect_finite(found):
    correction = treatment_arm_correction(found)

    sums = correction.arm_1 + correction.arm_2
    assert np.all(np.isclose(sums, 1) | (sums == 0))
    for measure in (Measure.ODDS_RATIO, Measure.RISK_RATIO):
        studies = corrected_effects(found, measure, correction)
        assert np.isfinite(studies.effects).all()
        assert (studies.variances > 0).all()
