"""The sums of Mantel and Haenszel over tables and over rates, and the tests that go with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.distributions import chi2_p
from analysis.effects import Cells
from analysis.errors import NotEstimable
from analysis.inputs import Floats


class RiskDifferenceVariance(StrEnum):
    """Variance of the Mantel-Haenszel risk difference."""

    GREENLAND_ROBINS = "greenland_robins"  # RevMan
    SATO = "sato"  # metafor


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """A pooled value on the analysis scale, its standard error, and weights as shares of 1."""

    value: float
    se: float
    weights: Floats


@dataclass(frozen=True, slots=True)
class TableTest:
    """A χ² test over tables; `tables` of them carried information."""

    statistic: float
    df: int
    p: float
    tables: int


def pooled_risk_ratio(x: Cells) -> Sums:
    """Pool log risk ratios; variance of Greenland & Robins 1985."""
    n = x.n_1 + x.n_2
    under = x.c * x.n_1 / n
    over = np.where(x.even, under, x.a * x.n_2 / n)
    r, s = _both_positive(over, under)
    p = float(np.sum((x.n_1 * x.n_2 * (x.a + x.c) - x.a * x.c * n) / n**2))
    return Sums(math.log(r / s), math.sqrt(max(p, 0.0) / (r * s)), under / s)


def pooled_odds_ratio(x: Cells) -> Sums:
    """Pool log odds ratios; variance of Robins, Breslow & Greenland 1986."""
    n = x.n_1 + x.n_2
    over, under = x.a * x.d / n, x.b * x.c / n
    r, s = _both_positive(over, under)
    p, q = (x.a + x.d) / n, (x.b + x.c) / n
    spread = p.dot(over) / r**2 + (p.dot(under) + q.dot(over)) / (r * s) + q.dot(under) / s**2
    return Sums(math.log(r / s), math.sqrt(float(spread) / 2), under / s)


def pooled_risk_difference(x: Cells, variance: RiskDifferenceVariance) -> Sums:
    """Pool risk differences; variance of Greenland & Robins 1985 or Sato 1989."""
    n = x.n_1 + x.n_2
    weights = x.n_1 * x.n_2 / n
    total = float(weights.sum())
    value = float(np.sum((x.a * x.n_2 - x.c * x.n_1) / n)) / total
    spread = (
        _sato(x, n, value)
        if variance is RiskDifferenceVariance.SATO
        else float(np.sum((x.a * x.b * x.n_2**2 / x.n_1 + x.c * x.d * x.n_1**2 / x.n_2) / n**2))
    )
    return Sums(value, math.sqrt(max(spread, 0.0)) / total, weights / total)


def _sato(x: Cells, n: Floats, value: float) -> float:
    share_1, share_2 = x.n_1 / n, x.n_2 / n
    p = x.c * share_1**2 - x.a * share_2**2 + share_1 * share_2 * (x.n_2 - x.n_1) / 2
    q = (x.a * x.d + x.c * x.b) / n / 2
    return float(value * p.sum() + q.sum())


def pooled_rate_ratio(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> Sums:
    """Pool log incidence rate ratios; variance of Greenland & Robins 1985."""
    t = t1 + t2
    over, under = x1 * t2 / t, x2 * t1 / t
    r, s = _both_positive(over, under)
    p = float(np.sum((t1 / t) * (t2 / t) * (x1 + x2)))
    return Sums(math.log(r / s), math.sqrt(p / (r * s)), under / s)


def pooled_rate_difference(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> Sums:
    """Pool incidence rate differences; variance of Greenland & Robins 1985."""
    weights = t1 * t2 / (t1 + t2)
    total = float(weights.sum())
    value = float(weights.dot(x1 / t1 - x2 / t2)) / total
    spread = float((weights**2).dot(x1 / t1**2 + x2 / t2**2))
    return Sums(value, math.sqrt(spread) / total, weights / total)


def _both_positive(over: Floats, under: Floats) -> tuple[float, float]:
    r, s = float(over.sum()), float(under.sum())
    if r == 0.0 or s == 0.0:
        raise NotEstimable(
            "the pooled ratio is 0, infinite or 0/0: all studies together lack events in an arm",
            studies=over.size,
        )
    return r, s


def cochran_mantel_haenszel(x: Cells, *, continuity: bool = True) -> TableTest:
    """Test conditional independence over all tables; `continuity` takes 0.5 off the difference.

    Raises NotEstimable where no table has both events and no events.
    Reference: metafor::rma.mh(measure="OR", correct=...)$MH.
    """
    n = x.n_1 + x.n_2
    events, no_events = x.a + x.c, x.b + x.d
    spread = (events / n) * (no_events / n) * (x.n_1 * x.n_2 / (n - 1))
    difference = float(np.sum(x.a - events * x.n_1 / n))
    return _one_degree(difference, spread, continuity=continuity)


def mantel_haenszel_rate_test(
    x1: Floats, t1: Floats, x2: Floats, t2: Floats, *, continuity: bool = True
) -> TableTest:
    """Test equality of two rates over all studies (metafor::rma.mh(measure="IRR")$MH)."""
    t, events = t1 + t2, x1 + x2
    difference = float(np.sum(x1 - events * t1 / t))
    return _one_degree(difference, events * (t1 / t) * (t2 / t), continuity=continuity)


def _one_degree(difference: float, spread: Floats, *, continuity: bool) -> TableTest:
    informative = int(np.count_nonzero(spread))
    if informative == 0:
        raise NotEstimable("no table has both events and no events", studies=0)
    off = 0.5 if continuity else 0.0
    statistic = (abs(difference) - off) ** 2 / float(spread.sum())
    return TableTest(statistic, 1, chi2_p(statistic, 1), informative)


def tarone(x: Cells, log_odds_ratio: float) -> TableTest:
    """Test homogeneity of odds ratios by Breslow and Day with Tarone's correction.

    Reference: metafor::rma.mh(measure="OR")$TA; $k.pos is `tables`.
    """
    events = x.a + x.c
    expected = _expected_events(x, events, math.exp(log_odds_ratio))
    informative = (events > 0) & (x.b + x.d > 0)
    a, e, c = x.a[informative], expected[informative], events[informative]
    n_1, n_2 = x.n_1[informative], x.n_2[informative]
    spread = 1 / (1 / e + 1 / (n_1 - e) + 1 / (c - e) + 1 / (n_2 - c + e))
    uncorrected = np.sum((a - e) ** 2 / spread)
    statistic = max(0.0, float(uncorrected - np.sum(a - e) ** 2 / spread.sum()))
    tables = int(informative.sum())
    return TableTest(statistic, tables - 1, chi2_p(statistic, tables - 1), tables)


def _expected_events(x: Cells, events: Floats, psi: float) -> Floats:
    """Return the events of arm 1 that this odds ratio and the margins imply."""
    if psi == 1.0:
        return np.asarray(x.n_1 * events / (x.n_1 + x.n_2))
    b = psi * (x.n_1 + events) + (x.n_2 - events)
    root = np.sqrt(np.maximum(0.0, b**2 - 4 * x.n_1 * events * psi * (psi - 1)))
    # The form without a difference of near-equal numbers, also good as psi nears 1.
    return np.asarray(2 * x.n_1 * events * psi / (b + root))
