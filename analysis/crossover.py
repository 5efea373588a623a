"""Effects of cross-over trials, from what the same people did on both arms.

The sampling variances allow for the correlation within a person, which two columns of totals hide.
Every function returns `StudyEffects` on the scale of its measure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import bdtr, betaincinv, chdtrc, stdtrit

from analysis.distributions import check_level, quantile
from analysis.effects import UNCHANGED, ZeroCells, hedges_j
from analysis.errors import InvalidInput, InvalidOption, NotEstimable
from analysis.inputs import Bools, Floats, as_column, refuse
from analysis.results import LeftOut, Limits, Measure, StudyEffects

NO_EVENTS = "no events on either arm"
EMPTY_MARGIN = "no events, or only events, on one arm: a paired ratio needs both"
NOT_DISCORDANT = "nobody had the event on exactly one arm"
ONE_SIDED = "the people with the event on exactly one arm all had it on the same arm"


@dataclass(frozen=True, slots=True, eq=False)
class PairedTables:
    """People with the event on both arms, on the first only, the second only, and on neither."""

    labels: tuple[str, ...]
    both: Floats
    first_only: Floats
    second_only: Floats
    neither: Floats

    def __post_init__(self) -> None:
        for name in ("both", "first_only", "second_only", "neither"):
            column = as_column(name, getattr(self, name), self.labels)
            refuse(self.labels, name, column, column < 0, "a count of 0 or more")
            object.__setattr__(self, name, column)
        refuse(self.labels, "people", self.people, self.people <= 0, "a number above 0")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float]]) -> Self:
        """Build from (label, both, first only, second only, neither) per study."""
        listed = list(rows)
        columns = [np.array([row[at] for row in listed], dtype=np.float64) for at in range(1, 5)]
        return cls(tuple(row[0] for row in listed), *columns)

    @property
    def people(self) -> Floats:
        return self.both + self.first_only + self.second_only + self.neither

    def corrected(self, zero_cells: ZeroCells) -> PairedTables:
        """Return the tables with the constant added to all four cells of those the rule names."""
        cells = (self.both, self.first_only, self.second_only, self.neither)
        more = zero_cells.added(np.min(cells, axis=0) == 0)
        return PairedTables(self.labels, *(cell + more for cell in cells))

    @property
    def correlation(self) -> tuple[float | None, ...]:
        """The within-person correlation (phi); None where an arm has no events, or only events."""
        s, t, u, v = self.both, self.first_only, self.second_only, self.neither
        spread = (s + t) * (u + v) * (s + u) * (t + v)
        above = s * v - t * u
        return tuple(
            float(one / math.sqrt(two)) if two > 0 else None
            for one, two in zip(above, spread, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class PairedMeans:
    """Mean and SD on each arm, the number of people, and the SD of their differences."""

    labels: tuple[str, ...]
    mean_1: Floats
    sd_1: Floats
    mean_2: Floats
    sd_2: Floats
    n: Floats
    sd_difference: Floats

    def __post_init__(self) -> None:
        for name in ("mean_1", "sd_1", "mean_2", "sd_2", "n", "sd_difference"):
            object.__setattr__(self, name, as_column(name, getattr(self, name), self.labels))
        for name in ("sd_1", "sd_2", "sd_difference"):
            column = getattr(self, name)
            refuse(self.labels, name, column, column <= 0, "a standard deviation above 0")
        refuse(self.labels, "n", self.n, self.n < 2, "at least 2 people")
        r = self.correlation
        # One part in a million: a correlation of 1 may come back from rounded SDs a hair above it.
        refuse(self.labels, "correlation", r, np.abs(r) > 1 + 1e-6, "-1 to 1")

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, float, float, float, float, float]]) -> Self:
        """Build from (label, mean 1, sd 1, mean 2, sd 2, n, SD of differences) per study."""
        listed = list(rows)
        columns = [np.array([row[at] for row in listed], dtype=np.float64) for at in range(1, 7)]
        return cls(tuple(row[0] for row in listed), *columns)

    @property
    def correlation(self) -> Floats:
        """The within-person correlation that the three SDs imply."""
        spread = self.sd_1**2 + self.sd_2**2 - self.sd_difference**2
        return spread / (2 * self.sd_1 * self.sd_2)


def sd_of_differences(sd_1: float, sd_2: float, correlation: float) -> float:
    """Return the SD of within-person differences from the two SDs and their correlation."""
    return float(np.sqrt(sd_1**2 + sd_2**2 - 2 * correlation * sd_1 * sd_2))


def joint_count_range(events_1: float, events_2: float, people: float) -> tuple[float, float]:
    """Return the fewest and the most people who can have had the event on both arms."""
    return max(0.0, events_1 + events_2 - people), min(events_1, events_2)


def paired_binary(
    tables: PairedTables, measure: Measure, zero_cells: ZeroCells = UNCHANGED
) -> StudyEffects:
    """Return paired log risk ratios, log odds ratios (marginal) or risk differences.

    With s both, t first only, u second only, v neither, n people:
    RR log((s+t)/(s+u)), variance (t+u)/((s+t)(s+u)); RD (t-u)/n, variance
    (t+u-(t-u)²/n)/n²; OR of the margins, variance of Becker & Balagtas 1993.
    Tables without the two margins that a ratio needs are left out.
    Reference: metafor::escalc measure="MPRR", "MPRD", "MPOR" with nothing added.
    """
    if measure not in _BINARY:
        raise InvalidOption(f"paired tables give RR, OR and RD, not {measure}")
    effects, variances = _BINARY[measure](tables.corrected(zero_cells))
    keep = np.isfinite(effects) & np.isfinite(variances)
    return _kept(measure, tables, effects, variances, keep, EMPTY_MARGIN)


def _risk_ratio(x: PairedTables) -> tuple[Floats, Floats]:
    one, two = x.both + x.first_only, x.both + x.second_only
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(one / two), (x.first_only + x.second_only) / (one * two)


def _odds_ratio(x: PairedTables) -> tuple[Floats, Floats]:
    one, two = x.both + x.first_only, x.both + x.second_only
    not_one, not_two = x.people - one, x.people - two
    joint = x.both * x.neither - x.first_only * x.second_only
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(one / not_one) - np.log(two / not_two)
        # Over one denominator, counts cancel exactly: where nobody changed it is 0, not -1e-16.
        unlike = one * not_one + two * not_two - 2 * joint
        return effects, x.people * unlike / (one * not_one * two * not_two)


def _risk_difference(x: PairedTables) -> tuple[Floats, Floats]:
    n, difference = x.people, x.first_only - x.second_only
    return difference / n, (x.first_only + x.second_only - difference**2 / n) / n**2


_BINARY = {
    Measure.RISK_RATIO: _risk_ratio,
    Measure.ODDS_RATIO: _odds_ratio,
    Measure.RISK_DIFFERENCE: _risk_difference,
}


def conditional_odds_ratio(tables: PairedTables) -> StudyEffects:
    """Return log(t/u) with variance 1/t + 1/u: the odds ratio within a person.

    Not the odds ratio of the margins: the two differ unless people do not.
    Tables with no one on t or u are left out; `mcnemar` has limits for them.
    Reference: metafor::escalc measure="MPORC".
    """
    t, u = tables.first_only, tables.second_only
    with np.errstate(divide="ignore", invalid="ignore"):
        effects, variances = np.log(t / u), 1 / t + 1 / u
    keep = (t > 0) & (u > 0)
    return _kept(Measure.ODDS_RATIO, tables, effects, variances, keep, ONE_SIDED)


def paired_peto_odds_ratio(tables: PairedTables) -> StudyEffects:
    """Return Peto's log odds ratio 2(t-u)/(t+u), variance 4/(t+u) (escalc measure="MPPETO")."""
    discordant = tables.first_only + tables.second_only
    keep = discordant > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = 2 * (tables.first_only - tables.second_only) / discordant
        variances = 4 / discordant
    return _kept(Measure.PETO_ODDS_RATIO, tables, effects, variances, keep, NOT_DISCORDANT)


@dataclass(frozen=True, slots=True)
class McNemar:
    """Tests that the event is as frequent on both arms, in one trial.

    statistic, p:       χ² with one degree of freedom
    corrected, corrected_p: the same with 1 taken off the difference
    exact_p:            two-sided, from the binomial distribution of t among t + u
    odds_ratio:         t/u, within a person; infinite where u is 0
    odds_ratio_limits:  exact (Clopper-Pearson), 0 or infinite where t or u is 0
    """

    statistic: float
    p: float
    corrected: float
    corrected_p: float
    exact_p: float
    odds_ratio: float
    odds_ratio_limits: Limits


def mcnemar(first_only: int, second_only: int, *, level: float = 0.95) -> McNemar:
    """Test two paired proportions from those with the event on exactly one arm.

    Raises NotEstimable where there is nobody.
    Reference: stats::mcnemar.test, stats::binom.test(t, t + u).
    """
    t, u = first_only, second_only
    if min(t, u) < 0 or t != int(t) or u != int(u):
        raise InvalidInput("people with one event", f"{t}, {u}", "two counts of 0 or more")
    if t + u == 0:
        raise NotEstimable(NOT_DISCORDANT)
    check_level(level)
    statistic = (t - u) ** 2 / (t + u)
    corrected = max(0, abs(t - u) - 1) ** 2 / (t + u)
    return McNemar(
        statistic,
        float(chdtrc(1, statistic)),
        corrected,
        float(chdtrc(1, corrected)),
        min(1.0, 2.0 * float(bdtr(min(t, u), t + u, 0.5))),
        t / u if u else math.inf,
        _exact_odds(t, u, level),
    )


def _exact_odds(t: int, u: int, level: float) -> Limits:
    """Return the odds at the Clopper-Pearson limits of the share t/(t + u)."""
    tail = (1 - level) / 2
    lower = 0.0 if t == 0 else float(betaincinv(t, u + 1, tail))
    upper = 1.0 if u == 0 else float(betaincinv(t + 1, u, 1 - tail))
    return Limits(lower / (1 - lower), math.inf if upper == 1 else upper / (1 - upper))


def _kept(
    measure: Measure,
    tables: PairedTables,
    effects: Floats,
    variances: Floats,
    keep: Bools,
    reason: str,
) -> StudyEffects:
    events = tables.both + tables.first_only + tables.second_only
    gone = tuple(
        LeftOut(tables.labels[row], row, NO_EVENTS if events[row] == 0 else reason)
        for row in np.flatnonzero(~keep).tolist()
    )
    rows = tuple(np.flatnonzero(keep).tolist())
    labels = tuple(tables.labels[row] for row in rows)
    return StudyEffects(measure, measure.scale, labels, effects[keep], variances[keep], rows, gone)


def paired_mean_difference(means: PairedMeans) -> StudyEffects:
    """Return mean differences, variance SD²/n of the differences (escalc measure="MC")."""
    effects = means.mean_1 - means.mean_2
    return _every(Measure.MEAN_DIFFERENCE, means.labels, effects, means.sd_difference**2 / means.n)


def paired_standardised_mean_difference(means: PairedMeans) -> StudyEffects:
    """Return d on the root of the mean of the two variances, so that trials of both designs pool.

    Variance (1/n + d²/(2n))·2(1 - r), r the within-person correlation.
    Source: Cochrane Handbook 23.2.7.1; Elbourne 2002, Int J Epidemiol 31:140-149.
    """
    d = (means.mean_1 - means.mean_2) / np.sqrt((means.sd_1**2 + means.sd_2**2) / 2)
    apart = np.maximum(0.0, 2 * (1 - means.correlation))
    variances = (1 / means.n + d**2 / (2 * means.n)) * apart
    return _every(Measure.STANDARDISED_MEAN_DIFFERENCE, means.labels, d, variances)


def standardised_mean_change(means: PairedMeans) -> StudyEffects:
    """Return g on the SD of the differences, variance 1/n + g²/(2n) (escalc measure="SMCC").

    On the scale of change within a person, so not to be pooled with trials of two groups.
    """
    g = hedges_j(means.n - 1) * (means.mean_1 - means.mean_2) / means.sd_difference
    variances = 1 / means.n + g**2 / (2 * means.n)
    return _every(Measure.STANDARDISED_MEAN_DIFFERENCE, means.labels, g, variances)


def standardised_mean_change_raw(
    labels: Sequence[str],
    difference: Sequence[float] | Floats,
    sd: Sequence[float] | Floats,
    n: Sequence[float] | Floats,
    correlation: Sequence[float] | Floats,
) -> StudyEffects:
    """Return g on the SD of one arm, variance 2(1-r)/n + g²/(2n) (escalc measure="SMCR")."""
    names = tuple(labels)
    spread, size = as_column("sd", sd, names), as_column("n", n, names)
    r = as_column("correlation", correlation, names)
    refuse(names, "sd", spread, spread <= 0, "a standard deviation above 0")
    refuse(names, "n", size, size < 3, "at least 3 people")
    refuse(names, "correlation", r, np.abs(r) > 1, "-1 to 1")
    g = hedges_j(size - 1) * as_column("difference", difference, names) / spread
    variances = 2 * (1 - r) / size + g**2 / (2 * size)
    return _every(Measure.STANDARDISED_MEAN_DIFFERENCE, names, g, variances)


def sd_of_differences_from_t(difference: float, t: float, n: float) -> float:
    """Return the SD of within-person differences from a paired t statistic of n people."""
    if difference == 0 or t == 0:
        raise NotEstimable("a difference or a t of 0 says nothing about the spread")
    if difference * t < 0:
        raise InvalidInput("t", f"{t:g}", f"the sign of the difference {difference:g}")
    _check_pairs(n)
    return float(difference / t * math.sqrt(n))


def sd_of_differences_from_p(difference: float, p: float, n: float) -> float:
    """Return the SD of within-person differences from the two-sided p of a paired t test.

    Very sensitive to the rounding of p and of the means.
    """
    if not 0 < p < 1:
        raise InvalidInput("p", f"{p:g}", "a two-sided p above 0 and below 1")
    _check_pairs(n)
    t = float(stdtrit(n - 1, 1 - p / 2))
    return sd_of_differences_from_t(abs(difference), t, n)


def sd_of_differences_from_limits(
    lower: float, upper: float, n: float, *, level: float = 0.95
) -> float:
    """Return the SD of within-person differences from t-based limits of their mean."""
    if not lower < upper:
        raise InvalidInput("limits", f"{lower:g} to {upper:g}", "a lower one below an upper one")
    _check_pairs(n)
    return (upper - lower) / (2 * quantile(level, n - 1)) * math.sqrt(n)


def _check_pairs(n: float) -> None:
    if not n >= 2:
        raise InvalidInput("n", f"{n:g}", "at least 2 people")


def _every(
    measure: Measure, labels: Sequence[str], effects: Floats, variances: Floats
) -> StudyEffects:
    rows = tuple(range(len(labels)))
    return StudyEffects(measure, measure.scale, tuple(labels), effects, variances, rows)
