"""Effects of two groups with events in a time at risk."""

from __future__ import annotations

import numpy as np

from analysis.effects.zero_cells import (
    METAFOR,
    NO_EVENTS,
    UNCHANGED,
    ZERO_CELL,
    Counts,
    ZeroCells,
    corrected_counts,
    kept_effects,
    kept_studies,
)
from analysis.inputs import Floats, TwoRates
from analysis.results import Measure, StudyEffects


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
    kept = kept_studies(rates.labels, keep, lambda row: NO_EVENTS if none[row] else ZERO_CELL)
    return kept_effects(measure, kept, effects, variances)
