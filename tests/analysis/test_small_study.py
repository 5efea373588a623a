"""Tests for small-study effects, against metafor on the BCG trials."""

from __future__ import annotations

import pytest

from analysis.effects import given_effects, risk_ratio
from analysis.errors import InsufficientStudies, InvalidOption
from analysis.pooling import COMMON_EFFECT, Model
from analysis.small_study import (
    egger,
    mixed_effects_test,
    peters,
    rank_test,
)
from analysis.trim_and_fill import MissingEstimator, Side, trim_and_fill
from tests.analysis.data import BCG

STUDIES = risk_ratio(BCG)


def test_eggers_test_agrees_with_metafor():
    found = egger(STUDIES)

    assert found.slope.statistic == pytest.approx(-1.4012820022893326, rel=1e-9)
    assert found.slope.p == pytest.approx(0.18870699508197877, rel=1e-9)
    assert found.intercept.value == pytest.approx(-0.19092864235982013, rel=1e-9)
    assert found.enough


def test_the_mixed_effects_test_agrees_with_metafor():
    found = mixed_effects_test(STUDIES)

    assert found.slope.statistic == pytest.approx(-0.8033291930908654, rel=1e-8)
    assert found.intercept.ci_upper == pytest.approx(0.09736024080268213, rel=1e-7)


def test_the_rank_test_agrees_with_metafor_exactly_and_approximately():
    assert rank_test(STUDIES).p == pytest.approx(0.9028849408697099, rel=1e-9)
    assert rank_test(STUDIES, exact=True).p == pytest.approx(0.9524, abs=5e-5)
    assert rank_test(STUDIES).tau == pytest.approx(0.02564102564102564, rel=1e-9)


def test_peters_test_weighs_by_events_and_not_by_the_effect():
    found = peters(BCG)

    assert found.studies == 13
    assert found.slope.df == 11


FILLED = [
    pytest.param(MissingEstimator.L0, 4, 2.3853255911929505, None, id="L0"),
    pytest.param(MissingEstimator.R0, 4, 3.1622776601683795, 0.03125, id="R0"),
]


@pytest.mark.parametrize(("estimator", "missing", "se", "p"), FILLED)
def test_trim_and_fill_agrees_with_metafor(estimator, missing, se, p):
    found = trim_and_fill(STUDIES, COMMON_EFFECT, estimator=estimator)

    assert (found.missing, found.side, found.p) == (missing, Side.RIGHT, p)
    assert found.missing_se == pytest.approx(se, rel=1e-9)
    assert len(found.filled.studies) == 17


def test_filling_the_left_of_the_mirror_image_is_the_mirror_of_filling_the_right():
    mirrored = given_effects(STUDIES.labels, -STUDIES.effects, STUDIES.variances)

    right = trim_and_fill(STUDIES, Model(), side=Side.RIGHT)
    left = trim_and_fill(mirrored, Model(), side=Side.LEFT)

    assert left.missing == right.missing
    assert left.filled.estimate.value == pytest.approx(-right.filled.estimate.value, rel=1e-9)


def test_a_handful_of_studies_is_said_to_be_too_few():
    assert not egger(STUDIES.take([0, 1, 2])).enough


@pytest.mark.parametrize("test", [egger, mixed_effects_test, rank_test, trim_and_fill])
def test_two_studies_are_refused(test):
    with pytest.raises(InsufficientStudies, match="3 needed"):
        test(STUDIES.take([0, 1]))


def test_studies_of_one_size_show_no_asymmetry_to_test():
    alike = given_effects(["A", "B", "C"], [0.1, 0.2, 0.4], [0.1, 0.1, 0.1])

    with pytest.raises(InvalidOption, match="size of the study"):
        egger(alike)
    assert rank_test(alike).p == 1.0
