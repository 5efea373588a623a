"""Time 10,000 REML + Hartung-Knapp fits at k = 10 in one call, against a hand-written batch.

`python -m tests.benchmarks.batches` prints the engine's and the floor's best time in seconds,
as JSON, once both agree on every fit.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from analysis.batch import fit_batch
from analysis.pooling import Interval, Model
from tests.benchmarks.batch_floor import fit
from tests.benchmarks.fits import best_time

FITS, STUDIES = 10_000, 10
HARTUNG_KNAPP = Model(interval=Interval.HARTUNG_KNAPP)


def main() -> None:
    random = np.random.default_rng(20260801)
    v = random.uniform(0.01, 0.6, (FITS, STUDIES))
    y = random.normal(0.2, np.sqrt(v + random.choice([0.0, 0.05, 0.3], (FITS, 1))))
    ours, floor = fit_batch(y, v, HARTUNG_KNAPP), fit(y, v)
    np.testing.assert_allclose(ours.tau2, floor.tau2, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.ci_upper, floor.ci_upper, rtol=1e-7, atol=1e-9)
    times = [best_time(lambda: fit_batch(y, v, HARTUNG_KNAPP)), best_time(lambda: fit(y, v))]
    json.dump(times, sys.stdout)


if __name__ == "__main__":
    main()
