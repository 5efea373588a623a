from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.crossover import EMPTY_MARGIN, PairedTables, paired_binary
from analysis.crossover_margins import (
    Infeasible,
    PairedMargins,
    effects_at_correlation,
    feasible_correlations,
    possible_results,
    used_correlations,
)
from analysis.errors import InvalidInput, InvalidOption
from analysis.results import Measure

MEASURES = [Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE]
HAHN = PairedMargins.of([("Hahn 2013", 17, 7, 42)])


def shown(estimate):
    return round(math.exp(estimate.ci_lower), 2), round(math.exp(estimate.ci_upper), 2)


def test_the_unreported_grip_table_leaves_the_interval_between_two_bounds():
    found = possible_results(4, 20, 42, Measure.RISK_RATIO)

    assert [result.both for result in found] == [0, 1, 2, 3, 4]
    assert shown(found[0].estimate) == (0.07, 0.59)
    assert shown(found[-1].estimate) == (0.08, 0.48)


def test_frechet_bounds_the_correlation_of_hahn():
    (bounds,) = feasible_correlations(HAHN)

    assert bounds is not None
    assert bounds.lowest == pytest.approx(-0.36878177829171543)
    assert bounds.highest == pytest.approx(0.5423261445466404)


def test_a_correlation_that_cannot_occur_is_refused_with_its_bounds():
    found = effects_at_correlation(HAHN, Measure.RISK_RATIO, 0.6)

    assert len(found) == 0
    assert "-0.369 to 0.542" in found.left_out[0].reason


def test_clipping_uses_the_bound_and_says_so():
    used = used_correlations(HAHN, 0.6, Infeasible.CLIP)

    assert used[0] == pytest.approx(0.5423261445466404)
    found = effects_at_correlation(HAHN, Measure.RISK_RATIO, 0.6, Infeasible.CLIP)
    assert len(found) == 1


def test_no_correlation_gives_the_published_parallel_interval():
    found = effects_at_correlation(HAHN, Measure.RISK_RATIO, 0.0)

    half = 1.959964 * math.sqrt(float(found.variances[0]))
    assert round(math.exp(float(found.effects[0]) - half), 2) == 1.13
    assert round(math.exp(float(found.effects[0]) + half), 2) == 5.24


def test_an_arm_without_events_has_no_correlation():
    margins = PairedMargins.of([("1", 0, 3, 9), ("2", 9, 3, 9)])

    found = effects_at_correlation(margins, Measure.RISK_RATIO, 0.1, Infeasible.CLIP)

    assert feasible_correlations(margins) == (None, None)
    assert [gone.reason for gone in found.left_out] == [EMPTY_MARGIN] * 2


def test_impossible_totals_and_correlations_are_refused():
    with pytest.raises(InvalidInput, match="events_1"):
        PairedMargins.of([("1", 10, 3, 9)])
    with pytest.raises(InvalidInput, match="correlation"):
        effects_at_correlation(HAHN, Measure.RISK_RATIO, 1.2)
    with pytest.raises(InvalidOption):
        effects_at_correlation(HAHN, Measure.MEAN_DIFFERENCE, 0.2)
    with pytest.raises(InvalidInput, match="whole"):
        possible_results(1.5, 2, 9, Measure.RISK_RATIO)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.tuples(*[st.integers(1, 15)] * 4), st.sampled_from(MEASURES))
def test_at_its_own_correlation_a_trial_has_the_variance_of_its_joint_table(cells, measure):
    tables = PairedTables.of([("1", *cells)])
    s, t, u, _ = cells
    margins = PairedMargins.of([("1", s + t, s + u, sum(cells))])
    (phi,) = tables.correlation
    assert phi is not None

    exact = paired_binary(tables, measure)
    approximate = effects_at_correlation(margins, measure, phi)

    assert approximate.effects[0] == pytest.approx(exact.effects[0], abs=1e-9)
    assert approximate.variances[0] == pytest.approx(exact.variances[0], abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 30).flatmap(lambda n: st.tuples(*[st.integers(0, n)] * 2, st.just(n))))
def test_every_possible_table_lies_within_the_bounds_of_its_correlation(margins):
    one, two, n = margins
    (bounds,) = feasible_correlations(PairedMargins.of([("1", one, two, n)]))

    for result in possible_results(one, two, n, Measure.RISK_DIFFERENCE):
        assert (result.correlation is None) == (bounds is None)
        if bounds is not None and result.correlation is not None:
            assert bounds.lowest - 1e-9 <= result.correlation <= bounds.highest + 1e-9
        assert np.isfinite(result.estimate.se)
