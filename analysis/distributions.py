"""Quantiles and tail areas of the four distributions in use, without scipy.stats.

scipy.stats takes a second to import; scipy.special holds the same functions.
"""

from __future__ import annotations

import math
from functools import lru_cache

from scipy.special import chdtrc, chdtri, fdtrc, ndtr, ndtri, stdtr, stdtrit

from analysis.errors import InvalidOption


@lru_cache(maxsize=1024)
def quantile(level: float, df: float | None) -> float:
    """Return the two-sided critical value at this confidence level; df None is the normal."""
    check_level(level)
    upper = 0.5 + level / 2
    return float(ndtri(upper) if df is None else stdtrit(df, upper))


def two_sided_p(statistic: float, df: float | None) -> float:
    """Return the two-sided p value of a z (df None) or t statistic."""
    below = -abs(statistic)
    return 2.0 * float(ndtr(below) if df is None else stdtr(df, below))


def chi2_p(q: float, df: float) -> float:
    """Return P(χ² > q); 1 at 0 degrees of freedom, where there is nothing to test."""
    return float(chdtrc(df, q)) if df > 0 else 1.0


@lru_cache(maxsize=1024)
def chi2_quantile(upper_tail: float, df: float) -> float:
    """Return the value that χ² exceeds with this probability."""
    return float(chdtri(df, upper_tail))


def f_p(statistic: float, df_1: float, df_2: float) -> float:
    """Return P(F > statistic)."""
    return float(fdtrc(df_1, df_2, statistic)) if math.isfinite(statistic) else 0.0


def check_level(level: float) -> None:
    """Refuse a confidence level that is not a share between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise InvalidOption(f"confidence level {level}: expected a share between 0 and 1, as 0.95")
