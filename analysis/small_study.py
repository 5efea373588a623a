"""Whether small studies show other effects than large ones: three tests.

None of them is worth doing on a handful of studies. Every result says in `enough` whether there
are the ten that the Cochrane Handbook (13.3.5.4) asks for; below three there is a typed refusal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.distributions import two_sided_p
from analysis.effects import UNCHANGED, odds_ratio
from analysis.errors import InsufficientStudies
from analysis.inputs import Floats, TwoByTwo
from analysis.linear import Regression, regression
from analysis.pooling import (
    Interval,
    Model,
    check_poolable,
    estimate_of,
)
from analysis.regression import design, meta_regression, numeric
from analysis.results import Estimate, StudyEffects
from analysis.tau2 import Tau2Method

FEWEST = 3  # a line takes two studies; only from three on is there anything to test it with
ADVISED = 10  # Cochrane Handbook 13.3.5.4


class Predictor(StrEnum):
    """What stands for the size of a study; names are metafor's."""

    STANDARD_ERROR = "sei"
    VARIANCE = "vi"


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """A regression of effects on the size of the studies.

    slope:     its test is the test for asymmetry
    intercept: the effect of an infinitely large study
    enough:    whether there are the ten studies that the Handbook asks for
    """

    slope: Estimate
    intercept: Estimate
    studies: int
    enough: bool


def egger(
    studies: StudyEffects,
    *,
    predictor: Predictor = Predictor.STANDARD_ERROR,
    level: float = 0.95,
) -> RegressionTest:
    """Regress effects on their standard errors, weighted, with multiplicative dispersion.

    Source: Egger 1997, BMJ 315:629-634. Reference: metafor::regtest(model="lm").
    """
    x = _predictor(studies, predictor)
    return _weighted_regression(studies.effects, 1.0 / studies.variances, x, level)


def mixed_effects_test(
    studies: StudyEffects,
    *,
    predictor: Predictor = Predictor.STANDARD_ERROR,
    tau2: Tau2Method | None = Tau2Method.REML,
    level: float = 0.95,
) -> RegressionTest:
    """Regress effects on their standard errors with additive heterogeneity and normal limits.

    Reference: metafor::regtest(model="rma").
    """
    x = _predictor(studies, predictor)
    model = Model(tau2, Interval.NORMAL, level)
    fit = meta_regression(studies, design(numeric(predictor.value, x.tolist())), model)
    k = len(studies)
    return RegressionTest(fit.coefficients[1], fit.coefficients[0], k, k >= ADVISED)


def peters(tables: TwoByTwo, *, level: float = 0.95) -> RegressionTest:
    """Regress log odds ratios on 1/n, weighted by the inverse of 1/events + 1/no events.

    Unlike Egger's test it is not upset by the link between a log odds ratio and
    its standard error. Studies with a zero cell have no odds ratio and are left out.
    Source: Peters 2006, JAMA 295:676-680.
    """
    studies = odds_ratio(tables, UNCHANGED)
    rows = list(studies.rows)
    events = (tables.events_1 + tables.events_2)[rows]
    total = (tables.total_1 + tables.total_2)[rows]
    require_enough(studies)
    w = 1.0 / (1.0 / events + 1.0 / (total - events))
    return _weighted_regression(studies.effects, w, 1.0 / total, level)


def _weighted_regression(y: Floats, w: Floats, x: Floats, level: float) -> RegressionTest:
    linear = _line(y, 1.0 / w, x)
    df = linear.k - 2
    covariance = linear.q(0.0) / df * linear.covariance(0.0)
    intercept, slope = (
        estimate_of(float(value), math.sqrt(float(variance)), level=level, df=df)
        for value, variance in zip(linear.coefficients(0.0), np.diag(covariance), strict=True)
    )
    return RegressionTest(slope, intercept, linear.k, linear.k >= ADVISED)


def _line(y: Floats, v: Floats, x: Floats) -> Regression:
    matrix = np.column_stack([np.ones(x.size), x])
    return regression(y, v, matrix, ("intercept", "size of the study"))


def _predictor(studies: StudyEffects, predictor: Predictor) -> Floats:
    require_enough(studies)
    if predictor is Predictor.VARIANCE:
        return studies.variances
    return np.sqrt(studies.variances)


def require_enough(studies: StudyEffects) -> None:
    check_poolable(studies)
    if len(studies) < FEWEST:
        raise InsufficientStudies(needed=FEWEST, found=len(studies))


@dataclass(frozen=True, slots=True)
class RankTest:
    """Kendall's tau-b between standardised effects and variances."""

    tau: float
    p: float
    studies: int
    enough: bool


def rank_test(studies: StudyEffects, *, exact: bool = False) -> RankTest:
    """Test whether effects go with variances, by ranks.

    exact: the exact distribution of Kendall's statistic, which needs effects
           and variances without ties; the normal approximation is used otherwise
    Source: Begg & Mazumdar 1994, Biometrics 50:1088-1101. Reference: metafor::ranktest.
    """
    require_enough(studies)
    tau, p = _kendall(_standardised(studies), studies.variances, exact=exact)
    k = len(studies)
    return RankTest(tau, p, k, k >= ADVISED)


def _standardised(studies: StudyEffects) -> Floats:
    """Return (y - mean)/√(v - 1/Σw), measured from the most precise study so as not to cancel."""
    w = 1.0 / studies.variances
    best, total = int(w.argmax()), w.sum()
    rest = total - w
    rest[best] = np.delete(w, best).sum()
    from_best = studies.effects - studies.effects[best]
    centred = from_best - w.dot(from_best) / total
    return np.asarray(centred / np.sqrt(studies.variances * rest / total))


def _kendall(x: Floats, y: Floats, *, exact: bool) -> tuple[float, float]:
    n = x.size
    upper = np.triu_indices(n, 1)
    s = float(np.sum(np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))) / 2)
    tied_x, tied_y = _ties(x), _ties(y)
    pairs = float(upper[0].size)
    untied = (pairs - np.sum(tied_x * (tied_x - 1)) / 2) * (
        pairs - np.sum(tied_y * (tied_y - 1)) / 2
    )
    if untied == 0:
        return 0.0, 1.0
    tau = s / math.sqrt(float(untied))
    if exact and tied_x.size == 0 and tied_y.size == 0:
        return tau, _exact_kendall_p(n, s)
    return tau, two_sided_p(s / math.sqrt(_kendall_variance(n, tied_x, tied_y)), None)


def _ties(values: Floats) -> Floats:
    _, counts = np.unique(values, return_counts=True)
    return np.asarray(counts[counts > 1], dtype=np.float64)


def _kendall_variance(n: int, t: Floats, u: Floats) -> float:
    """Return the variance of Kendall's S with ties (Kendall 1970, Rank Correlation Methods)."""
    base = n * (n - 1.0) * (2 * n + 5)
    base -= float(np.sum(t * (t - 1) * (2 * t + 5)) + np.sum(u * (u - 1) * (2 * u + 5)))
    pairs = float(np.sum(t * (t - 1)) * np.sum(u * (u - 1)))
    triples = float(np.sum(t * (t - 1) * (t - 2)) * np.sum(u * (u - 1) * (u - 2)))
    return base / 18 + pairs / (2 * n * (n - 1)) + triples / (9 * n * (n - 1) * max(n - 2, 1))


def _exact_kendall_p(n: int, s: float) -> float:
    """Return the two-sided p of S among all orders of n values, each equally likely."""
    counts = np.array([1.0])
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.full(size, 1.0 / size))
    discordant = (n * (n - 1) / 2 - s) / 2
    below = float(counts[: int(round(discordant)) + 1].sum())
    above = float(counts[int(round(discordant)) :].sum())
    return min(1.0, 2 * min(below, above))
