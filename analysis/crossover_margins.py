"""What a cross-over trial's two columns of totals still say when the joint table is not reported.

Totals leave the within-person correlation open, but not free: with these margins it lies between
Fréchet's bounds. A result at an assumed correlation is approximate; the results over all joint
tables the totals allow are exact bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np

from analysis.crossover import EMPTY_MARGIN, PairedTables, joint_count_range, paired_binary
from analysis.errors import InvalidInput, InvalidOption
from analysis.inputs import Floats, as_column, refuse
from analysis.pooling import estimate_of
from analysis.results import Estimate, LeftOut, Measure, StudyEffects

# Bounds come from a quotient of roots: a correlation this close to one is the bound itself.
ROUNDING = 1e-9


class Infeasible(StrEnum):
    """What is done with a correlation that a trial's totals rule out."""

    REFUSE = "refuse"  # the trial is left out, and the reason names its bounds
    CLIP = "clip"  # the nearest bound is used


@dataclass(frozen=True, slots=True, eq=False)
class PairedMargins:
    """Events on each arm among the same n people, one entry per trial."""

    labels: tuple[str, ...]
    events_1: Floats
    events_2: Floats
    n: Floats

    def __post_init__(self) -> None:
        for name in ("events_1", "events_2", "n"):
            object.__setattr__(self, name, as_column(name, getattr(self, name), self.labels))
        refuse(self.labels, "n", self.n, self.n <= 0, "a number of people above 0")
        for name in ("events_1", "events_2"):
            events = getattr(self, name)
            refuse(self.labels, name, events, (events < 0) | (events > self.n), "0 to n")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float]]) -> Self:
        """Build from (label, events on arm 1, events on arm 2, people) per trial."""
        listed = list(rows)
        columns = [np.array([row[at] for row in listed], dtype=np.float64) for at in (1, 2, 3)]
        return cls(tuple(row[0] for row in listed), *columns)

    @property
    def has_correlation(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether each trial's arms both have people with and people without the event."""
        inside = [(x > 0) & (x < self.n) for x in (self.events_1, self.events_2)]
        return np.asarray(inside[0] & inside[1])


@dataclass(frozen=True, slots=True)
class CorrelationRange:
    """The smallest and the largest within-person correlation these totals allow."""

    lowest: float
    highest: float


def feasible_correlations(margins: PairedMargins) -> tuple[CorrelationRange | None, ...]:
    """Return Fréchet's bounds of phi per trial; None where an arm has no, or only, events."""
    p1, p2 = margins.events_1 / margins.n, margins.events_2 / margins.n
    scale = np.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    least, most = np.maximum(0, p1 + p2 - 1), np.minimum(p1, p2)
    return tuple(
        CorrelationRange(
            float((least[row] - p1[row] * p2[row]) / scale[row]),
            float((most[row] - p1[row] * p2[row]) / scale[row]),
        )
        if exists
        else None
        for row, exists in enumerate(margins.has_correlation)
    )


def effects_at_correlation(
    margins: PairedMargins,
    measure: Measure,
    correlation: float,
    infeasible: Infeasible = Infeasible.REFUSE,
) -> StudyEffects:
    """Return approximate paired log RR, log OR (marginal) or RD at one assumed correlation.

    Trials that rule the correlation out are left out or use their nearest
    bound, as `infeasible` says; `used_correlations` tells which.
    Source: Elbourne 2002, Int J Epidemiol 31:140-149; Stedman 2011; Handbook 23.2.7.
    """
    if measure not in _VARIANCES:
        raise InvalidOption(f"totals of paired people give RR, OR and RD, not {measure}")
    used = used_correlations(margins, correlation, infeasible)
    rows = tuple(row for row, value in enumerate(used) if value is not None)
    at = list(rows)
    rho = np.array([value for value in used if value is not None], dtype=np.float64)
    p1, p2 = (x[at] / margins.n[at] for x in (margins.events_1, margins.events_2))
    effects, variances = _VARIANCES[measure](p1, p2, margins.n[at], rho)
    return StudyEffects(
        measure,
        measure.scale,
        tuple(margins.labels[row] for row in rows),
        effects,
        # At a bound the variance may be exactly 0, and rounding leaves a hair below it.
        np.maximum(0.0, variances),
        rows,
        _left_out(margins, used, correlation),
    )


def used_correlations(
    margins: PairedMargins, correlation: float, infeasible: Infeasible
) -> tuple[float | None, ...]:
    """Return the correlation each trial is analysed at; None for a trial that is left out."""
    if not -1 <= correlation <= 1:
        raise InvalidInput("correlation", f"{correlation:g}", "-1 to 1")
    return tuple(
        _used(bounds, correlation, infeasible) for bounds in feasible_correlations(margins)
    )


def _used(
    bounds: CorrelationRange | None, correlation: float, infeasible: Infeasible
) -> float | None:
    if bounds is None:
        return None
    inside = min(max(correlation, bounds.lowest), bounds.highest)
    if infeasible is Infeasible.CLIP or abs(inside - correlation) <= ROUNDING:
        return inside
    return None


def _left_out(
    margins: PairedMargins, used: tuple[float | None, ...], correlation: float
) -> tuple[LeftOut, ...]:
    ranges = feasible_correlations(margins)
    return tuple(
        LeftOut(margins.labels[row], row, _why(ranges[row], correlation))
        for row, value in enumerate(used)
        if value is None
    )


def _why(bounds: CorrelationRange | None, correlation: float) -> str:
    if bounds is None:
        return EMPTY_MARGIN
    return (
        f"a correlation of {correlation:g} cannot occur with these totals "
        f"({bounds.lowest:.3f} to {bounds.highest:.3f})"
    )


def _risk_ratio(p1: Floats, p2: Floats, n: Floats, rho: Floats) -> tuple[Floats, Floats]:
    odds_1, odds_2 = (1 - p1) / p1, (1 - p2) / p2
    return np.log(p1 / p2), (odds_1 + odds_2 - 2 * rho * np.sqrt(odds_1 * odds_2)) / n


def _odds_ratio(p1: Floats, p2: Floats, n: Floats, rho: Floats) -> tuple[Floats, Floats]:
    one, two = p1 * (1 - p1), p2 * (1 - p2)
    effects = np.log(p1 / (1 - p1)) - np.log(p2 / (1 - p2))
    return effects, (1 / one + 1 / two - 2 * rho / np.sqrt(one * two)) / n


def _risk_difference(p1: Floats, p2: Floats, n: Floats, rho: Floats) -> tuple[Floats, Floats]:
    one, two = p1 * (1 - p1), p2 * (1 - p2)
    return p1 - p2, (one + two - 2 * rho * np.sqrt(one * two)) / n


_VARIANCES = {
    Measure.RISK_RATIO: _risk_ratio,
    Measure.ODDS_RATIO: _odds_ratio,
    Measure.RISK_DIFFERENCE: _risk_difference,
}


@dataclass(frozen=True, slots=True)
class PossibleResult:
    """The paired result if this many people had the event on both arms."""

    both: int
    correlation: float | None
    estimate: Estimate


def possible_results(
    events_1: int, events_2: int, people: int, measure: Measure, *, level: float = 0.95
) -> tuple[PossibleResult, ...]:
    """Return the paired result of every joint table that one trial's totals allow.

    In rising order of people with both events: the first and the last are
    the bounds between which the unreported result lies.
    Raises InvalidInput for totals that are not counts; empty where no table has an effect.
    """
    margins = (events_1, events_2, people)
    if any(value != int(value) for value in margins):
        raise InvalidInput("totals", str(margins), "whole numbers of people")
    PairedMargins.of([("trial", events_1, events_2, people)])
    fewest, most = joint_count_range(events_1, events_2, people)
    found = []
    for both in range(int(fewest), int(most) + 1):
        neither = people - events_1 - events_2 + both
        tables = PairedTables.of([("trial", both, events_1 - both, events_2 - both, neither)])
        effects = paired_binary(tables, measure)
        if len(effects) == 1:
            se = math.sqrt(float(effects.variances[0]))
            estimate = estimate_of(float(effects.effects[0]), se, level=level)
            found.append(PossibleResult(both, tables.correlation[0], estimate))
    return tuple(found)
