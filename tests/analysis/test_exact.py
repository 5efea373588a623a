from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.errors import InvalidInput, NotEstimable
from analysis.exact import exact_common_odds_ratio, mantel_haenszel_test
from analysis.inputs import TwoByTwo
from tests.analysis.test_properties import swapped, tables
from tests.analysis.test_published_results import BLOCK, STRENGTH


def test_the_strength_table_has_the_exact_limits_that_r_only_approaches():
    found = exact_common_odds_ratio(TwoByTwo.of(STRENGTH))

    assert found.events_1 == 21
    assert found.estimate == pytest.approx(74.87912445214418, rel=1e-9)
    assert found.limits.lower == pytest.approx(9.25681852398003, rel=1e-9)
    assert found.limits.upper == pytest.approx(3559.6738664672866, rel=1e-9)
    assert found.midp_limits.upper == pytest.approx(1789.6841382860002, rel=1e-9)
    assert found.p_minlike == pytest.approx(2.6558118479899503e-08, rel=1e-9)


def test_events_in_one_arm_only_leave_the_upper_limit_open():
    found = exact_common_odds_ratio(TwoByTwo.of(BLOCK))

    assert found.estimate == math.inf
    assert found.limits.upper == math.inf
    assert found.limits.lower == pytest.approx(1.50514461373809)
    assert found.tables == 2


def test_tables_without_information_are_refused_and_otherwise_change_nothing():
    with pytest.raises(NotEstimable, match="no table"):
        exact_common_odds_ratio(TwoByTwo.of([("1", 0, 5, 0, 5)]))

    alone = exact_common_odds_ratio(TwoByTwo.of([("1", 3, 9, 1, 8)]))
    beside = exact_common_odds_ratio(TwoByTwo.of([("1", 3, 9, 1, 8), ("2", 0, 50, 0, 50)]))

    assert beside.limits.lower == pytest.approx(alone.limits.lower, rel=1e-12)
    assert beside.p_minlike == pytest.approx(alone.p_minlike, rel=1e-12)


def test_parts_of_people_are_refused():
    with pytest.raises(InvalidInput, match="whole"):
        exact_common_odds_ratio(TwoByTwo.of([("1", 1.5, 5, 2, 5)]))


def test_a_hundred_thousand_people_are_no_obstacle():
    found = exact_common_odds_ratio(TwoByTwo.of([("1", 3000, 60_000, 2800, 60_000)]))

    assert found.estimate == pytest.approx(3000 * 57_200 / (57_000 * 2800), rel=1e-4)
    assert found.limits.lower < found.estimate < found.limits.upper


@settings(deadline=None)
@given(tables())
def test_swapping_the_arms_inverts_the_exact_odds_ratio(found):
    try:
        one = exact_common_odds_ratio(found)
    except NotEstimable:
        return
    other = exact_common_odds_ratio(swapped(found))

    for a, b in (
        (one.estimate, other.estimate),
        (one.limits.lower, other.limits.upper),
        (one.limits.upper, other.limits.lower),
        (one.midp_limits.lower, other.midp_limits.upper),
    ):
        assert (a == 0 and b == math.inf) or (a == math.inf and b == 0) or a * b == pytest.approx(1)
    assert one.p_minlike == pytest.approx(other.p_minlike)
    assert one.p_less == pytest.approx(other.p_greater)


@settings(deadline=None)
@given(tables())
def test_mid_p_limits_lie_inside_the_exact_ones_and_p_between_0_and_1(found):
    try:
        exact = exact_common_odds_ratio(found)
    except NotEstimable:
        return

    assert exact.limits.lower <= exact.midp_limits.lower * (1 + 1e-9)
    assert exact.midp_limits.upper <= exact.limits.upper * (1 + 1e-9)
    assert exact.limits.lower <= exact.estimate <= exact.limits.upper
    for p in (exact.p_minlike, exact.p_doubled, exact.p_less, exact.p_greater):
        assert 0 <= p <= 1


@settings(deadline=None)
@given(tables())
def test_the_interval_excludes_one_exactly_where_the_doubled_p_is_below_five_percent(found):
    try:
        exact = exact_common_odds_ratio(found)
    except NotEstimable:
        return
    inside = exact.limits.lower <= 1 <= exact.limits.upper

    if abs(exact.p_doubled - 0.05) > 1e-9:
        assert inside == (exact.p_doubled > 0.05)


def test_the_continuity_correction_is_dropped_where_it_is_larger_than_the_difference():
    nearly_even = TwoByTwo.of([("1", 3, 9, 3, 10)])

    found = mantel_haenszel_test(nearly_even)

    assert found.statistic == pytest.approx(
        mantel_haenszel_test(nearly_even, continuity=False).statistic
    )


def test_an_odds_ratio_without_limits_is_infinite_and_says_so():
    found = mantel_haenszel_test(TwoByTwo.of(BLOCK))

    assert found.odds_ratio == math.inf
    assert found.limits is None
    assert found.statistic == pytest.approx(5.053191489361702)


@settings(deadline=None)
@given(tables())
def test_the_test_over_tables_is_finite_or_refused(found):
    try:
        test = mantel_haenszel_test(found)
    except NotEstimable:
        return

    assert np.isfinite(test.statistic)
    assert 0 <= test.p <= 1


def test_exact_and_approximate_limits_meet_as_trials_grow():
    gaps = []
    for times in (1, 10, 100):
        grown = TwoByTwo.of(
            [
                ("1", 12 * times, 40 * times, 8 * times, 38 * times),
                ("2", 5 * times, 20 * times, 4 * times, 22 * times),
            ]
        )
        exact, approximate = exact_common_odds_ratio(grown), mantel_haenszel_test(grown)
        assert approximate.limits is not None
        gaps.append(abs(math.log(exact.midp_limits.upper / approximate.limits.upper)))

    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3
