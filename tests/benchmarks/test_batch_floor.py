"""The floor is only a floor while it is right on every row."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.effects import given_effects
from analysis.pooling import Interval, Model, inverse_variance
from tests.benchmarks.batch_floor import fit

HARTUNG_KNAPP = Model(interval=Interval.HARTUNG_KNAPP)


@pytest.mark.parametrize("widest", [0.6, 100.0])
def test_every_row_of_the_batch_is_the_fit_of_that_row(widest):
    random = np.random.default_rng(11)
    v = np.exp(random.uniform(np.log(1e-3), np.log(widest), (300, 6)))
    y = random.normal(0.2, np.sqrt(v + 0.1))

    batch = fit(y, v)

    for row in range(300):
        one = inverse_variance(given_effects(list("abcdef"), y[row], v[row]), HARTUNG_KNAPP)
        assert batch.tau2[row] == pytest.approx(one.tau2, rel=1e-8, abs=1e-9)
        assert batch.ci_lower[row] == pytest.approx(one.estimate.ci_lower, rel=1e-7, abs=1e-8)
