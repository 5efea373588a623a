from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import NotConverged
from analysis.roots import maximise, root


@settings(deadline=None)
@given(st.floats(-40, 40), st.floats(-5, 5))
def test_the_root_of_a_rising_function_is_found_to_its_last_digits(target, start):
    found = root(lambda x: math.sinh(x / 10) - math.sinh(target / 10), start)

    assert found == pytest.approx(target, abs=1e-9)


def test_a_function_without_a_root_has_none():
    with pytest.raises(NotConverged, match="bracket"):
        root(lambda x: 1.0 + math.atan(x) * 0.1, 0.0)


def test_the_maximum_of_a_likelihood_and_its_curvature_are_found():
    def log_likelihood(at):
        return float(-((at[0] - 1) ** 2) - 2 * (at[1] + 3) ** 2 + at[0] * at[1] / 2)

    found = maximise(log_likelihood, np.zeros(2))

    assert found.curvature == pytest.approx(np.array([[-2, 0.5], [0.5, -4]]), abs=1e-5)
    assert found.point == pytest.approx(np.linalg.solve([[2, -0.5], [-0.5, 4]], [2, -12]), abs=1e-4)


def test_a_start_at_the_bottom_of_a_valley_is_left_uphill():
    found = maximise(lambda at: float(at[0] ** 2 - at[0] ** 4), np.array([0.05]))

    assert abs(found.point[0]) == pytest.approx(math.sqrt(0.5), abs=1e-4)
