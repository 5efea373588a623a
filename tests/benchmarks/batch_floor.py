"""A hand-written NumPy batch of REML + Hartung-Knapp fits: the floor that the engine is held to.

One data set a row. It finds every sign change of every score on a grid, narrows them all
together by guarded Newton steps, and takes the highest likelihood: it is right on every row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Table = NDArray[np.float64]

POINTS_PER_EFOLD = 4
STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """One number for each row of the batch."""

    tau2: Table
    estimate: Table
    se: Table
    ci_lower: Table
    ci_upper: Table


def fit(y: Table, v: Table, *, level: float = 0.95) -> Fits:
    """Fit every row of y with its variances v (B × k each)."""
    k = y.shape[1]
    tau2 = _reml(y - y.mean(axis=1, keepdims=True), v)
    return _hartung_knapp(y, v, tau2, k, level)


def _hartung_knapp(y: Table, v: Table, tau2: Table, k: int, level: float) -> Fits:
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    mean = np.einsum("bk,bk->b", w, y) / total
    residuals = y - mean[:, None]
    q = np.einsum("bk,bk,bk->b", w, residuals, residuals)
    se = np.sqrt(q / (k - 1) / total)
    half = stdtrit(k - 1, 0.5 + level / 2) * se
    return Fits(tau2, mean, se, mean - half, mean + half)


def _reml(y: Table, v: Table) -> Table:
    smallest, largest = v.min(axis=1), v.max(axis=1)
    spread = np.einsum("bk,bk->b", y, y) / (y.shape[1] - 1)
    bound = 0.5 * (spread + np.sqrt(spread * (spread + 4 * (largest - smallest))))
    efolds = np.log(np.maximum(bound / smallest, 1.0))
    points = 3 + int(np.ceil(POINTS_PER_EFOLD * efolds.max()))
    step = efolds * 1.0001 / (points - 1) + 1e-9
    grid = smallest[:, None] * np.expm1(step[:, None] * np.arange(points))
    scores = np.stack([_score(y, v, grid[:, at])[0] for at in range(points)], axis=1)
    rows, at = np.nonzero((scores[:, :-1] > 0) & (scores[:, 1:] <= 0))
    found = _narrow(y[rows], v[rows], grid[rows, at], grid[rows, at + 1])
    best, height = np.zeros(len(y)), np.full(len(y), -np.inf)
    flat = scores[:, 0] <= 0
    height[flat] = _likelihood(y[flat], v[flat], best[flat])
    for turn in range(1 + int(np.bincount(rows, minlength=1).max(initial=0))):
        first = np.flatnonzero(_occurrence(rows) == turn)
        values = _likelihood(y[rows[first]], v[rows[first]], found[first])
        better = first[values > height[rows[first]]]
        best[rows[better]] = found[better]
        height[rows[first]] = np.maximum(height[rows[first]], values)
    return best


def _occurrence(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how often each row was met before, rows being sorted."""
    starts = np.searchsorted(rows, rows)
    return np.arange(rows.size) - starts


def _score(y: Table, v: Table, tau2: Table) -> tuple[Table, Table]:
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    py = w * (y - (np.einsum("bk,bk->b", w, y) / total)[:, None])
    w2 = w * w
    squares = w2.sum(axis=1)
    ppy = np.einsum("bk,bk->b", py, py)
    across = np.einsum("bk,bk->b", w, py)
    pppy = np.einsum("bk,bk,bk->b", w, py, py) - across**2 / total
    trace = total - squares / total
    cubes = np.einsum("bk,bk->b", w2, w)
    return ppy - trace, squares - 2 * cubes / total + (squares / total) ** 2 - 2 * pppy


def _narrow(y: Table, v: Table, low: Table, high: Table) -> Table:
    tau2, smallest = 0.5 * (low + high), v.min(axis=1)
    active = np.arange(len(y))
    for _ in range(STEPS):
        at = tau2[active]
        score, slope = _score(y[active], v[active], at)
        low[active] = np.where(score > 0, at, low[active])
        high[active] = np.where(score > 0, high[active], at)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = at - score / slope
        inside = (slope < 0) & (newton > low[active]) & (newton < high[active])
        after = np.where(inside, newton, 0.5 * (low[active] + high[active]))
        tau2[active] = after
        moving = np.abs(after - at) > 1e-9 * (after + smallest[active])
        wide = high[active] - low[active] > 1e-12 * (high[active] + smallest[active])
        active = active[moving | (~inside & wide)]
        if active.size == 0:
            return tau2
    raise ArithmeticError(f"{active.size} fits have not converged")


def _likelihood(y: Table, v: Table, tau2: Table) -> Table:
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    residuals = y - (np.einsum("bk,bk->b", w, y) / total)[:, None]
    q = np.einsum("bk,bk,bk->b", w, residuals, residuals)
    return np.asarray(np.log(w).sum(axis=1) - np.log(total) - q)
