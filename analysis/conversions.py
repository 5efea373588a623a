"""From what a report prints to what a pooling needs: standard deviations, means, standard errors.

Each result names its method, and says in `estimated` whether it is an algebraic identity or an
estimate that rests on a distribution; the second kind belongs in a sensitivity analysis.
Formulas: Cochrane Handbook 6.3 to 6.5 unless the docstring names a paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis.distributions import quantile
from analysis.effects import given_effects
from analysis.errors import InvalidInput, NotEstimable
from analysis.inputs import Floats, as_column, refuse
from analysis.results import Measure, Scale, StudyEffects


@dataclass(frozen=True, slots=True)
class Converted:
    """A value that was not printed, and how it was had."""

    value: float
    method: str
    estimated: bool = False


def sd_from_se(se: float, n: float) -> Converted:
    """Return the standard deviation of a group from the standard error of its mean."""
    _above(se, "standard error", 0.0)
    return Converted(se * math.sqrt(_above(n, "participants", 1.0)), "SE × √n")


def sd_from_ci(lower: float, upper: float, n: float, *, level: float = 0.95) -> Converted:
    """Return the standard deviation of a group from the t interval of its mean."""
    width = _above(upper - lower, "width of the interval", 0.0)
    df = _above(n, "participants", 1.0) - 1
    return Converted(math.sqrt(n) * width / (2 * quantile(level, df)), "t interval of one mean")


def sd_from_difference_se(se: float, n_1: float, n_2: float) -> Converted:
    """Return the common standard deviation from the standard error of a difference of means."""
    _above(se, "standard error", 0.0)
    _above(min(n_1, n_2), "participants", 0.0)
    return Converted(se / math.sqrt(1 / n_1 + 1 / n_2), "SE of a difference")


def sd_from_difference_ci(
    lower: float, upper: float, n_1: float, n_2: float, *, level: float = 0.95
) -> Converted:
    """Return the common standard deviation from the t interval of a difference of means."""
    width = _above(upper - lower, "width of the interval", 0.0)
    se = width / (2 * quantile(level, _above(n_1 + n_2 - 2, "degrees of freedom", 0.0)))
    return Converted(sd_from_difference_se(se, n_1, n_2).value, "t interval of a difference")


def sd_from_t(difference: float, t: float, n_1: float, n_2: float) -> Converted:
    """Return the common standard deviation from a difference of means and its t statistic."""
    if difference == 0.0 or t == 0.0:
        raise NotEstimable("a difference or a t of 0 says nothing about the spread")
    sd = sd_from_difference_se(abs(difference / t), n_1, n_2).value
    return Converted(sd, "t of a difference")


def sd_from_p(difference: float, p: float, n_1: float, n_2: float) -> Converted:
    """Return the common standard deviation from a difference and its exact two-sided t-test p."""
    if not 0.0 < p < 1.0:
        raise InvalidInput("p", f"{p:g}", "an exact p value between 0 and 1")
    df = _above(n_1 + n_2 - 2, "degrees of freedom", 0.0)
    t = -float(stdtrit(df, p / 2))
    return Converted(sd_from_t(difference, t, n_1, n_2).value, "p of a difference")


def effects_from_limits(
    labels: Sequence[str],
    estimate: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    measure: Measure = Measure.GENERIC,
    *,
    level: float = 0.95,
) -> StudyEffects:
    """Take estimates with normal limits as printed: ratios as ratios, their logs are taken here."""
    names = tuple(labels)
    value, low, high = (
        _on_scale(names, name, values, measure)
        for name, values in (("estimate", estimate), ("lower limit", lower), ("upper limit", upper))
    )
    refuse(names, "limits", high - low, ~(low < high), "a lower limit below the upper one")
    outside = ~((low <= value) & (value <= high))
    refuse(names, "estimate", np.asarray(estimate, float), outside, "a value between its limits")
    errors = (high - low) / (2 * quantile(level, None))
    return given_effects(names, value, errors**2, measure)


def effects_from_p(
    labels: Sequence[str],
    estimate: Sequence[float],
    p: Sequence[float],
    measure: Measure = Measure.GENERIC,
) -> StudyEffects:
    """Take estimates as printed with exact two-sided p values of a normal test of no effect."""
    names = tuple(labels)
    value = _on_scale(names, "estimate", estimate, measure)
    tails = as_column("p", p, names)
    refuse(names, "p", tails, ~((tails > 0) & (tails < 1)), "an exact p value between 0 and 1")
    refuse(names, "estimate", value, value == 0, "an effect: no effect has no standard error")
    return given_effects(names, value, (value / ndtri(tails / 2)) ** 2, measure)


def effects_from_standard_errors(
    labels: Sequence[str],
    estimate: Sequence[float],
    se: Sequence[float],
    measure: Measure = Measure.GENERIC,
) -> StudyEffects:
    """Take estimates and standard errors that are on the analysis scale already."""
    names = tuple(labels)
    errors = as_column("standard error", se, names)
    refuse(names, "standard error", errors, errors <= 0, "a standard error above 0")
    return given_effects(names, estimate, errors**2, measure)


def _on_scale(
    names: tuple[str, ...], what: str, values: Sequence[float], measure: Measure
) -> Floats:
    column = as_column(what, values, names)
    if measure.scale is not Scale.LOG:
        return column
    refuse(names, what, column, column <= 0, "a ratio above 0")
    return np.asarray(np.log(column))


def _above(value: float, what: str, least: float) -> float:
    if not least < value < math.inf:
        raise InvalidInput(what, f"{value:g}", f"a number above {least:g}")
    return value


@dataclass(frozen=True, slots=True)
class Quantiles:
    """What a report prints in place of a mean: a median with quartiles, a range, or both."""

    n: int
    median: float
    quartiles: tuple[float, float] | None = None
    range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        _above(self.n, "participants", 2)
        if self.quartiles is None and self.range is None:
            raise InvalidInput("median", "a median alone", "quartiles, a range, or both")
        values = self.listed
        if list(values) != sorted(values) or not all(map(math.isfinite, values)):
            raise InvalidInput("quantiles", str(values), "numbers in ascending order")

    @property
    def listed(self) -> tuple[float, ...]:
        """Return the quantiles in ascending order."""
        inner: tuple[float, ...] = (self.median,)
        if self.quartiles is not None:
            inner = (self.quartiles[0], self.median, self.quartiles[1])
        return inner if self.range is None else (self.range[0], *inner, self.range[1])

    def mapped(self, f: Callable[[float], float]) -> Quantiles:
        """Return the quantiles on another scale."""
        quartiles = self.quartiles and (f(self.quartiles[0]), f(self.quartiles[1]))
        span = self.range and (f(self.range[0]), f(self.range[1]))
        return Quantiles(self.n, f(self.median), quartiles, span)


@dataclass(frozen=True, slots=True)
class EstimatedMean:
    """A mean and standard deviation that were estimated from quantiles, never reported."""

    mean: float
    sd: float
    method: str
    estimated: bool = True
    caution: str | None = None


def mean_by_luo_wan(found: Quantiles) -> EstimatedMean:
    """Estimate the mean by Luo and the standard deviation by Wan, both for normal data.

    Sources: Luo 2018, Stat Methods Med Res 27:1785-1805; Wan 2014, BMC Med Res Methodol 14:135.
    """
    return EstimatedMean(_luo(found), _wan(found), "Luo 2018, Wan 2014")


def _luo(found: Quantiles) -> float:
    n, m = found.n, found.median
    if found.range is None:
        assert found.quartiles is not None
        w = 0.7 + 0.39 / n
        return w * sum(found.quartiles) / 2 + (1 - w) * m
    if found.quartiles is None:
        w = 4 / (4 + n**0.75)
        return float(w * sum(found.range) / 2 + (1 - w) * m)
    ends, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    outside, inside = sum(found.range) / 2, sum(found.quartiles) / 2
    return float(ends * outside + inner * inside + (1 - ends - inner) * m)


def _wan(found: Quantiles) -> float:
    n, parts = found.n, list[float]()
    if found.range is not None:
        unit = 2 * float(ndtri((n - 0.375) / (n + 0.25)))
        parts.append((found.range[1] - found.range[0]) / unit)
    if found.quartiles is not None:
        unit = 2 * float(ndtri((0.75 * n - 0.125) / (n + 0.25)))
        parts.append((found.quartiles[1] - found.quartiles[0]) / unit)
    return _above(sum(parts) / len(parts), "spread of the quantiles", 0.0)


def mean_by_mcgrath(found: Quantiles) -> EstimatedMean:
    """Estimate mean and standard deviation of skewed positive data by a Box-Cox transformation.

    The power from 0 (the logarithm) to 3 that makes the quantiles most symmetric
    is found, Luo and Wan are applied on that scale, and mean and spread are
    brought back by integrating over the fitted distribution.
    Raises InvalidInput where a quantile is not above 0.
    Source: McGrath 2020, Stat Methods Med Res 29:2520-2537 (the Box-Cox method).
    """
    if min(found.listed) <= 0:
        raise InvalidInput("quantiles", f"{min(found.listed):g}", "values above 0")
    power = _most_symmetric_power(found)
    transformed = found.mapped(lambda value: _box_cox(value, power))
    centre, spread = _luo(transformed), _wan(transformed)
    values = _from_box_cox(centre + spread * ndtri(_MIDPOINTS), power)
    if values.size < _MIDPOINTS.size / 2:
        raise NotEstimable("the transformed distribution lies mostly outside the positive numbers")
    mean, sd = float(values.mean()), float(values.std())
    outside = found.quartiles is not None and mean > found.quartiles[1]
    caution = "the mean is above the third quartile: the data are very skewed" if outside else None
    return EstimatedMean(mean, sd, f"McGrath 2020, Box-Cox power {power:.2f}", caution=caution)


# From the logarithm on: below it the fitted distribution may have no mean.
_POWERS = (0.0, 3.0)
# Probabilities over which a distribution is integrated: enough for four digits of a mean.
_MIDPOINTS = (np.arange(4000) + 0.5) / 4000
_GOLDEN = (math.sqrt(5) - 1) / 2


def _box_cox(value: float, power: float) -> float:
    return math.log(value) if abs(power) < 1e-9 else math.expm1(power * math.log(value)) / power


def _from_box_cox(values: Floats, power: float) -> Floats:
    if abs(power) < 1e-9:
        return np.asarray(np.exp(values))
    inside = 1 + power * values
    return np.asarray(np.exp(np.log(inside[inside > 0]) / power))


def _most_symmetric_power(found: Quantiles) -> float:
    """Return the power in a sensible range with the least asymmetry, by golden section."""
    low, high = _POWERS
    while high - low > 1e-8:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _asymmetry(found, left) < _asymmetry(found, right):
            high = right
        else:
            low = left
    return (low + high) / 2


def _asymmetry(found: Quantiles, power: float) -> float:
    """Return how far the distances above the median are from those below, as ratios.

    As the paper and its program have it. Where two quantiles coincide there is no ratio, and their
    difference stands in its place.
    """
    middle, total = _box_cox(1.0, power), 0.0
    for low, high in (pair for pair in (found.quartiles, found.range) if pair is not None):
        above = _box_cox(high / found.median, power) - middle
        below = middle - _box_cox(low / found.median, power)
        total += (above / below - 1) ** 2 if below > 0 else (above - below) ** 2
    return total
