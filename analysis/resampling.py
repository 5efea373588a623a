"""Bootstrap and permutation of a pooled effect, all resampled data sets in one call.

Both need many studies to say anything: with k studies there are 2^k ways to flip signs, so that no
permutation p value can be below 2^(1 - k), 0.25 at three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.batch import fit_batch
from analysis.errors import InsufficientStudies, InvalidInput
from analysis.pooling import Model, check_poolable, inverse_variance
from analysis.results import Limits, StudyEffects

# Below five studies a resample is often one study several times.
FEWEST_FOR_BOOTSTRAP = 5
FEWEST_TIMES = 100


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Percentile limits of the pooled effect and of tau2."""

    estimate: Limits
    tau2: Limits
    times: int


def bootstrap(
    studies: StudyEffects,
    model: Model,
    random: np.random.Generator,
    *,
    times: int = 10_000,
) -> Bootstrap:
    """Draw the studies with replacement, pool each draw, and return percentile limits.

    Raises InsufficientStudies below five studies.
    """
    check_poolable(studies)
    if len(studies) < FEWEST_FOR_BOOTSTRAP:
        raise InsufficientStudies(needed=FEWEST_FOR_BOOTSTRAP, found=len(studies))
    _check_times(times)
    drawn = random.integers(0, len(studies), size=(times, len(studies)))
    fits = fit_batch(studies.effects[drawn], studies.variances[drawn], model)
    tails = [(1 - model.level) / 2, (1 + model.level) / 2]
    estimate, tau2 = np.quantile(fits.estimate, tails), np.quantile(fits.tau2, tails)
    return Bootstrap(Limits(*estimate.tolist()), Limits(*tau2.tolist()), times)


# Up to this many studies all flips are gone through, and the p value is exact.
MOST_FOR_ALL_FLIPS = 12


def permutation_p(
    studies: StudyEffects,
    model: Model,
    random: np.random.Generator,
    *,
    times: int = 10_000,
) -> float:
    """Return the two-sided p of no effect from flipping the signs of the studies' effects.

    All flips up to twelve studies, random ones above (with the observed one counted in).
    Source: Follmann & Proschan 1999, Biometrics 55:732-737.
    """
    check_poolable(studies)
    k = len(studies)
    if k < 2:
        raise InsufficientStudies(needed=2, found=k)
    observed = _size(inverse_variance(studies, model).estimate.statistic)
    if k <= MOST_FOR_ALL_FLIPS:
        flipped = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
        signs = np.where(flipped, -1.0, 1.0)
    else:
        _check_times(times)
        signs = random.choice([-1.0, 1.0], size=(times, k))
        signs[0] = 1.0
    fits = fit_batch(signs * studies.effects, studies.variances, model)
    with np.errstate(divide="ignore"):
        sizes = np.where(fits.estimate == 0, 0.0, np.abs(fits.estimate) / fits.se)
    # Flips that mirror each other differ in the last digits only.
    return float(np.mean(sizes >= observed * (1 - 1e-9)))


def _size(statistic: float | None) -> float:
    return 0.0 if statistic is None else abs(statistic)


def _check_times(times: int) -> None:
    if times < FEWEST_TIMES:
        raise InvalidInput("times", str(times), f"at least {FEWEST_TIMES}")
