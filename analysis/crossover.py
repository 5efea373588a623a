"""Effects of cross-over trials, from what the same people did on both arms.

The sampling variances allow for the correlation within a person, which two columns of totals hide.
Every function returns `StudyEffects` on the scale of its measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from analysis.errors import InvalidOption
from analysis.inputs import Bools, Floats, as_column, refuse
from analysis.results import LeftOut, Measure, StudyEffects

NO_EVENTS = "no events on either arm"
EMPTY_MARGIN = "no events, or only events, on one arm: a paired ratio needs both"


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


def paired_binary(tables: PairedTables, measure: Measure) -> StudyEffects:
    """Return paired log risk ratios, log odds ratios (marginal) or risk differences.

    With s both, t first only, u second only, v neither, n people:
    RR log((s+t)/(s+u)), variance (t+u)/((s+t)(s+u)); RD (t-u)/n, variance
    (t+u-(t-u)²/n)/n²; OR of the margins, variance of Becker & Balagtas 1993.
    Tables without the two margins that a ratio needs are left out.
    Reference: metafor::escalc measure="MPRR", "MPRD", "MPOR" with nothing added.
    """
    if measure not in _BINARY:
        raise InvalidOption(f"paired tables give RR, OR and RD, not {measure}")
    effects, variances = _BINARY[measure](tables)
    keep = np.isfinite(effects) & np.isfinite(variances)
    return _kept(measure, tables, effects, variances, keep)


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
        apart = 1 / one + 1 / not_one + 1 / two + 1 / not_two
        return effects, apart - 2 * x.people * joint / (one * not_one * two * not_two)


def _risk_difference(x: PairedTables) -> tuple[Floats, Floats]:
    n, difference = x.people, x.first_only - x.second_only
    return difference / n, (x.first_only + x.second_only - difference**2 / n) / n**2


_BINARY = {
    Measure.RISK_RATIO: _risk_ratio,
    Measure.ODDS_RATIO: _odds_ratio,
    Measure.RISK_DIFFERENCE: _risk_difference,
}


def _kept(
    measure: Measure, tables: PairedTables, effects: Floats, variances: Floats, keep: Bools
) -> StudyEffects:
    events = tables.both + tables.first_only + tables.second_only
    gone = tuple(
        LeftOut(tables.labels[row], row, NO_EVENTS if events[row] == 0 else EMPTY_MARGIN)
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


def _every(
    measure: Measure, labels: Sequence[str], effects: Floats, variances: Floats
) -> StudyEffects:
    rows = tuple(range(len(labels)))
    return StudyEffects(measure, measure.scale, tuple(labels), effects, variances, rows)
