"""An estimate with its test and limits, from a value and a standard error."""

from __future__ import annotations

import math

from analysis.distributions import quantile, two_sided_p
from analysis.results import Estimate


def estimate_of(value: float, se: float, *, level: float, df: float | None = None) -> Estimate:
    """Return the estimate with its test and limits; df None uses the normal distribution."""
    half = quantile(level, df) * se
    if se == 0.0:
        return _exact(value, df)
    statistic = value / se
    p = two_sided_p(statistic, df)
    return Estimate(value, se, statistic, df, p, value - half, value + half)


def _exact(value: float, df: float | None) -> Estimate:
    """Return the estimate whose standard error is 0: an infinite statistic, none for no effect."""
    if value == 0.0:
        return Estimate(value, 0.0, None, df, None, value, value)
    return Estimate(value, 0.0, math.copysign(math.inf, value), df, 0.0, value, value)
