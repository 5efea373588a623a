"""Continuity corrections that differ between the arms, for tables with a zero cell.

A constant of 0.5 in every cell pulls a trial with unequal arms away from no effect. These rules
share a constant of 1 between the arms instead (Sweeting 2004, Stat Med 23:1351-1375). Sensitivity
analyses: Mantel-Haenszel without correction and exact methods need no constant at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.effects import UNCHANGED, odds_ratio
from analysis.errors import InvalidOption, NotEstimable
from analysis.inputs import Bools, Floats, TwoByTwo
from analysis.results import Measure, StudyEffects


@dataclass(frozen=True, slots=True, eq=False)
class ArmCorrection:
    """What is added to both cells of each arm, one entry per study; 0 without a zero cell.

    omega: the odds ratio the empirical rule rests on; None for another rule
    """

    arm_1: Floats
    arm_2: Floats
    omega: float | None = None


def treatment_arm_correction(tables: TwoByTwo) -> ArmCorrection:
    """Return constants in proportion to each arm's size, which sum to 1."""
    total = tables.total_1 + tables.total_2
    return _where_zero(tables, tables.total_1 / total)


def empirical_correction(tables: TwoByTwo) -> ArmCorrection:
    """Return constants whose own odds ratio is that pooled from the trials without a zero cell.

    Raises NotEstimable where every trial has a zero cell.
    """
    whole = np.flatnonzero(~has_zero(tables)).tolist()
    if not whole:
        raise NotEstimable("every study has a zero cell: nothing to take the odds ratio from")
    known = odds_ratio(tables.take(whole), UNCHANGED)
    omega = math.exp(float(np.average(known.effects, weights=1 / known.variances)))
    ratio = tables.total_2 / tables.total_1
    found = _where_zero(tables, omega / (omega + ratio))
    return ArmCorrection(found.arm_1, found.arm_2, omega)


def has_zero(tables: TwoByTwo) -> Bools:
    """Return which tables have a cell of 0."""
    cells = (tables.events_1, tables.no_events_1, tables.events_2, tables.no_events_2)
    return np.asarray(np.min(cells, axis=0) == 0)


def _where_zero(tables: TwoByTwo, share_1: Floats) -> ArmCorrection:
    zero = has_zero(tables)
    return ArmCorrection(np.where(zero, share_1, 0.0), np.where(zero, 1 - share_1, 0.0))


def corrected_effects(
    tables: TwoByTwo, measure: Measure, correction: ArmCorrection
) -> StudyEffects:
    """Return log risk or odds ratios of the corrected tables; no study is left out."""
    a, b = tables.events_1 + correction.arm_1, tables.no_events_1 + correction.arm_1
    c, d = tables.events_2 + correction.arm_2, tables.no_events_2 + correction.arm_2
    if measure is Measure.ODDS_RATIO:
        effects, variances = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    elif measure is Measure.RISK_RATIO:
        effects = np.log(a / (a + b) / (c / (c + d)))
        variances = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    else:
        raise InvalidOption(f"corrections by arm are for RR and OR, not {measure}")
    rows = tuple(range(len(tables.labels)))
    return StudyEffects(measure, measure.scale, tables.labels, effects, variances, rows)
