"""The beta-binomial model for two-by-two tables: risks that vary between studies, arm by arm.

Uses every table, double-zero ones too, and adds nothing. It compares the arms across studies and
not within them, so randomisation within a study is not kept: a sensitivity analysis, not valid
where the arms' sizes or the studies' risks differ with the treatment, and unstable below about five
studies.
Source: Kuss 2015, Stat Med 34:1097-1116.
"""

from __future__ import annotations

import math
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


START_LOGIT_RHOS = (-6.0, -3.5, -1.4)
# Where no more than this is gained over rho = 0, the likelihood is flat there.
SMALLEST_GAIN = 1e-5
# Beyond this a correlation cannot be told from 0, or from 1, nor computed without loss.
LARGEST_LOGIT_RHO = 16.0
# The log likelihood is a difference of terms of a million, its slope is not: differences of the
# slope over this step are good to nine digits.
DIFFERENCE = 1e-4


def beta_binomial(tables: TwoByTwo, *, level: float = 0.95) -> BetaBinomial:
    """Fit a logit mean per arm and one correlation by maximum likelihood.

    Raises NotEstimable where an arm has no events, or only events, in all
    studies, or where every arm of every study is all or nothing.
    """
    counts = _Counts.of(tables)
    flat = maximise(counts.binomial, counts.start())
    found = [
        maximise(counts.log_likelihood, np.append(flat.point, rho), derivatives=counts.derivatives)
        for rho in START_LOGIT_RHOS
    ]
    best = max(found, key=lambda each: each.value)
    if best.value <= flat.value + SMALLEST_GAIN:
        return _result(flat, None, counts.coefficients, level)
    logit_rho = float(best.point[2])
    if logit_rho >= LARGEST_LOGIT_RHO - 1:
        raise NotEstimable("every arm has no events or only events: the correlation is 1")
    return _result(best, logit_rho, counts.coefficients, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Events of both arms of all studies in one column; `treated` is 1 for arm 1."""

    events: Floats
    total: Floats
    treated: Floats

    @classmethod
    def of(cls, tables: TwoByTwo) -> _Counts:
        events = np.concatenate([tables.events_1, tables.events_2])
        total = np.concatenate([tables.total_1, tables.total_2])
        studies = tables.events_1.size
        arms = events.reshape(2, studies).sum(axis=1), total.reshape(2, studies).sum(axis=1)
        if not ((arms[0] > 0) & (arms[0] < arms[1])).all():
            reason = "an arm has no events, or only events, in all studies together"
            raise NotEstimable(reason, studies=studies)
        return cls(events, total, np.repeat([1.0, 0.0], studies))

    @property
    def coefficients(self) -> float:
        """Return the logarithms of the binomial coefficients, which no parameter changes."""
        x, n = self.events, self.total
        return float((gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)).sum())

    def start(self) -> Floats:
        treated = float(logit(self.events.dot(self.treated) / self.total.dot(self.treated)))
        rest = 1 - self.treated
        control = float(logit(self.events.dot(rest) / self.total.dot(rest)))
        return np.array([control, treated - control])

    def binomial(self, at: Floats) -> float:
        eta = at[0] + at[1] * self.treated
        return float((self.events * eta - self.total * np.logaddexp(0.0, eta)).sum())

    def log_likelihood(self, at: Floats) -> float:
        mean, size = expit(at[0] + at[1] * self.treated), math.exp(-_inside(at[2]))
        alpha, beta = mean * size, (1 - mean) * size
        joint = betaln(self.events + alpha, self.total - self.events + beta)
        return float((joint - betaln(alpha, beta)).sum())

    def slope(self, at: Floats) -> Floats:
        """Return the derivatives in intercept, effect and logit rho."""
        mean, size = expit(at[0] + at[1] * self.treated), math.exp(-_inside(at[2]))
        alpha, beta = mean * size, (1 - mean) * size
        with_event = digamma(self.events + alpha) - digamma(alpha)
        without = digamma(self.total - self.events + beta) - digamma(beta)
        in_mean = size * (with_event - without) * mean * (1 - mean)
        in_size = mean * with_event + (1 - mean) * without
        in_size = in_size - digamma(self.total + size) + digamma(size)
        in_rho = -size * float(in_size.sum()) if _inside(at[2]) == at[2] else 0.0
        return np.array([in_mean.sum(), in_mean.dot(self.treated), in_rho])

    def derivatives(self, at: Floats) -> tuple[Floats, Floats]:
        columns = [
            (self.slope(at + unit) - self.slope(at - unit)) / (2 * DIFFERENCE)
            for unit in np.eye(3) * DIFFERENCE
        ]
        return self.slope(at), np.asarray((np.array(columns) + np.array(columns).T) / 2)


def _inside(logit_rho: float) -> float:
    """Return the nearest correlation that can be computed with; beyond, the likelihood is flat."""
    return min(max(float(logit_rho), -LARGEST_LOGIT_RHO), LARGEST_LOGIT_RHO)


def _result(
    fit: Maximum, logit_rho: float | None, coefficients: float, level: float
) -> BetaBinomial:
    variance = float(np.linalg.inv(-fit.curvature)[1, 1])
    if not variance > 0:
        raise NotConverged("the information at the maximum", 0)
    return BetaBinomial(
        float(fit.point[0]),
        estimate_of(float(fit.point[1]), math.sqrt(variance), level=level),
        0.0 if logit_rho is None else float(expit(logit_rho)),
        logit_rho,
        fit.value + coefficients,
    )
