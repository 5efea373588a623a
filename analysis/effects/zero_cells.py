"""What is done about empty cells, and the word for each study that is left without an effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.errors import InvalidOption
from analysis.inputs import Bools, Floats, TwoByTwo, TwoRates
from analysis.results import LeftOut, Measure, StudyEffects

NO_EVENTS = "no events in both arms"
ZERO_CELL = "a zero cell, and nothing is added to it"
ALL_EVENTS = "only events in both arms"


class AddTo(StrEnum):
    """Which studies get the constant; names are metafor's."""

    NONE = "none"
    ONLY_ZERO = "only0"
    ALL = "all"
    ALL_IF_ANY_ZERO = "if0all"


@dataclass(frozen=True, slots=True)
class ZeroCells:
    """What is done about empty cells before an effect is computed.

    add: added to every cell of the tables chosen by `to`
    drop_double: leave out studies with no events, or only events, in both arms
    full_is_even: keep those with only events in both arms, as a risk ratio of exactly 1
    """

    add: float = 0.5
    to: AddTo = AddTo.ONLY_ZERO
    drop_double: bool = False
    full_is_even: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.add < np.inf:
            raise InvalidOption(f"zero cells: cannot add {self.add} to a cell")

    def added(self, has_zero: Bools) -> Floats:
        """Return what is added to each cell of each study."""
        if self.to is AddTo.NONE:
            return np.zeros(has_zero.size)
        if self.to is AddTo.ONLY_ZERO:
            return np.where(has_zero, self.add, 0.0)
        everywhere = self.to is AddTo.ALL or bool(has_zero.any())
        return np.full(has_zero.size, self.add if everywhere else 0.0)


UNCHANGED = ZeroCells(add=0.0, to=AddTo.NONE)
METAFOR = ZeroCells()
REVMAN = ZeroCells(drop_double=True)
# RevMan's rule for risk ratios: 20 of 20 against 23 of 23 is a ratio of 1, with a variance.
REVMAN_RISKS = ZeroCells(drop_double=True, full_is_even=True)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Each table after the zero-cell rule: a events, b no events in arm 1; c and d in arm 2."""

    a: Floats
    b: Floats
    c: Floats
    d: Floats
    keep: Bools  # False: double-zero or double-full, and the rule drops those
    even: Bools  # True: only events in both arms, which the rule takes for a ratio of 1

    @property
    def n_1(self) -> Floats:
        return self.a + self.b

    @property
    def n_2(self) -> Floats:
        return self.c + self.d

    def kept(self) -> Cells:
        """Return the tables the rule keeps."""
        k = self.keep
        return Cells(self.a[k], self.b[k], self.c[k], self.d[k], k[k], self.even[k])


def corrected_cells(tables: TwoByTwo, zero_cells: ZeroCells) -> Cells:
    """Return the cells of every table after the rule, and which tables it keeps."""
    a, b = tables.events_1, tables.no_events_1
    c, d = tables.events_2, tables.no_events_2
    has_zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    more = zero_cells.added(has_zero)
    full = (b == 0) & (d == 0)
    even = full if zero_cells.full_is_even else np.zeros(a.size, dtype=bool)
    none = (a == 0) & (c == 0)
    keep = ~(none | full) | even if zero_cells.drop_double else np.ones(a.size, dtype=bool)
    return Cells(a + more, b + more, c + more, d + more, keep, even)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Event counts of two arms after the rule for zero counts, and which studies it keeps."""

    events_1: Floats
    events_2: Floats
    keep: Bools


def corrected_counts(rates: TwoRates, zero_cells: ZeroCells) -> Counts:
    """Return the counts after the rule; the times at risk are never changed."""
    none_1, none_2 = rates.events_1 == 0, rates.events_2 == 0
    more = zero_cells.added(none_1 | none_2)
    keep = ~(none_1 & none_2) if zero_cells.drop_double else np.ones(more.size, dtype=bool)
    return Counts(rates.events_1 + more, rates.events_2 + more, keep)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which studies of an input have an effect, and why the others have none."""

    labels: tuple[str, ...]
    rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


def kept_studies(labels: tuple[str, ...], keep: Bools, why: Callable[[int], str]) -> Kept:
    """Return the studies to keep; `why` gives the reason for a row that is not."""
    rows = tuple(np.flatnonzero(keep).tolist())
    gone = np.flatnonzero(~keep).tolist()
    return Kept(
        tuple(labels[row] for row in rows),
        rows,
        tuple(LeftOut(labels[row], row, why(row)) for row in gone),
    )


def kept_tables(tables: TwoByTwo, keep: Bools, reason: str) -> Kept:
    """Return the tables to keep; the others are double-zero, double-full, or have `reason`."""
    return kept_studies(tables.labels, keep, lambda row: _why(tables, row, reason))


def kept_effects(measure: Measure, kept: Kept, effects: Floats, variances: Floats) -> StudyEffects:
    """Return the effects of the studies that are kept, from those of all."""
    rows = list(kept.rows)
    return StudyEffects(
        measure,
        measure.scale,
        kept.labels,
        effects[rows],
        variances[rows],
        kept.rows,
        kept.left_out,
    )


def _why(tables: TwoByTwo, row: int, reason: str) -> str:
    if tables.events_1[row] == 0 and tables.events_2[row] == 0:
        return NO_EVENTS
    if tables.no_events_1[row] == 0 and tables.no_events_2[row] == 0:
        return ALL_EVENTS
    return reason
