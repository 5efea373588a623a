"""Effects of two groups counted: risk ratio, odds ratio, Peto, risk and arcsine difference."""

from __future__ import annotations

import numpy as np

from analysis.effects.zero_cells import (
    METAFOR,
    UNCHANGED,
    ZERO_CELL,
    Cells,
    ZeroCells,
    corrected_cells,
    kept_effects,
    kept_tables,
)
from analysis.inputs import Floats, TwoByTwo
from analysis.results import Measure, StudyEffects


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
    return kept_effects(measure, kept_tables(tables, keep, ZERO_CELL), effects, variances)
