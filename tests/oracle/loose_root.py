"""A root found only as closely as R's uniroot finds it by default (tolerance eps^0.25, 1.2e-4).

stats::fisher.test stops there, so its odds ratio and limits are good to three or four digits, and a
reference made with it can be met beyond those only by stopping at the same place. The engine does
not stop there: this is Brent's method (1973) for the comparison alone, and only where the engine's
own root is one, so that R's never stands in for a wrong one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

EPS = sys.float_info.epsilon
TOLERANCE = EPS**0.25
# The engine settles the logarithm of a root to about 1e-12; a root this much off is a wrong one.
ROOT_WITHIN = 1e-9


def is_root(f: Callable[[float], float], found: float) -> bool:
    """Tell whether f passes through 0 within a billionth of what was found."""
    below, above = f(found * (1 - ROOT_WITHIN)), f(found * (1 + ROOT_WITHIN))
    return min(below, above) <= 0 <= max(below, above)


def loose_root(f: Callable[[float], float], lower: float, upper: float) -> float:
    """Return where Brent's method first has the root between two points that close together."""
    before, best = lower, upper
    f_before, f_best = f(before), f(best)
    other, f_other = before, f_before
    while True:
        last_step = best - before
        if abs(f_other) < abs(f_best):
            before, best, other = best, other, best
            f_before, f_best, f_other = f_best, f_other, f_best
        smallest = 2 * EPS * abs(best) + TOLERANCE / 2
        half = (other - best) / 2
        if abs(half) <= smallest or f_best == 0:
            return best
        step = half
        if abs(last_step) >= smallest and abs(f_before) > abs(f_best):
            step = _interpolated(
                (before, best, other), (f_before, f_best, f_other), last_step, smallest
            )
        if abs(step) < smallest:
            step = smallest if step > 0 else -smallest
        before, f_before = best, f_best
        best += step
        f_best = f(best)
        if (f_best > 0) == (f_other > 0) and f_best != 0:
            other, f_other = before, f_before


def _interpolated(
    points: tuple[float, float, float],
    values: tuple[float, float, float],
    last_step: float,
    smallest: float,
) -> float:
    """Return the secant or inverse quadratic step if it is short enough, half the way if not."""
    before, best, other = points
    f_before, f_best, f_other = values
    across = other - best
    if before == other:
        share = f_best / f_before
        p, q = across * share, 1 - share
    else:
        far, near, ratio = f_before / f_other, f_best / f_other, f_best / f_before
        p = ratio * (across * far * (far - near) - (best - before) * (near - 1))
        q = (far - 1) * (near - 1) * (ratio - 1)
    p, q = (p, -q) if p > 0 else (-p, q)
    if p < 0.75 * across * q - abs(smallest * q) / 2 and p < abs(last_step * q / 2):
        return p / q
    return across / 2
