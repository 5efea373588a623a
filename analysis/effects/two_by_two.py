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
        effects = np.where(x.even, 0.0, np.log(x.a / x.n_1) - np.log(x.c / x.n_2))
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
    return _from_tables(
        Measure.RISK_DIFFERENCE, tables, x, x.a / x.n_1 - x.c / x.n_2, _difference_variance(x)
    )


def risk_difference_of_counts(tables: TwoByTwo) -> StudyEffects:
    """Return risk differences of the counts as they are, none of them with variance 0.

    The 0.5 of an empty cell goes into the variance alone, and only of a study whose own is 0
    (no events or only events in each arm): the difference is what was seen, and a constant cannot
    turn 0/21 against 0/12 into a harm. On the natural scale.
    Source: Cochrane Handbook 10.4.4; the constant as metafor::escalc(measure="RD", to="only0").
    """
    counted = _difference_variance(corrected_cells(tables, UNCHANGED))
    corrected = _difference_variance(corrected_cells(tables, METAFOR))
    return _counted_difference(tables, np.where(counted == 0, corrected, counted))


def risk_difference_of_revman(tables: TwoByTwo) -> StudyEffects:
    """Return RevMan's risk differences: of the counts, with variances from the corrected cells.

    2/38 against 0/39 is 0.0526 (-0.0316, 0.1369); metafor corrects both (0.0516). Natural scale.
    """
    return _counted_difference(tables, _difference_variance(corrected_cells(tables, METAFOR)))


def _counted_difference(tables: TwoByTwo, variances: Floats) -> StudyEffects:
    x = corrected_cells(tables, UNCHANGED)
    return _from_tables(Measure.RISK_DIFFERENCE, tables, x, x.a / x.n_1 - x.c / x.n_2, variances)


def _difference_variance(x: Cells) -> Floats:
    p1, p2 = x.a / x.n_1, x.c / x.n_2
    return np.asarray(p1 * (x.b / x.n_1) / x.n_1 + p2 * (x.d / x.n_2) / x.n_2)


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
