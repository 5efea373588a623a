from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidInput, InvalidOption
from analysis.spending import (
    Spending,
    conditional_power,
    crossing_probability,
    drift_for_power,
    inflation,
    spending_boundaries,
)

OF, POCOCK = Spending.OBRIEN_FLEMING, Spending.POCOCK


def test_agrees_with_the_published_boundaries_of_five_even_looks():
    found = spending_boundaries([0.2, 0.4, 0.6, 0.8, 1.0], spending=OF)

    expected = [4.876884948776417, 3.357011921574639, 2.680280064545, 2.289816768, 2.031032043]
    assert [look.z for look in found.looks] == pytest.approx(expected, rel=1e-7)
    assert found.achieved_alpha == pytest.approx(0.05)


def test_one_look_is_the_ordinary_test():
    (look,) = spending_boundaries([1.0], spending=POCOCK).looks

    assert look.z == pytest.approx(1.959963984540054)
    assert look.nominal_p == pytest.approx(0.05)


def test_a_first_look_that_comes_too_early_can_never_be_crossed():
    looks = spending_boundaries([0.001, 1.0], spending=OF).looks

    assert looks[0].z == math.inf
    assert looks[0].nominal_p == 0.0
    assert looks[1].z == pytest.approx(1.96, abs=1e-3)


def test_information_beyond_the_required_spends_no_more():
    found = spending_boundaries([0.5, 1.0, 1.4], spending=OF)

    assert found.looks[-1].z == math.inf
    assert found.achieved_alpha == pytest.approx(0.05)


def test_four_looks_need_two_percent_more_information():
    found = spending_boundaries([0.25, 0.5, 0.75, 1.0], spending=OF)

    assert drift_for_power(found, 0.8) == pytest.approx(2.8289593104905557, rel=1e-7)
    assert inflation(found, 0.8) == pytest.approx(1.0196373305845914, rel=1e-7)


@pytest.mark.parametrize("looks", [[], [0.5, 0.5], [0.5, 0.4], [0.0, 1.0], [-1.0], [math.nan]])
def test_looks_out_of_order_are_refused(looks):
    with pytest.raises(InvalidInput, match="information"):
        spending_boundaries(looks, spending=OF)


def test_looks_too_close_to_tell_apart_are_refused():
    with pytest.raises(InvalidInput, match="apart"):
        spending_boundaries([0.5, 0.5 + 1e-9], spending=OF)


def test_errors_that_cannot_be_are_refused():
    with pytest.raises(InvalidOption, match="side"):
        spending_boundaries([1.0], spending=OF, side=3)
    with pytest.raises(InvalidInput, match="alpha"):
        spending_boundaries([1.0], spending=OF, alpha=1.5)
    with pytest.raises(InvalidInput, match="power"):
        drift_for_power(spending_boundaries([1.0], spending=OF), 0.01)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True),
    st.sampled_from(list(Spending)),
    st.sampled_from([1, 2]),
)
def test_the_looks_together_spend_what_is_theirs(times, spending, side):
    information = [time / 40 for time in sorted(times)]

    found = spending_boundaries(information, spending=spending, side=side)

    assert found.achieved_alpha == pytest.approx(found.looks[-1].cumulative_alpha, rel=1e-6)
    assert found.achieved_alpha <= 0.05 + 1e-9
    rises = np.diff([look.cumulative_alpha for look in found.looks])
    assert (rises >= 0).all()


@settings(deadline=None, max_examples=10)
@given(st.floats(0.0, 4.0), st.floats(0.1, 2.0))
def test_a_larger_drift_crosses_more_often(drift, more):
    found = spending_boundaries([0.3, 0.6, 1.0], spending=OF)

    assert crossing_probability(found, drift) < crossing_probability(found, drift + more)


def test_simulated_paths_cross_as_often_as_is_said():
    found = spending_boundaries([0.3, 0.7, 1.0], spending=POCOCK)
    random = np.random.default_rng(20260729)
    steps = random.normal(size=(200_000, 3)) * np.sqrt([0.3, 0.4, 0.3])
    z = steps.cumsum(axis=1) / np.sqrt([0.3, 0.7, 1.0])

    crossed = (np.abs(z) >= [look.z for look in found.looks]).any(axis=1).mean()

    assert crossed == pytest.approx(0.05, abs=0.0015)


def test_half_the_information_with_the_trend_of_the_final_boundary_is_even():
    assert conditional_power(1.96 / math.sqrt(2), 0.5, 1.96, drift=1.96) == pytest.approx(0.5)
    assert conditional_power(0.0, 0.5, 1.96) < 0.01
    with pytest.raises(InvalidInput):
        conditional_power(1.0, 1.0, 1.96)
