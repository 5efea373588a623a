"""Effect measures: from the numbers of the arms to one effect and its sampling variance per study.

Every function returns `StudyEffects` on the scale its docstring names. A study that has no
effect is listed in `left_out` with the reason; nothing is ever NaN. Formulas are those of
metafor::escalc (3.8-1) unless the docstring says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import gammaln

from analysis.errors import InvalidOption
from analysis.inputs import Bools, Floats, TwoByTwo, TwoMeans
from analysis.results import LeftOut, Measure, StudyEffects

NO_EVENTS = "no events in both arms"
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
    """

    add: float = 0.5
    to: AddTo = AddTo.ONLY_ZERO
    drop_double: bool = False

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


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Each table after the zero-cell rule: a events, b no events in arm 1; c and d in arm 2."""

    a: Floats
    b: Floats
    c: Floats
    d: Floats
    keep: Bools  # False: double-zero or double-full, and the rule drops those

    @property
    def n_1(self) -> Floats:
        return self.a + self.b

    @property
    def n_2(self) -> Floats:
        return self.c + self.d

    def kept(self) -> Cells:
        """Return the tables the rule keeps."""
        k = self.keep
        return Cells(self.a[k], self.b[k], self.c[k], self.d[k], k[k])


def corrected_cells(tables: TwoByTwo, zero_cells: ZeroCells) -> Cells:
    """Return the cells of every table after the rule, and which tables it keeps."""
    a, b = tables.events_1, tables.no_events_1
    c, d = tables.events_2, tables.no_events_2
    has_zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    more = zero_cells.added(has_zero)
    keep = np.ones(a.size, dtype=bool)
    if zero_cells.drop_double:
        keep = ~_double(tables)
    return Cells(a + more, b + more, c + more, d + more, keep)


def left_out_tables(tables: TwoByTwo, keep: Bools, reason: str) -> tuple[LeftOut, ...]:
    """Say of each table that is not kept why: one of the two double reasons, or `reason`."""
    return tuple(
        LeftOut(tables.labels[row], row, _why(tables, row, reason))
        for row in np.flatnonzero(~keep).tolist()
    )


def _double(tables: TwoByTwo) -> Bools:
    none = (tables.events_1 == 0) & (tables.events_2 == 0)
    every = (tables.no_events_1 == 0) & (tables.no_events_2 == 0)
    return np.asarray(none | every)


def _why(tables: TwoByTwo, row: int, reason: str) -> str:
    if tables.events_1[row] == 0 and tables.events_2[row] == 0:
        return NO_EVENTS
    if tables.no_events_1[row] == 0 and tables.no_events_2[row] == 0:
        return ALL_EVENTS
    return reason


def risk_ratio(tables: TwoByTwo, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log risk ratios, variance 1/a - 1/n1 + 1/c - 1/n2 (escalc measure="RR")."""
    x = corrected_cells(tables, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(x.a / x.n_1) - np.log(x.c / x.n_2)
        variances = 1 / x.a - 1 / x.n_1 + 1 / x.c - 1 / x.n_2
    return _from_tables(Measure.RISK_RATIO, tables, x, effects, variances)


def odds_ratio(tables: TwoByTwo, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log odds ratios, variance 1/a + 1/b + 1/c + 1/d (escalc measure="OR")."""
    x = corrected_cells(tables, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(x.a / x.b) - np.log(x.c / x.d)
        variances = 1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d
    return _from_tables(Measure.ODDS_RATIO, tables, x, effects, variances)


def risk_difference(tables: TwoByTwo, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return risk differences, variance p1(1-p1)/n1 + p2(1-p2)/n2 (escalc measure="RD")."""
    x = corrected_cells(tables, zero_cells)
    p1, p2 = x.a / x.n_1, x.c / x.n_2
    variances = p1 * (x.b / x.n_1) / x.n_1 + p2 * (x.d / x.n_2) / x.n_2
    return _from_tables(Measure.RISK_DIFFERENCE, tables, x, p1 - p2, variances)


def arcsine_difference(tables: TwoByTwo, zero_cells: ZeroCells = UNCHANGED) -> StudyEffects:
    """Return asin √p1 - asin √p2, variance 1/(4 n1) + 1/(4 n2) (escalc measure="AS")."""
    x = corrected_cells(tables, zero_cells)
    effects = np.arcsin(np.sqrt(x.a / x.n_1)) - np.arcsin(np.sqrt(x.c / x.n_2))
    variances = 1 / (4 * x.n_1) + 1 / (4 * x.n_2)
    return _from_tables(Measure.ARCSINE_DIFFERENCE, tables, x, effects, variances)


def peto_odds_ratio(tables: TwoByTwo, zero_cells: ZeroCells = UNCHANGED) -> StudyEffects:
    """Return Peto's log odds ratios (O - E)/V, variance 1/V (escalc measure="PETO").

    escalc adds 0.5 to zero cells by default and rma.peto does not; the default here adds nothing.
    """
    x = corrected_cells(tables, zero_cells)
    observed_less_expected, v = peto_parts(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects, variances = observed_less_expected / v, 1 / v
    return _from_tables(Measure.PETO_ODDS_RATIO, tables, x, effects, variances)


def peto_parts(x: Cells) -> tuple[Floats, Floats]:
    """Return O - E and the hypergeometric variance V of each table."""
    n = x.n_1 + x.n_2
    events, no_events = x.a + x.c, x.b + x.d
    observed_less_expected = x.a - events * x.n_1 / n
    v = events * no_events * (x.n_1 / n) * (x.n_2 / n) / (n - 1)
    return observed_less_expected, v


def _from_tables(
    measure: Measure, tables: TwoByTwo, x: Cells, effects: Floats, variances: Floats
) -> StudyEffects:
    keep = x.keep & np.isfinite(effects) & np.isfinite(variances)
    gone = left_out_tables(tables, keep, "a zero cell, and nothing is added to it")
    return _kept(measure, tables.labels, effects, variances, keep, gone)


def _kept(
    measure: Measure,
    labels: tuple[str, ...],
    effects: Floats,
    variances: Floats,
    keep: Bools,
    left_out: tuple[LeftOut, ...],
) -> StudyEffects:
    rows = tuple(np.flatnonzero(keep).tolist())
    return StudyEffects(
        measure,
        measure.scale,
        tuple(labels[row] for row in rows),
        effects[keep],
        variances[keep],
        rows,
        left_out,
    )


class Correction(StrEnum):
    """Small-sample factor of a standardised difference, with m = n1 + n2 - 2 degrees of freedom."""

    EXACT = "exact"  # J(m) from gamma functions (Hedges 1981)
    APPROXIMATE = "approx"  # 1 - 3/(4m - 1), as RevMan 5 does
    NONE = "none"


class SmdVariance(StrEnum):
    """Sampling variance of a standardised mean difference g = J·d, with N = n1 + n2."""

    LARGE_SAMPLE = "LS"  # metafor's default: 1/n1 + 1/n2 + g²/(2N)
    LARGE_SAMPLE_2 = "LS2"  # J²(1/n1 + 1/n2 + d²/(2N))
    UNBIASED = "UB"  # 1/n1 + 1/n2 + (1 - (m - 2)/(m·J²))·g²
    REVMAN_5 = "RM5"  # N/(n1·n2) + g²/(2(N - 3.94))


# Hedges' approximation N - 3.94 to the degrees of freedom, as RevMan 5 prints it.
REVMAN_LOST = 3.94


def hedges_j(m: Floats) -> Floats:
    """Return the exact small-sample factor J(m); it exists for m > 1 only."""
    if np.any(m <= 1):
        raise InvalidOption(f"Hedges' J needs more than 1 degree of freedom, found {m.min():g}")
    return np.asarray(np.exp(gammaln(m / 2) - np.log(np.sqrt(m / 2)) - gammaln((m - 1) / 2)))


def hedges_j_approximate(m: Floats) -> Floats:
    """Return 1 - 3/(4m - 1), for m degrees of freedom."""
    return 1 - 3 / (4 * m - 1)


def _factor(correction: Correction, m: Floats) -> Floats:
    if correction is Correction.EXACT:
        return hedges_j(m)
    if correction is Correction.APPROXIMATE:
        return hedges_j_approximate(m)
    return np.ones(m.size)


def mean_difference(means: TwoMeans) -> StudyEffects:
    """Return differences of means, variance sd1²/n1 + sd2²/n2 (escalc measure="MD")."""
    effects = means.mean_1 - means.mean_2
    variances = means.sd_1**2 / means.n_1 + means.sd_2**2 / means.n_2
    return _from_means(Measure.MEAN_DIFFERENCE, means, effects, variances)


def pooled_sd(means: TwoMeans) -> Floats:
    """Return the standard deviation pooled over both arms, weighted by n - 1."""
    m = means.n_1 + means.n_2 - 2
    return np.sqrt(((means.n_1 - 1) * means.sd_1**2 + (means.n_2 - 1) * means.sd_2**2) / m)


def standardised_mean_difference(
    means: TwoMeans,
    *,
    correction: Correction = Correction.EXACT,
    variance: SmdVariance = SmdVariance.LARGE_SAMPLE,
) -> StudyEffects:
    """Return Hedges' g on the pooled standard deviation (escalc measure="SMD").

    The defaults are metafor's. RevMan 5 prints correction=APPROXIMATE with
    variance=REVMAN_5; for the reference data the two differ in the third digit.
    """
    total = means.n_1 + means.n_2
    m = total - 2
    d = (means.mean_1 - means.mean_2) / pooled_sd(means)
    j = _factor(correction, m)
    g = j * d
    base = 1 / means.n_1 + 1 / means.n_2
    if variance is SmdVariance.LARGE_SAMPLE:
        variances = base + g**2 / (2 * total)
    elif variance is SmdVariance.LARGE_SAMPLE_2:
        variances = j**2 * (base + d**2 / (2 * total))
    elif variance is SmdVariance.UNBIASED:
        variances = base + (1 - (m - 2) / (m * j**2)) * g**2
    else:
        variances = base + g**2 / (2 * (total - REVMAN_LOST))
    return _from_means(Measure.STANDARDISED_MEAN_DIFFERENCE, means, g, variances)


def _from_means(
    measure: Measure, means: TwoMeans, effects: Floats, variances: Floats
) -> StudyEffects:
    every = np.ones(effects.size, dtype=bool)
    return _kept(measure, means.labels, effects, variances, every, ())
