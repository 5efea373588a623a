"""The beta-binomial model for two-by-two tables: risks that vary between studies, arm by arm.

Uses every table, double-zero ones too, and adds nothing. It compares the arms across studies and
not within them, so randomisation within a study is not kept: a sensitivity analysis, not valid
where the arms' sizes or the studies' risks differ with the treatment, and unstable below about five
studies.
Source: Kuss 2015, Stat Med 34:1097-1116.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, logit

from analysis.errors import NotConverged, NotEstimable
from analysis.inputs import Floats, TwoByTwo
from analysis.pooling import estimate_of
from analysis.results import Estimate
from analysis.roots import Maximum, maximise


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """The log odds ratio of arm 1 against arm 2 and how far risks vary between studies.

    intercept:      log odds of the mean risk in arm 2
    rho:            intra-class correlation; 0 where the studies vary no more than
                    chance, and then the fit is a logistic regression
    logit_rho:      None where rho is 0
    log_likelihood: with the binomial coefficients
    """

    intercept: float
    estimate: Estimate
    rho: float
    logit_rho: float | None
    log_likelihood: float


START_RHOS = (0.003, 0.03, 0.2)
# Where no more than this is gained over rho = 0, the likelihood is flat there.
SMALLEST_GAIN = 1e-6
# Below this the beta-binomial cannot be told from the binomial, nor computed without loss.
SMALLEST_LOGIT_RHO = -16.0


def beta_binomial(tables: TwoByTwo, *, level: float = 0.95) -> BetaBinomial:
    """Fit a logit mean per arm and one correlation by maximum likelihood.

    Raises NotEstimable where an arm has no events, or only events, in all studies.
    """
    events = np.concatenate([tables.events_1, tables.events_2])
    total = np.concatenate([tables.total_1, tables.total_2])
    arm_1 = np.arange(events.size) < tables.events_1.size
    for here in (arm_1, ~arm_1):
        if not 0 < events[here].sum() < total[here].sum():
            raise NotEstimable(
                "an arm has no events, or only events, in all studies together",
                studies=tables.events_1.size,
            )
    coefficients = float(
        (gammaln(total + 1) - gammaln(events + 1) - gammaln(total - events + 1)).sum()
    )
    treated = arm_1.astype(np.float64)

    def with_rho(at: Floats) -> float:
        if at[2] < SMALLEST_LOGIT_RHO or at[2] > -SMALLEST_LOGIT_RHO:
            return -math.inf
        return _beta_log_likelihood(events, total, expit(at[0] + at[1] * treated), at[2])

    def without(at: Floats) -> float:
        eta = at[0] + at[1] * treated
        return float((events * eta - total * np.logaddexp(0.0, eta)).sum())

    control = float(logit((events[~arm_1].sum()) / total[~arm_1].sum()))
    treatment = float(logit(events[arm_1].sum() / total[arm_1].sum()))
    flat = maximise(without, np.array([control, treatment - control]))
    best = _best(with_rho, flat)
    if best is None:
        return _result(flat, 0.0, None, coefficients, level)
    best = Maximum(best.point, best.value, _curvature(events, total, treated, best.point))
    logit_rho = float(best.point[2])
    return _result(best, float(expit(logit_rho)), logit_rho, coefficients, level)


def _beta_log_likelihood(events: Floats, total: Floats, mean: Floats, logit_rho: float) -> float:
    size = math.exp(-logit_rho)
    alpha, beta = mean * size, (1 - mean) * size
    return float((betaln(events + alpha, total - events + beta) - betaln(alpha, beta)).sum())


def _slope(events: Floats, total: Floats, treated: Floats, at: Floats) -> Floats:
    """Return the derivatives of the log likelihood in intercept, effect and logit rho."""
    mean, size = expit(at[0] + at[1] * treated), math.exp(-at[2])
    with_event = digamma(events + mean * size) - digamma(mean * size)
    without = digamma(total - events + (1 - mean) * size) - digamma((1 - mean) * size)
    in_mean = size * (with_event - without) * mean * (1 - mean)
    in_size = mean * with_event + (1 - mean) * without - digamma(total + size) + digamma(size)
    return np.array([in_mean.sum(), in_mean.dot(treated), -size * in_size.sum()])


# The log likelihood is a difference of terms of a million, its slope is not: differences of the
# slope over this step are good to nine digits.
DIFFERENCE = 1e-4


def _curvature(events: Floats, total: Floats, treated: Floats, at: Floats) -> Floats:
    columns = [
        (_slope(events, total, treated, at + unit) - _slope(events, total, treated, at - unit))
        / (2 * DIFFERENCE)
        for unit in np.eye(3) * DIFFERENCE
    ]
    return np.asarray((np.array(columns) + np.array(columns).T) / 2)


def _best(with_rho: Callable[[Floats], float], flat: Maximum) -> Maximum | None:
    """Return the best fit with a correlation above 0, None where none is better than without."""
    found = [maximise(with_rho, np.append(flat.point, logit(rho))) for rho in START_RHOS]
    above = [each for each in found if each.value > flat.value + SMALLEST_GAIN]
    return max(above, key=lambda each: each.value) if above else None


def _result(
    fit: Maximum, rho: float, logit_rho: float | None, coefficients: float, level: float
) -> BetaBinomial:
    variance = float(np.linalg.inv(-fit.curvature)[1, 1])
    if not variance > 0:
        raise NotConverged("the information at the maximum", 0)
    estimate = estimate_of(float(fit.point[1]), math.sqrt(variance), level=level)
    return BetaBinomial(float(fit.point[0]), estimate, rho, logit_rho, fit.value + coefficients)
