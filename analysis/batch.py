"""Pooled effects of many data sets in one call: B data sets in rows, k studies in columns.

For bootstraps, permutations and simulations. The answers are those of `pooling.inverse_variance`,
row by row; here all rows move together. As there, tau2 is sought in every interval in which the
score changes sign, so that no row can end at the wrong maximum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr

from analysis.distributions import check_level, quantile
from analysis.errors import InsufficientStudies, InvalidInput, NotConverged
from analysis.inputs import Bools, Floats
from analysis.pooling import COMMON_EFFECT, Interval, Model
from analysis.tau2 import (
    LONGEST_GRID,
    MOST_STEPS,
    POINTS_PER_EFOLD,
    SMALLEST_BRACKET,
    SMALLEST_STEP,
    Tau2Method,
)

Rows = NDArray[np.intp]

# Tables of this many numbers stay in a processor's cache while they are summed.
LARGEST_TABLE = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class BatchFits:
    """One pooled effect for each data set, on the scale of the effects.

    p: of no effect; 1 where effect and standard error are both 0
    """

    tau2: Floats
    estimate: Floats
    se: Floats
    p: Floats
    ci_lower: Floats
    ci_upper: Floats


def fit_batch(effects: Floats, variances: Floats, model: Model = COMMON_EFFECT) -> BatchFits:
    """Pool every row of effects by inverse variance.

    effects, variances: B × k; or variances of one row for all
    Raises InvalidInput naming the row and column of a number that cannot be,
    InsufficientStudies for k < 2, NotConverged where a row has no solution.
    """
    y, v = _checked(effects, variances)
    check_level(model.level)
    data = _Rows.of(y, v)
    tau2 = _tau2(data, model.tau2)
    return _fits(data, tau2, model)


def _checked(effects: Floats, variances: Floats) -> tuple[Floats, Floats]:
    y = np.asarray(effects, dtype=np.float64)
    if y.ndim != 2:
        raise InvalidInput("effects", f"shape {y.shape}", "data sets in rows, studies in columns")
    v = np.asarray(variances, dtype=np.float64)
    if v.shape not in (y.shape, y.shape[1:]):
        raise InvalidInput("variances", f"shape {v.shape}", f"{y.shape} or {y.shape[1:]}")
    v = np.broadcast_to(v, y.shape)
    if y.shape[1] < 2:
        raise InsufficientStudies(needed=2, found=y.shape[1])
    refuse_entry("effect", y, ~np.isfinite(y), "a finite number")
    refuse_entry("variance", v, ~((v > 0) & np.isfinite(v)), "a finite number above 0")
    return y, v


def refuse_entry(name: str, table: Floats, wrong: Bools, expected: str) -> None:
    """Raise InvalidInput for the first number that is wrong, by data set and study."""
    if wrong.any():
        row, column = (int(at) for at in np.argwhere(wrong)[0])
        where = f"data set {row}, study {column}: {name}"
        raise InvalidInput(where, f"{table[row, column]:g}", expected)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Data sets with the most precise study apart, and effects measured from it.

    Sums such as Σw - Σw²/Σw cancel where one study outweighs the others; with
    that study's terms written out nothing does (see analysis.linear).
    """

    y: Floats
    v: Floats
    v_best: Floats
    best: Floats

    @classmethod
    def of(cls, y: Floats, v: Floats) -> _Rows:
        rows, at = np.arange(len(y)), v.argmin(axis=1)
        others = np.arange(y.shape[1])[None, :] != at[:, None]
        shape = (len(y), y.shape[1] - 1)
        best = y[rows, at]
        return cls(
            y[others].reshape(shape) - best[:, None], v[others].reshape(shape), v[rows, at], best
        )

    @property
    def df(self) -> int:
        return int(self.y.shape[1])

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Rows) -> _Rows:
        return _Rows(self.y[rows], self.v[rows], self.v_best[rows], self.best[rows])

    def weights(self, tau2: Floats) -> _Weights:
        a, b = 1 / (self.v + tau2[:, None]), 1 / (self.v_best + tau2)
        return _Weights(self, a, b)


@dataclass(slots=True, eq=False)
class _Weights:
    """Sums of a data set's weights: a of the other studies, b of the most precise one."""

    data: _Rows
    a: Floats
    b: Floats

    def sums(self) -> tuple[Floats, Floats, Floats]:
        """Return Σa, Σa² and all weight."""
        rest = self.a.sum(axis=1)
        return rest, np.einsum("bk,bk->b", self.a, self.a), rest + self.b

    def from_best(self, total: Floats) -> Floats:
        """Return the weighted mean, measured from the most precise study."""
        return np.asarray(np.einsum("bk,bk->b", self.a, self.data.y) / total)

    def q(self, total: Floats) -> Floats:
        mean = self.from_best(total)
        apart = self.data.y - mean[:, None]
        return np.asarray(self.b * mean**2 + np.einsum("bk,bk,bk->b", self.a, apart, apart))

    def trace_p(self, rest: Floats, squares: Floats, total: Floats) -> Floats:
        return np.asarray(rest + (self.b * rest - squares) / total)

    def q_and_slope(self) -> tuple[Floats, Floats]:
        """Return y'Py and y'PPy."""
        _, _, total = self.sums()
        mean = self.from_best(total)
        apart = self.data.y - mean[:, None]
        py = self.a * apart
        own = self.b * mean
        q = own * mean + np.einsum("bk,bk->b", py, apart)
        return q, own**2 + np.einsum("bk,bk->b", py, py)

    def score(self, *, restricted: bool) -> tuple[Floats, Floats]:
        """Return twice the score of tau2 and its slope."""
        rest, squares, total = self.sums()
        mean = self.from_best(total)
        py = self.a * (self.data.y - mean[:, None])
        own = -self.b * mean
        ppy = own**2 + np.einsum("bk,bk->b", py, py)
        moved = py - own[:, None]
        middle = np.einsum("bk,bk->b", self.a, moved) / total
        moved -= middle[:, None]
        pppy = self.b * middle**2 + np.einsum("bk,bk,bk->b", self.a, moved, moved)
        if not restricted:
            return ppy - total, self.b**2 + squares - 2 * pppy
        cubes = np.einsum("bk,bk,bk->b", self.a, self.a, self.a)
        share = (self.b / total) ** 2 * (rest**2 + 2 * squares)
        trace_pp = share + squares - 2 * cubes / total + (squares / total) ** 2
        return ppy - self.trace_p(rest, squares, total), trace_pp - 2 * pppy

    def likelihood(self, *, restricted: bool) -> Floats:
        _, _, total = self.sums()
        value = np.log(self.a).sum(axis=1) + np.log(self.b) - self.q(total)
        return np.asarray(value - np.log(total) if restricted else value)


def _fits(data: _Rows, tau2: Floats, model: Model) -> BatchFits:
    weights = data.weights(tau2)
    _, _, total = weights.sums()
    estimate = data.best + weights.from_best(total)
    square = 1 / total
    if model.interval in (Interval.HARTUNG_KNAPP, Interval.HARTUNG_KNAPP_FLOORED):
        factor = weights.q(total) / data.df
        floored = model.interval is Interval.HARTUNG_KNAPP_FLOORED
        square = square * (np.maximum(1.0, factor) if floored else factor)
    se = np.sqrt(square)
    df = None if model.interval is Interval.NORMAL else data.df
    half = quantile(model.level, df) * se
    return BatchFits(tau2, estimate, se, _p(estimate, se, df), estimate - half, estimate + half)


def _p(estimate: Floats, se: Floats, df: int | None) -> Floats:
    exact = se == 0
    z = -np.abs(estimate) / np.where(exact, 1.0, se)
    p = 2 * (ndtr(z) if df is None else stdtr(df, z))
    return np.asarray(np.where(exact, np.where(estimate == 0, 1.0, 0.0), p))


def _tau2(data: _Rows, method: Tau2Method | None) -> Floats:
    if method is None:
        return np.zeros(len(data))
    return np.asarray(_ESTIMATORS[method](data))


def _dersimonian_laird(data: _Rows) -> Floats:
    weights = data.weights(np.zeros(len(data)))
    rest, squares, total = weights.sums()
    trace = weights.trace_p(rest, squares, total)
    return np.asarray(np.maximum(0.0, (weights.q(total) - data.df) / trace))


def _hunter_schmidt(data: _Rows) -> Floats:
    weights = data.weights(np.zeros(len(data)))
    _, _, total = weights.sums()
    return np.maximum(0.0, (weights.q(total) - data.df - 1) / total)


def _hedges(data: _Rows) -> Floats:
    typical = (data.v.sum(axis=1) + data.v_best) / (data.df + 1)
    return np.asarray(np.maximum(0.0, _equal_weight_q(data) / data.df - typical))


def _equal_weight_q(data: _Rows) -> Floats:
    """Return the sum of squares about the plain mean."""
    total = np.full(len(data), data.df + 1.0)
    return _Weights(data, np.ones_like(data.v), np.ones(len(data))).q(total)


def _sidik_jonkman(data: _Rows) -> Floats:
    start = _equal_weight_q(data) / (data.df + 1)
    weights = data.weights(start)
    _, _, total = weights.sums()
    return np.asarray(start * weights.q(total) / data.df)


def _paule_mandel(data: _Rows) -> Floats:
    """Find where Q is k - 1, by Newton's steps on 1/Q that bisection guards."""
    tau2 = np.zeros(len(data))
    q, falls = data.weights(tau2).q_and_slope()
    active = np.flatnonzero(q > data.df)
    low, high = np.zeros(len(data)), _equal_weight_q(data) / data.df
    q, falls = q[active], falls[active]
    for _ in range(MOST_STEPS):
        if active.size == 0:
            return tau2
        before = tau2[active]
        newton = before + q * (q / data.df - 1) / falls
        inside = (newton > low[active]) & (newton < high[active])
        settled = np.abs(newton - before) <= SMALLEST_STEP * (before + data.v_best[active])
        after = np.where(inside | settled, newton, 0.5 * (low[active] + high[active]))
        tau2[active] = np.maximum(after, 0.0)
        active = active[~settled]
        q, falls = data.take(active).weights(tau2[active]).q_and_slope()
        below = q > data.df
        low[active] = np.where(below, tau2[active], low[active])
        high[active] = np.where(below, high[active], tau2[active])
    raise NotConverged(f"tau2 by Q of {active.size} data sets", MOST_STEPS)


def _highest(data: _Rows, *, restricted: bool) -> Floats:
    tau2 = np.zeros(len(data))
    bound = _bound(data)
    # No sign change lies below a bound that is not above the smallest variance.
    searched = np.flatnonzero(bound > data.v_best)
    # Data sets of like length together: a grid is as long as the longest in its table.
    searched = searched[np.argsort(bound[searched] / data.v_best[searched], kind="stable")]
    for rows in _chunks(searched, data.df):
        tau2[rows] = _highest_of(data.take(rows), bound[rows], restricted=restricted)
    return tau2


def _bound(data: _Rows) -> Floats:
    """Return tau2 + min(v) above which the score is below 0 (see analysis.tau2)."""
    spread = _equal_weight_q(data) / data.df
    range_ = data.v.max(axis=1) - data.v_best
    return np.asarray(0.5 * (spread + np.sqrt(spread * (spread + 4 * range_))))


def _chunks(rows: Rows, studies: int) -> Iterator[Rows]:
    size = max(1, LARGEST_TABLE // (studies * 16))
    for start in range(0, rows.size, size):
        yield rows[start : start + size]


def _highest_of(data: _Rows, bound: Floats, *, restricted: bool) -> Floats:
    grid = _grid(data, bound)
    scores = _scores(data, grid, restricted=restricted)
    row, at = np.nonzero((scores[:, :-1] > 0) & (scores[:, 1:] <= 0))
    brackets = _Brackets.of(grid, scores, row, at)
    found = _narrow(data.take(row), brackets, restricted=restricted)
    # 0 is a maximum where the score falls there.
    flat = np.flatnonzero(scores[:, 0] <= 0)
    rows = np.concatenate([flat, row])
    values = np.concatenate([np.zeros(flat.size), found])
    return _best_of_each(data, rows, values, restricted=restricted)


def _grid(data: _Rows, bound: Floats) -> Floats:
    efolds = np.log(bound / data.v_best)
    count = min(LONGEST_GRID, 3 + math.ceil(POINTS_PER_EFOLD * float(efolds.max())))
    # A hair beyond the bound, so that rounding cannot put the last point below it.
    step = (efolds * 1.0001 + 1e-9) / (count - 1)
    return np.asarray(data.v_best[:, None] * np.expm1(step[:, None] * np.arange(count)))


def _scores(data: _Rows, grid: Floats, *, restricted: bool) -> Floats:
    """Return twice the score at every point of every data set's grid."""
    scores = np.empty_like(grid)
    squared_y = data.y * data.y
    for at in range(grid.shape[1]):
        tau2 = grid[:, at]
        a, b = 1 / (data.v + tau2[:, None]), 1 / (data.v_best + tau2)
        a2 = a * a
        rest, squares = a.sum(axis=1), a2.sum(axis=1)
        total = rest + b
        mean = np.einsum("bk,bk->b", a, data.y) / total
        ppy = np.einsum("bk,bk->b", a2, squared_y) + mean * (
            mean * (b * b + squares) - 2 * np.einsum("bk,bk->b", a2, data.y)
        )
        scores[:, at] = ppy - (rest + (b * rest - squares) / total if restricted else total)
    return scores


@dataclass(slots=True, eq=False)
class _Brackets:
    """Between low and high the score passes below 0; tau2 is where a line would have it."""

    low: Floats
    tau2: Floats
    high: Floats

    @classmethod
    def of(cls, grid: Floats, scores: Floats, row: Rows, at: Rows) -> _Brackets:
        low, high = grid[row, at], grid[row, at + 1]
        above, below = scores[row, at], scores[row, at + 1]
        return cls(low, low + (high - low) * above / (above - below), high)


def _narrow(data: _Rows, brackets: _Brackets, *, restricted: bool) -> Floats:
    """Return where in its bracket each row's score passes below 0."""
    low, tau2, high = brackets.low, brackets.tau2, brackets.high
    active = np.arange(len(data))
    here = data
    for _ in range(MOST_STEPS):
        if active.size == 0:
            return np.maximum(tau2, 0.0)
        at = tau2[active]
        score, slope = here.weights(at).score(restricted=restricted)
        below = score <= 0
        low[active] = np.where(below, low[active], at)
        high[active] = np.where(below, at, high[active])
        falling = slope < 0
        newton = np.where(falling, at - score / np.where(falling, slope, -1.0), high[active])
        near = here.v_best
        settled = falling & (np.abs(newton - at) <= SMALLEST_STEP * (at + near))
        inside = (newton > low[active]) & (newton < high[active])
        narrow = high[active] - low[active] <= SMALLEST_BRACKET * (high[active] + near)
        after = np.where(inside | settled, newton, 0.5 * (low[active] + high[active]))
        tau2[active] = after
        moving = ~(settled | narrow)
        active = active[moving]
        here = data.take(active)
    raise NotConverged(f"tau2 by likelihood of {active.size} data sets", MOST_STEPS)


def _best_of_each(data: _Rows, rows: Rows, values: Floats, *, restricted: bool) -> Floats:
    """Return of each data set's maxima the one with the highest likelihood."""
    best = np.zeros(len(data))
    count = np.bincount(rows, minlength=len(data))
    best[rows] = values
    several = np.flatnonzero(count[rows] > 1)
    if several.size == 0:
        return best
    chosen = data.take(rows[several])
    heights = chosen.weights(values[several]).likelihood(restricted=restricted)
    # In rising order of likelihood, the last one written is the highest.
    rising = several[np.argsort(heights, kind="stable")]
    best[rows[rising]] = values[rising]
    return best


_ESTIMATORS: dict[Tau2Method, Callable[[_Rows], Floats]] = {
    Tau2Method.DERSIMONIAN_LAIRD: _dersimonian_laird,
    Tau2Method.PAULE_MANDEL: _paule_mandel,
    Tau2Method.REML: lambda data: _highest(data, restricted=True),
    Tau2Method.ML: lambda data: _highest(data, restricted=False),
    Tau2Method.SIDIK_JONKMAN: _sidik_jonkman,
    Tau2Method.HEDGES: _hedges,
    Tau2Method.HUNTER_SCHMIDT: _hunter_schmidt,
    Tau2Method.EMPIRICAL_BAYES: _paule_mandel,
}
