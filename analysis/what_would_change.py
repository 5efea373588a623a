"""Which results of one more trial would change what is concluded.

For a registered trial its size is known before its result: every result it can have is tried, and
what would fire is asked of the caller, who knows the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from analysis.errors import InvalidInput
from analysis.inputs import Bools, Floats, TwoByTwo
from analysis.results import StudyEffects

NEW_TRIAL = "new trial"
# A picture of more cells than this shows no more, and each is a whole analysis.
MOST_CELLS = 50_000

Fires = Callable[[TwoByTwo], frozenset[str]]
FiresOnEffects = Callable[[StudyEffects], frozenset[str]]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ChangeMap:
    """Every result of a new trial with two arms, and the rules that fire on it.

    events_1, events_2: the counts tried, for rows and columns of a grid
    n_1, n_2:           the new trial's participants
    """

    events_1: Counts
    events_2: Counts
    n_1: int
    n_2: int
    fired: tuple[tuple[frozenset[str], ...], ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """Return every rule that fires anywhere."""
        return tuple(sorted(frozenset().union(*(cell for row in self.fired for cell in row))))

    def where(self, rule: str) -> Bools:
        """Return a grid of which results fire this rule."""
        return np.array([[rule in cell for cell in row] for row in self.fired], dtype=bool)

    def chance(self, rule: str, *, risk_1: float, risk_2: float) -> float:
        """Return the chance that the trial fires this rule, at stated risks of its two arms.

        Raises InvalidInput where the grid leaves results out.
        """
        if self.events_1.size != self.n_1 + 1 or self.events_2.size != self.n_2 + 1:
            raise InvalidInput("step", "results left out", "a grid of every result")
        for name, risk in (("risk 1", risk_1), ("risk 2", risk_2)):
            if not 0 <= risk <= 1:
                raise InvalidInput(name, f"{risk:g}", "a risk from 0 to 1")
        one, two = _binomial(self.n_1, risk_1), _binomial(self.n_2, risk_2)
        return float(one @ self.where(rule).astype(np.float64) @ two)


def what_would_change(
    tables: TwoByTwo, n_1: int, n_2: int, fires: Fires, *, step: int = 1
) -> ChangeMap:
    """Add every result of a trial with n_1 and n_2 participants, and ask what fires.

    fires: given the tables with the new trial last, the names of the rules that
           fire; it says itself what to make of tables without an estimate
    step:  try every step-th count, and always the last
    Raises InvalidInput where the grid would have more than 50,000 cells.
    """
    if min(n_1, n_2, step) < 1:
        raise InvalidInput("new trial", f"{n_1} and {n_2}, step {step}", "1 or more of each")
    rows, columns = counts_tried(n_1, step), counts_tried(n_2, step)
    if rows.size * columns.size > MOST_CELLS:
        expected = f"at most {MOST_CELLS} results: a larger step"
        raise InvalidInput("new trial", f"{rows.size} × {columns.size} results", expected)
    fired = tuple(
        tuple(fires(with_trial(tables, (int(a), n_1, int(c), n_2))) for c in columns) for a in rows
    )
    return ChangeMap(rows, columns, n_1, n_2, fired)


def with_trial(tables: TwoByTwo, trial: tuple[float, float, float, float]) -> TwoByTwo:
    """Return the tables with one more: (events 1, total 1, events 2, total 2)."""
    columns = (tables.events_1, tables.total_1, tables.events_2, tables.total_2)
    grown = (np.append(column, value) for column, value in zip(columns, trial, strict=True))
    return TwoByTwo((*tables.labels, NEW_TRIAL), *grown)


def counts_tried(n: int, step: int) -> Counts:
    """Return every step-th number of events among n participants, and always all of them."""
    counts = np.arange(0, n + 1, step, dtype=np.int64)
    return counts if counts[-1] == n else np.append(counts, n)


def likely_counts(n: int, risk: float, *, at_most: int = 61) -> dict[int, float]:
    """Return how many of n people may have the event, each count with its chance.

    Of many people not every count: as many as `at_most`, at even steps of the chance. Their shares
    are then right to a point in a hundred, and all of them stay a picture's worth of analyses.
    """
    chances = _binomial(n, risk)
    if chances.size <= at_most:
        return {count: float(chance) for count, chance in enumerate(chances)}
    steps = (np.arange(at_most) + 0.5) / at_most
    picked = np.minimum(np.searchsorted(np.cumsum(chances), steps), n)
    counts, times = np.unique(picked, return_counts=True)
    return dict(zip(counts.tolist(), (times / at_most).tolist(), strict=True))


def _binomial(n: int, risk: float) -> Floats:
    x = np.arange(n + 1, dtype=np.float64)
    coefficients = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.asarray(np.exp(coefficients + xlogy(x, risk) + xlog1py(n - x, -risk)))


@dataclass(frozen=True, slots=True, eq=False)
class EffectChanges:
    """Every effect tried for a new trial of known precision, and the rules that fire on it."""

    effects: Floats
    se: float
    fired: tuple[frozenset[str], ...]

    def where(self, rule: str) -> Bools:
        """Return which of the effects fire this rule."""
        return np.array([rule in cell for cell in self.fired], dtype=bool)


def what_effect_would_change(
    studies: StudyEffects, effects: Sequence[float] | Floats, se: float, fires: FiresOnEffects
) -> EffectChanges:
    """Add a study with each of these effects and one standard error, and ask what fires.

    For means: the standard error of a trial with n people an arm is about SD·√(2/n).
    """
    if not 0 < se < math.inf:
        raise InvalidInput("se", f"{se:g}", "a standard error above 0")
    tried = np.asarray(effects, dtype=np.float64)
    if tried.ndim != 1 or tried.size == 0 or not np.isfinite(tried).all():
        raise InvalidInput("effects", f"{tried.size} values", "a list of finite numbers")
    fired = tuple(fires(_with_effect(studies, float(effect), se)) for effect in tried)
    return EffectChanges(tried, se, fired)


def _with_effect(studies: StudyEffects, effect: float, se: float) -> StudyEffects:
    after = max((*studies.rows, *(gone.row for gone in studies.left_out)), default=-1) + 1
    return StudyEffects(
        studies.measure,
        studies.scale,
        (*studies.labels, NEW_TRIAL),
        np.append(studies.effects, effect),
        np.append(studies.variances, se**2),
        (*studies.rows, after),
        studies.left_out,
    )
