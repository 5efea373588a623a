"""Leaving out, adding up, influence and fragility."""

from __future__ import annotations

import pytest

from analysis.effects import risk_ratio
from analysis.errors import InsufficientStudies, InvalidInput, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import Interval, Model, mantel_haenszel
from analysis.results import Estimate
from analysis.robustness import (
    cumulative,
    fragility,
    influence,
    leave_one_out,
)
from tests.analysis.data import BCG, BCG_YEAR

STUDIES = risk_ratio(BCG)
RANDOM = Model()


def mh(tables: TwoByTwo) -> Estimate:
    return mantel_haenszel(tables).estimate


def test_leaving_one_out_agrees_with_metafor():
    found = leave_one_out(STUDIES, RANDOM)

    assert [each.label for each in found] == list(STUDIES.labels)
    assert found[0].pooled.estimate.value == pytest.approx(-0.7070837846992588, rel=1e-8)
    assert found[12].pooled.estimate.value == pytest.approx(-0.7775361848943675, rel=1e-8)


def test_adding_up_by_year_agrees_with_metafor():
    found = cumulative(STUDIES, BCG_YEAR, RANDOM)

    assert found[0].label == "Aronson 1948"
    assert found[-1].label == "TPT Madras 1980"
    assert found[1].pooled.estimate.value == pytest.approx(-1.325003442244875, rel=1e-8)
    assert found[-1].pooled.estimate.value == pytest.approx(-0.7145323421581394, rel=1e-8)


def test_studies_of_the_same_year_keep_their_order():
    found = cumulative(STUDIES.take([0, 1, 2]), [1980, 1970, 1980])

    assert [each.label for each in found] == [STUDIES.labels[at] for at in (1, 0, 2)]


def test_influence_agrees_with_metafor():
    found = influence(STUDIES, Model(interval=Interval.HARTUNG_KNAPP))[7]

    expected = {
        "residual": 1.43085097,
        "dffits": 0.47112840,
        "cook": 0.19695788,
        "covariance": 1.01670002,
        "tau2": 0.27318293,
        "q": 67.98581150,
        "hat": 0.10189439,
    }
    assert {key: getattr(found, key) for key in expected} == pytest.approx(expected, rel=1e-6)


def test_the_index_is_the_number_of_outcomes_that_undo_a_significant_result():
    found = fragility(TwoByTwo.of([("Hahn 2013", 17, 42, 7, 42)]), mh)

    assert found.significant
    assert found.index == 2
    assert found.after.ci_lower <= 0 <= found.after.ci_upper


def test_a_result_short_of_significance_has_an_index_as_well():
    found = fragility(TwoByTwo.of([("A", 3, 9, 6, 9)]), mh)

    assert not found.significant
    assert found.index == len(found.changes) > 0
    assert not found.after.ci_lower <= 0 <= found.after.ci_upper


def test_trials_too_small_for_any_verdict_have_no_index():
    with pytest.raises(NotEstimable, match="no change of outcomes"):
        fragility(TwoByTwo.of([("A", 0, 1, 1, 1)]), mh)


def test_too_few_studies_and_too_few_dates_are_refused():
    with pytest.raises(InsufficientStudies):
        leave_one_out(STUDIES.take([0]))
    with pytest.raises(InsufficientStudies):
        influence(STUDIES.take([0, 1]))
    with pytest.raises(InvalidInput, match="order"):
        cumulative(STUDIES, [1948])
