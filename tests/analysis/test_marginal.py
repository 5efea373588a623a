from __future__ import annotations

import numpy as np
import pytest

from analysis.families import Binomial, Hypergeometric
from analysis.marginal import integrated, slopes_of_one_effect
from analysis.roots import differences

ROWS = np.array([[3.0, 20, 5, 22], [1, 15, 4, 16], [9, 40, 6, 38]])
TABLES = Hypergeometric.of(*ROWS.T)
GROUPS = Binomial(ROWS[:, :1], ROWS[:, 1:2], np.zeros((3, 1)))


@pytest.mark.parametrize("family", [TABLES, GROUPS], ids=["tables", "groups"])
@pytest.mark.parametrize("point", [(0.2, 0.7), (-0.8, 0.3), (0.0, 1.5)])
def test_derivatives_are_those_that_differences_give(family, point):
    def log_likelihood(at):
        fixed, loadings = np.full((3, 1), at[0]), np.array([[at[1]]])
        return float(integrated(family, fixed, loadings, 41).sum())

    at = np.array(point)
    slope, bend = slopes_of_one_effect(family, np.full((3, 1), point[0]), point[1], 41)
    near_slope, near_bend = differences(log_likelihood, at, log_likelihood(at))

    # Differences over 1e-3 are good to some millionths of what they are taken of.
    assert slope == pytest.approx(near_slope, rel=1e-5, abs=1e-5)
    assert bend == pytest.approx(near_bend, rel=1e-4, abs=1e-3)


def test_tables_worked_on_together_are_what_each_is_alone():
    together = TABLES.terms(np.zeros((3, 1, 2)))

    for at, row in enumerate(ROWS):
        alone = Hypergeometric.of(*row[:, None]).terms(np.zeros((1, 1, 2)))
        assert together.log_likelihood[at] == pytest.approx(alone.log_likelihood[0])
        assert together.information[at] == pytest.approx(alone.information[0])
