"""Time one REML + Hartung-Knapp fit with its full result, in whichever environment runs this file.

`python -P fits.py WHO`, with [[effects, variances], ...] as JSON on the standard input, prints
the best time in seconds for each data set. It imports nothing of the project at the top, so
that the environment of the peers can run it.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Fit = Callable[[], object]
ROUNDS = 7
LONGEST_S = 0.15  # of one round


def ours(effects: Any, variances: Any) -> Fit:
    given = importlib.import_module("analysis.effects").given_effects
    pooling = importlib.import_module("analysis.pooling")
    reml = importlib.import_module("analysis.tau2").Tau2Method.REML
    studies = given([str(at) for at in range(len(effects))], effects, variances)
    model = pooling.Model(reml, pooling.Interval.HARTUNG_KNAPP)
    return lambda: pooling.inverse_variance(studies, model)


def pymare(effects: Any, variances: Any) -> Fit:
    peer = importlib.import_module("pymare")
    likelihood = importlib.import_module("pymare.estimators").VarianceBasedLikelihoodEstimator

    def fit() -> object:
        data = peer.Dataset(y=effects, v=variances, X=np.ones((len(effects), 1)), X_names=["b"])
        found = likelihood(method="REML").fit_dataset(data).summary()
        return found.get_fe_stats(), found.get_re_stats(), found.get_heterogeneity_stats()

    return fit


def statsmodels(effects: Any, variances: Any) -> Fit:
    combine = importlib.import_module("statsmodels.stats.meta_analysis").combine_effects
    return lambda: combine(effects, variances, method_re="iterated", use_t=True).conf_int()


FITTERS = {"ours": ours, "pymare": pymare, "statsmodels": statsmodels}


def best_time(fit: Fit) -> float:
    """Return the shortest time of one call, over rounds long enough to time."""
    fit()
    started = time.perf_counter()
    fit()
    calls = max(1, int(LONGEST_S / max(time.perf_counter() - started, 1e-6)))
    return min(_round(fit, calls) for _ in range(ROUNDS))


def _round(fit: Fit, calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        fit()
    return (time.perf_counter() - started) / calls


def main(who: str) -> None:
    times = []
    for effects, variances in json.load(sys.stdin):
        times.append(best_time(FITTERS[who](np.array(effects), np.array(variances))))
    json.dump(times, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
