"""Mantel-Haenszel and Peto estimates of many data sets of tables in one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.batch import Rows, refuse_entry
from analysis.distributions import check_level, quantile
from analysis.effects import REVMAN, AddTo, ZeroCells
from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import Bools, Floats
from analysis.results import Measure

Column = NDArray[np.integer] | Floats
Cells = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class BatchTables:
    """Pooled results of the data sets in `rows`; the others have no estimate."""

    rows: Rows
    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats


def mantel_haenszel_batch(
    events_1: Column,
    total_1: Column,
    events_2: Column,
    total_2: Column,
    measure: Measure = Measure.RISK_RATIO,
    *,
    zero_cells: ZeroCells = REVMAN,
    level: float = 0.95,
) -> BatchTables:
    """Pool every row of tables by Mantel and Haenszel, as `pooling.mantel_haenszel` does.

    Columns are B × k, or one row of totals for all.
    zero_cells: the rule for ratios, RevMan's here as there; risk differences need none
    """
    check_level(level)
    a, n1, c, n2 = _checked(events_1, total_1, events_2, total_2)
    if measure is Measure.RISK_DIFFERENCE:
        return _limits(np.arange(len(a)), *_risk_differences(a, n1, c, n2), level)
    if measure not in (Measure.RISK_RATIO, Measure.ODDS_RATIO):
        raise InvalidOption(f"Mantel-Haenszel pools RR, OR and RD of two groups, not {measure}")
    b, d = n1 - a, n2 - c
    informative = (a + c > 0) & (b + d > 0)
    kept = informative if zero_cells.drop_double else np.ones_like(informative)
    more = _added(zero_cells, (a == 0) | (b == 0) | (c == 0) | (d == 0))
    # A table that is left out becomes one that adds 0 to every sum.
    a, b, c, d = (np.where(kept, x + more, 0.0) for x in (a, b, c, d))
    n = np.where(kept, a + b + c + d, 1.0)
    pool = _risk_ratios if measure is Measure.RISK_RATIO else _odds_ratios
    rows, value, se = pool((a, b, c, d), n)
    return _limits(rows, value, se, level)


def peto_batch(
    events_1: Column, total_1: Column, events_2: Column, total_2: Column, *, level: float = 0.95
) -> BatchTables:
    """Pool every row of tables by Peto's method, as `pooling.peto` does."""
    check_level(level)
    a, n1, c, n2 = _checked(events_1, total_1, events_2, total_2)
    n, events = n1 + n2, a + c
    v = events * (n - events) * (n1 / n) * (n2 / n) / np.maximum(n - 1, 1)
    total = v.sum(axis=1)
    rows = np.flatnonzero(total > 0)
    score = (a - events * n1 / n).sum(axis=1)[rows]
    return _limits(rows, score / total[rows], 1 / np.sqrt(total[rows]), level)


def _checked(*columns: Column) -> Cells:
    a, n1, c, n2 = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    if a.ndim != 2:
        raise InvalidInput("events", f"shape {a.shape}", "data sets in rows, studies in columns")
    for name, x, n in (("arm 1 events", a, n1), ("arm 2 events", c, n2)):
        possible = (x >= 0) & (x <= n) & np.isfinite(n) & (n > 0)
        refuse_entry(name, x, ~possible, "0 to the participants")
    return a, n1, c, n2


def _added(zero_cells: ZeroCells, has_zero: Bools) -> Floats:
    """Return what the rule adds to the cells of each table, data set by data set."""
    if zero_cells.to is AddTo.NONE:
        return np.zeros(has_zero.shape)
    if zero_cells.to is AddTo.ONLY_ZERO:
        chosen = has_zero
    elif zero_cells.to is AddTo.ALL:
        chosen = np.ones_like(has_zero)
    else:
        chosen = np.broadcast_to(has_zero.any(axis=1, keepdims=True), has_zero.shape)
    return np.where(chosen, zero_cells.add, 0.0)


def _risk_ratios(cells: Cells, n: Floats) -> tuple[Rows, Floats, Floats]:
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    over, under = (a * n2 / n).sum(axis=1), (c * n1 / n).sum(axis=1)
    p = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum(axis=1)
    rows = np.flatnonzero((over > 0) & (under > 0))
    r, s = over[rows], under[rows]
    return rows, np.log(r / s), np.sqrt(np.maximum(p[rows], 0.0) / (r * s))


def _odds_ratios(cells: Cells, n: Floats) -> tuple[Rows, Floats, Floats]:
    a, b, c, d = cells
    over, under, agree, apart = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    r, s = over.sum(axis=1), under.sum(axis=1)
    rows = np.flatnonzero((r > 0) & (s > 0))
    r, s = r[rows], s[rows]
    both = (agree * under + apart * over).sum(axis=1)[rows]
    square = (agree * over).sum(axis=1)[rows] / r**2 + both / (r * s)
    square = square + (apart * under).sum(axis=1)[rows] / s**2
    return rows, np.log(r / s), np.sqrt(square / 2)


def _risk_differences(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[Floats, Floats]:
    n = n1 + n2
    total = (n1 * n2 / n).sum(axis=1)
    value = ((a * n2 - c * n1) / n).sum(axis=1) / total
    spread = (a * (n1 - a) * n2**2 / n1 + c * (n2 - c) * n1**2 / n2) / n**2
    return value, np.sqrt(spread.sum(axis=1)) / total


def _limits(rows: Rows, estimate: Floats, se: Floats, level: float) -> BatchTables:
    half = quantile(level, None) * se
    return BatchTables(rows, estimate, se, estimate - half, estimate + half)
