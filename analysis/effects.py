"""Effect measures: from the numbers of the arms to one effect and its sampling variance per study.

Every function returns `StudyEffects` on the scale its docstring names. A study that has no
effect is listed in `left_out` with the reason; nothing is ever NaN. Formulas are those of
metafor::escalc (3.8-1) unless the docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import gammaln

from analysis.errors import InvalidOption
from analysis.inputs import (
    Bools,
    Floats,
    OneProportion,
    TwoByTwo,
    TwoMeans,
    TwoRates,
    as_column,
    refuse,
)
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
    gone = left_out_tables(tables, keep, ZERO_CELL)
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


def smd_unequal_variances(
    means: TwoMeans, *, correction: Correction = Correction.EXACT
) -> StudyEffects:
    """Return g on the root mean of both variances (escalc measure="SMDH").

    The variance is metafor 3.8's (Bonett 2009); metafor 5 changed it.
    """
    square_1, square_2 = means.sd_1**2, means.sd_2**2
    square = (square_1 + square_2) / 2
    j = _factor(correction, means.n_1 + means.n_2 - 2)
    g = j * (means.mean_1 - means.mean_2) / np.sqrt(square)
    df_1, df_2 = means.n_1 - 1, means.n_2 - 1
    spread = g**2 * (square_1**2 / df_1 + square_2**2 / df_2) / (8 * square**2)
    variances = j**2 * (spread + (square_1 / df_1 + square_2 / df_2) / square)
    return _from_means(Measure.STANDARDISED_MEAN_DIFFERENCE_UNEQUAL, means, g, variances)


def glass_delta(means: TwoMeans, *, correction: Correction = Correction.EXACT) -> StudyEffects:
    """Return the difference over the standard deviation of arm 2 (escalc measure="SMD1").

    J has n2 - 1 degrees of freedom; the variance is 1/n1 + 1/n2 + Δ²/(2 n2).
    """
    possible = (means.n_2 > 2) | (correction is not Correction.EXACT)
    j = _factor(correction, np.where(possible, means.n_2 - 1, 2))
    delta = j * (means.mean_1 - means.mean_2) / means.sd_2
    variances = 1 / means.n_1 + 1 / means.n_2 + delta**2 / (2 * means.n_2)
    gone = _left_out(means.labels, possible, "J does not exist for 2 participants in arm 2")
    return _kept(Measure.GLASS_DELTA, means.labels, delta, variances, possible, gone)


def ratio_of_means(means: TwoMeans) -> StudyEffects:
    """Return log(mean 1/mean 2), variance Σ sd²/(n·mean²), uncorrected (metafor 3.8's "ROM").

    metafor 5 adds a bias correction. Two means of unlike sign, or a mean of 0, have no ratio.
    """
    possible = means.mean_1 * means.mean_2 > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(means.mean_1 / means.mean_2)
        variances = means.sd_1**2 / (means.n_1 * means.mean_1**2)
        variances += means.sd_2**2 / (means.n_2 * means.mean_2**2)
    gone = _left_out(means.labels, possible, "the two means have no positive ratio")
    return _kept(Measure.RATIO_OF_MEANS, means.labels, effects, variances, possible, gone)


def variability_ratio(means: TwoMeans, *, corrected: bool = True) -> StudyEffects:
    """Return log(sd 1/sd 2), variance Σ 1/(2(n - 1)) (escalc measure="VR").

    corrected: adds 1/(2(n1 - 1)) - 1/(2(n2 - 1)), as metafor does
    """
    bias_1, bias_2 = 1 / (2 * (means.n_1 - 1)), 1 / (2 * (means.n_2 - 1))
    effects = np.log(means.sd_1 / means.sd_2)
    if corrected:
        effects = effects + bias_1 - bias_2
    return _from_means(Measure.VARIABILITY_RATIO, means, effects, bias_1 + bias_2)


def _from_means(
    measure: Measure, means: TwoMeans, effects: Floats, variances: Floats
) -> StudyEffects:
    every = np.ones(effects.size, dtype=bool)
    return _kept(measure, means.labels, effects, variances, every, ())


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


def rate_ratio(rates: TwoRates, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log incidence rate ratios, variance 1/x1 + 1/x2 (escalc measure="IRR")."""
    x = corrected_counts(rates, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log(x.events_1 / rates.time_1) - np.log(x.events_2 / rates.time_2)
        variances = 1 / x.events_1 + 1 / x.events_2
    return _from_rates(Measure.RATE_RATIO, rates, x, effects, variances)


def rate_difference(rates: TwoRates, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return incidence rate differences, variance x1/t1² + x2/t2² (escalc measure="IRD")."""
    x = corrected_counts(rates, zero_cells)
    effects = x.events_1 / rates.time_1 - x.events_2 / rates.time_2
    variances = x.events_1 / rates.time_1**2 + x.events_2 / rates.time_2**2
    return _from_rates(Measure.RATE_DIFFERENCE, rates, x, effects, variances)


def root_rate_difference(rates: TwoRates, zero_cells: ZeroCells = UNCHANGED) -> StudyEffects:
    """Return √rate 1 - √rate 2, variance 1/(4 t1) + 1/(4 t2) (escalc measure="IRSD")."""
    x = corrected_counts(rates, zero_cells)
    effects = np.sqrt(x.events_1 / rates.time_1) - np.sqrt(x.events_2 / rates.time_2)
    variances = 1 / (4 * rates.time_1) + 1 / (4 * rates.time_2)
    return _from_rates(Measure.ROOT_RATE_DIFFERENCE, rates, x, effects, variances)


def _from_rates(
    measure: Measure, rates: TwoRates, x: Counts, effects: Floats, variances: Floats
) -> StudyEffects:
    keep = x.keep & np.isfinite(effects) & np.isfinite(variances)
    none = (rates.events_1 == 0) & (rates.events_2 == 0)
    gone = tuple(
        LeftOut(rates.labels[row], row, NO_EVENTS if none[row] else ZERO_CELL)
        for row in np.flatnonzero(~keep).tolist()
    )
    return _kept(measure, rates.labels, effects, variances, keep, gone)


def proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return proportions, variance p(1 - p)/n (escalc measure="PR")."""
    x, n = _corrected_group(group, zero_cells)
    p = x / n
    return _from_group(Measure.PROPORTION, group, p, p * ((n - x) / n) / n)


def log_proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log proportions, variance 1/x - 1/n (escalc measure="PLN")."""
    x, n = _corrected_group(group, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _from_group(Measure.LOG_PROPORTION, group, np.log(x / n), 1 / x - 1 / n)


def logit_proportion(group: OneProportion, zero_cells: ZeroCells = METAFOR) -> StudyEffects:
    """Return log odds, variance 1/x + 1/(n - x) (escalc measure="PLO")."""
    x, n = _corrected_group(group, zero_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects, variances = np.log(x / (n - x)), 1 / x + 1 / (n - x)
    return _from_group(Measure.LOGIT_PROPORTION, group, effects, variances)


def arcsine_proportion(group: OneProportion, zero_cells: ZeroCells = UNCHANGED) -> StudyEffects:
    """Return asin √p, variance 1/(4n) (escalc measure="PAS")."""
    x, n = _corrected_group(group, zero_cells)
    return _from_group(Measure.ARCSINE_PROPORTION, group, np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


def freeman_tukey_proportion(
    group: OneProportion, zero_cells: ZeroCells = UNCHANGED
) -> StudyEffects:
    """Return the Freeman-Tukey double arcsine, variance 1/(4n + 2) (escalc measure="PFT")."""
    x, n = _corrected_group(group, zero_cells)
    effects = (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2
    return _from_group(Measure.FREEMAN_TUKEY_PROPORTION, group, effects, 1 / (4 * n + 2))


def proportion_of_freeman_tukey(angle: Floats, n: float | Floats) -> Floats:
    """Return the proportion with this double arcsine in a group of n, between 0 and 1.

    For a pooled angle n is the harmonic mean of the group sizes. Angles beyond
    those of 0/n and n/n give 0 and 1.
    Source: Miller 1978, Am Stat 32:138. Reference: metafor::transf.ipft, transf.ipft.hm.
    """
    size = np.asarray(n, dtype=np.float64)
    least = np.arcsin(np.sqrt(1 / (size + 1))) / 2
    most = (np.arcsin(np.sqrt(size / (size + 1))) + np.pi / 2) / 2
    inside = np.clip(angle, least, most)
    sine, cosine = np.sin(2 * inside), np.cos(2 * inside)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(0.0, 1 - (sine + (sine - 1 / sine) / size) ** 2))
    found = (1 - np.sign(cosine) * root) / 2
    found = np.where(angle <= least, 0.0, np.where(angle >= most, 1.0, found))
    return np.asarray(found)


def _corrected_group(group: OneProportion, zero_cells: ZeroCells) -> tuple[Floats, Floats]:
    more = zero_cells.added((group.events == 0) | (group.events == group.total))
    return group.events + more, group.total + 2 * more


def _from_group(
    measure: Measure, group: OneProportion, effects: Floats, variances: Floats
) -> StudyEffects:
    keep = np.isfinite(effects) & np.isfinite(variances)
    gone = _left_out(group.labels, keep, ZERO_CELL)
    return _kept(measure, group.labels, effects, variances, keep, gone)


def _left_out(labels: tuple[str, ...], keep: Bools, reason: str) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(labels[row], row, reason) for row in np.flatnonzero(~keep).tolist())


def given_effects(
    labels: Sequence[str],
    effects: Sequence[float] | Floats,
    variances: Sequence[float] | Floats,
    measure: Measure = Measure.GENERIC,
) -> StudyEffects:
    """Take effects and sampling variances as they are, on the analysis scale of the measure."""
    names = tuple(labels)
    return StudyEffects(
        measure,
        measure.scale,
        names,
        as_column("effect", effects, names),
        as_column("variance", variances, names),
        tuple(range(len(names))),
    )


def log_rank_effects(
    labels: Sequence[str], observed_less_expected: Sequence[float], v: Sequence[float]
) -> StudyEffects:
    """Return log hazard ratios (O - E)/V with variance 1/V, from log-rank statistics."""
    names = tuple(labels)
    spread = as_column("V", v, names)
    refuse(names, "V", spread, spread <= 0, "a variance above 0")
    effects = as_column("O - E", observed_less_expected, names) / spread
    return given_effects(names, effects, 1 / spread, Measure.HAZARD_RATIO)
