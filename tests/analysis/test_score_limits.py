from __future__ import annotations

import numpy as np
import pytest

from analysis.inputs import TwoByTwo
from analysis.score_limits import newcombe_limits, pooled_newcombe_limits, wilson_limits

# Newcombe 1998, Stat Med 17:873-890, table II, method 10.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("table", "limits"), PUBLISHED)
def test_limits_of_a_difference_are_newcombes(table, limits):
    lower, upper = newcombe_limits(TwoByTwo.of([("A", *table)]))

    assert (round(lower[0], 4), round(upper[0], 4)) == pytest.approx(limits, abs=1e-4)


def test_limits_of_a_proportion_are_wilsons():
    # stats::prop.test(c(81, 0, 29), c(263, 20, 29), correct=FALSE), each alone
    lower, upper = wilson_limits(np.array([81.0, 0, 29]), np.array([263.0, 20, 29]))

    assert lower == pytest.approx([0.2553, 0.0, 0.8830], abs=5e-5)
    assert upper == pytest.approx([0.3662, 0.1611, 1.0], abs=5e-5)


def test_one_study_pools_to_its_own_limits():
    table = TwoByTwo.of([("A", 5, 56, 0, 29)])
    lower, upper = newcombe_limits(table)
    found = pooled_newcombe_limits(table, np.ones(1))

    assert (found.lower, found.upper) == pytest.approx((lower[0], upper[0]))


def test_more_studies_pool_to_closer_limits():
    table = TwoByTwo.of([("A", 0, 56, 0, 29)] * 4)
    one = pooled_newcombe_limits(table.take([0]), np.ones(1))
    four = pooled_newcombe_limits(table, np.full(4, 0.25))

    assert four.upper == pytest.approx(one.upper / 2)
