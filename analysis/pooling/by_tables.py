"""Pooled from the tables themselves: Mantel-Haenszel and Peto."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.effects import (
    METAFOR,
    NO_EVENTS,
    REVMAN,
    UNCHANGED,
    Cells,
    Kept,
    ZeroCells,
    corrected_cells,
    corrected_counts,
    kept_studies,
    kept_tables,
    odds_ratio,
    peto_odds_ratio,
    peto_parts,
    rate_difference,
    rate_ratio,
    risk_difference,
    risk_ratio,
)
from analysis.errors import InvalidOption, NotEstimable
from analysis.heterogeneity import heterogeneity_about
from analysis.inputs import TwoByTwo, TwoRates
from analysis.mantel_haenszel import (
    RiskDifferenceVariance,
    Sums,
    pooled_odds_ratio,
    pooled_rate_difference,
    pooled_rate_ratio,
    pooled_risk_difference,
    pooled_risk_ratio,
)
from analysis.pooling.estimates import estimate_of
from analysis.results import Measure, PooledTables, StudyEffects


@dataclass(frozen=True, slots=True)
class TableRules:
    """The zero-cell rule for the tables that are pooled, and for the single effects beside them."""

    pooled: ZeroCells
    effects: ZeroCells


METAFOR_RULES = TableRules(pooled=UNCHANGED, effects=REVMAN)


def revman_rules(measure: Measure) -> TableRules:
    """Return what RevMan 5 does: 0.5 in trials with a zero cell, double-zero trials dropped.

    The pooled risk difference needs no constant and drops no trial.
    """
    if measure is Measure.RISK_DIFFERENCE:
        return TableRules(UNCHANGED, METAFOR)
    return TableRules(REVMAN, REVMAN)


def mantel_haenszel(
    tables: TwoByTwo,
    measure: Measure = Measure.RISK_RATIO,
    *,
    rules: TableRules | None = None,
    variance: RiskDifferenceVariance = RiskDifferenceVariance.GREENLAND_ROBINS,
    level: float = 0.95,
    studies: StudyEffects | None = None,
) -> PooledTables:
    """Pool risk ratios, odds ratios or risk differences by Mantel and Haenszel.

    rules:    None is RevMan's rule for the measure; metafor's default is
              METAFOR_RULES: nothing is added to what is pooled
    variance: for the risk difference only
    studies:  the single effects that Q is about; None: those of the rule
    The estimate is on the log scale for ratios. Variances: Greenland & Robins
    1985 (RR, RD), Robins, Breslow & Greenland 1986 (OR), Sato 1989 (RD).
    Raises NotEstimable where an arm has no events left in all tables together.
    Reference: metafor::rma.mh; RevMan 5 for RevMan's rule.
    """
    rule = rules or revman_rules(measure)
    singles = effects_of(tables, measure, rule.effects) if studies is None else studies
    every = corrected_cells(tables, rule.pooled)
    if not every.keep.any():
        raise NotEstimable("no study has events in one arm and not in the other", studies=0)
    sums = _mantel_haenszel_sums(every.kept(), measure, variance)
    kept = kept_tables(tables, every.keep, "left out")
    return _pooled_tables(singles, sums, kept, level)


def effects_of(tables: TwoByTwo, measure: Measure, zero_cells: ZeroCells) -> StudyEffects:
    """Return the effects of the single studies in the measure that is pooled."""
    if measure is Measure.RISK_RATIO:
        return risk_ratio(tables, zero_cells)
    if measure is Measure.ODDS_RATIO:
        return odds_ratio(tables, zero_cells)
    if measure is Measure.RISK_DIFFERENCE:
        return risk_difference(tables, zero_cells)
    raise InvalidOption(f"Mantel-Haenszel pools RR, OR and RD of two groups, not {measure}")


def _mantel_haenszel_sums(x: Cells, measure: Measure, variance: RiskDifferenceVariance) -> Sums:
    if measure is Measure.RISK_RATIO:
        return pooled_risk_ratio(x)
    if measure is Measure.ODDS_RATIO:
        return pooled_odds_ratio(x)
    return pooled_risk_difference(x, variance)


def mantel_haenszel_rates(
    rates: TwoRates,
    measure: Measure = Measure.RATE_RATIO,
    *,
    rules: TableRules = METAFOR_RULES,
    level: float = 0.95,
) -> PooledTables:
    """Pool incidence rate ratios (log scale) or differences by Mantel and Haenszel.

    Reference: metafor::rma.mh(measure="IRR" or "IRD").
    """
    if measure not in (Measure.RATE_RATIO, Measure.RATE_DIFFERENCE):
        raise InvalidOption(f"Mantel-Haenszel pools IRR and IRD of two rates, not {measure}")
    ratio = measure is Measure.RATE_RATIO
    studies = (rate_ratio if ratio else rate_difference)(rates, rules.effects)
    x = corrected_counts(rates, rules.pooled)
    keep = x.keep
    if not keep.any():
        raise NotEstimable("no study has events", studies=0)
    pool = pooled_rate_ratio if ratio else pooled_rate_difference
    sums = pool(x.events_1[keep], rates.time_1[keep], x.events_2[keep], rates.time_2[keep])
    kept = kept_studies(rates.labels, keep, lambda _: NO_EVENTS)
    return _pooled_tables(studies, sums, kept, level)


def peto(tables: TwoByTwo, *, level: float = 0.95) -> PooledTables:
    """Pool log odds ratios by Peto's one-step method; nothing is added to any cell.

    Tables without variance (no events, or only events) are left out.
    Not for large effects or unequal arms: its bias grows with both (Greenland & Salvan 1990).
    Reference: metafor::rma.peto.
    """
    studies = peto_odds_ratio(tables)
    observed_less_expected, v = peto_parts(corrected_cells(tables, UNCHANGED))
    keep = v > 0
    if not keep.any():
        raise NotEstimable("no table has both events and no events", studies=0)
    total = float(v.sum())
    value = float(observed_less_expected[keep].sum()) / total
    sums = Sums(value, 1 / math.sqrt(total), v[keep] / total)
    return _pooled_tables(studies, sums, kept_tables(tables, keep, "no variance"), level)


def _pooled_tables(studies: StudyEffects, sums: Sums, kept: Kept, level: float) -> PooledTables:
    return PooledTables(
        studies.measure,
        studies.scale,
        level,
        kept.labels,
        kept.rows,
        sums.weights,
        kept.left_out,
        studies,
        estimate_of(sums.value, sums.se, level=level),
        heterogeneity_about(sums.value, studies),
    )
