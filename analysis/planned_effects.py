"""From a plan and the numbers of the studies to one effect a study, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from analysis.effects import (
    METAFOR,
    REVMAN,
    REVMAN_RISKS,
    UNCHANGED,
    SmallSampleFactor,
    SmdVariance,
    ZeroCells,
    arcsine_difference,
    arcsine_proportion,
    freeman_tukey_proportion,
    glass_delta,
    kept_effects,
    kept_studies,
    log_proportion,
    logit_proportion,
    mean_difference,
    odds_ratio,
    peto_odds_ratio,
    proportion,
    rate_difference,
    rate_ratio,
    ratio_of_means,
    risk_difference,
    risk_difference_of_counts,
    risk_difference_of_revman,
    risk_ratio,
    root_rate_difference,
    smd_unequal_variances,
    standardised_mean_difference,
    variability_ratio,
)
from analysis.errors import InvalidOption
from analysis.inputs import (
    Bools,
    GivenEffects,
    LogRank,
    OneProportion,
    TwoByTwo,
    TwoMeans,
    TwoRates,
)
from analysis.plan import Convention, Method, Plan
from analysis.results import LeftOut, Measure, Scale, StudyEffects

Studies: TypeAlias = TwoByTwo | TwoMeans | TwoRates | OneProportion | GivenEffects | LogRank

NO_PEOPLE = "an arm without people"
NO_SPREAD = "a standard deviation of 0"
ONE_PERSON = "an arm of one person has no standard deviation"
NO_VARIANCE = "no variance"
NO_WEIGHT = "variance 0, so no weight"


def planned_effects(studies: Studies, plan: Plan) -> StudyEffects:
    """Return one effect per study by the plan's measure, zero-cell rule and convention.

    Raises InvalidOption where the measure is not one of these numbers.
    """
    why = unusable(studies, plan)
    fit = [row for row, reason in enumerate(why) if reason is None]
    if len(fit) == len(why):
        return _with_weight(_effects(studies, plan))
    gone = tuple(
        LeftOut(studies.labels[row], row, reason)
        for row, reason in enumerate(why)
        if reason is not None
    )
    return _with_weight(_with_gone(_effects(studies.take(fit), plan), fit, gone))


def _with_weight(effects: StudyEffects) -> StudyEffects:
    """Leave out by name what a zero-cell rule gives an effect and no variance."""
    at = np.flatnonzero(effects.variances > 0).tolist()
    if len(at) == len(effects):
        return effects
    gone = [
        LeftOut(label, row, NO_WEIGHT)
        for label, row, v in zip(effects.labels, effects.rows, effects.variances, strict=True)
        if v == 0
    ]
    left_out = sorted((*effects.left_out, *gone), key=lambda each: each.row)
    return replace(effects.take(at), left_out=tuple(left_out))


def scale_of(studies: Studies, plan: Plan) -> Scale:
    """Return the scale that is pooled; given effects of no named measure bring their own."""
    if isinstance(studies, GivenEffects) and plan.measure is Measure.GENERIC:
        return studies.scale
    return plan.measure.scale


def unusable(studies: Studies, plan: Plan) -> list[str | None]:
    """Return for each study why its numbers give no effect under any rule, None where they may."""
    if isinstance(studies, TwoByTwo):
        return _reasons(((studies.total_1 == 0) | (studies.total_2 == 0), NO_PEOPLE))
    if isinstance(studies, TwoMeans):
        return _unusable_means(studies, plan)
    if isinstance(studies, GivenEffects):
        return _reasons((studies.se == 0, "standard error 0, so no weight"))
    if isinstance(studies, LogRank):
        return _reasons((studies.variance == 0, NO_VARIANCE))
    return [None] * len(studies.labels)


def _unusable_means(means: TwoMeans, plan: Plan) -> list[str | None]:
    fewest = np.minimum(means.n_1, means.n_2)
    none, one = fewest < 1, fewest < 2
    alone = one & (plan.convention is Convention.HANDBOOK)
    flat = (means.sd_1 == 0) | (means.sd_2 == 0)
    return _reasons((none, NO_PEOPLE), (alone, ONE_PERSON), (flat, NO_SPREAD))


def _reasons(*found: tuple[Bools, str]) -> list[str | None]:
    """Return the first reason that holds for each study."""
    if not any(where.any() for where, _ in found):
        return [None] * len(found[0][0])
    flags = [(where.tolist(), words) for where, words in found]
    return [
        next((words for where, words in flags if where[row]), None)
        for row in range(len(flags[0][0]))
    ]


def _with_gone(effects: StudyEffects, fit: list[int], gone: tuple[LeftOut, ...]) -> StudyEffects:
    left_out = [LeftOut(each.label, fit[each.row], each.reason) for each in effects.left_out]
    return StudyEffects(
        effects.measure,
        effects.scale,
        effects.labels,
        effects.effects,
        effects.variances,
        tuple(fit[row] for row in effects.rows),
        tuple(sorted((*left_out, *gone), key=lambda each: each.row)),
    )


def _effects(studies: Studies, plan: Plan) -> StudyEffects:
    if isinstance(studies, TwoByTwo):
        return _of_tables(studies, plan)
    if isinstance(studies, TwoMeans):
        return _of_means(studies, plan)
    if isinstance(studies, TwoRates):
        return _of_rates(studies, plan)
    if isinstance(studies, OneProportion):
        return _of_groups(studies, plan)
    if isinstance(studies, GivenEffects):
        return _of_given(studies, plan)
    return _of_log_rank(studies, plan)


_TABLES: Mapping[Measure, Callable[[TwoByTwo, ZeroCells], StudyEffects]] = MappingProxyType(
    {
        Measure.RISK_RATIO: risk_ratio,
        Measure.ODDS_RATIO: odds_ratio,
        Measure.RISK_DIFFERENCE: risk_difference,
        Measure.PETO_ODDS_RATIO: peto_odds_ratio,
        Measure.ARCSINE_DIFFERENCE: arcsine_difference,
    }
)
_RATIOS = (Measure.RISK_RATIO, Measure.ODDS_RATIO)


def _of_tables(tables: TwoByTwo, plan: Plan) -> StudyEffects:
    if plan.measure not in _TABLES:
        raise _not_of(plan, "events of two arms", ", ".join(_TABLES))
    rule = plan.zero_cells
    if rule == UNCHANGED and plan.method is Method.MANTEL_HAENSZEL:
        # Nothing is added to what is pooled; the studies beside it are shown as metafor shows them.
        rule = None
    if rule is not None:
        return _TABLES[plan.measure](tables, rule)
    if plan.measure is Measure.RISK_DIFFERENCE:
        revman = plan.convention is Convention.REVMAN
        return (risk_difference_of_revman if revman else risk_difference_of_counts)(tables)
    plain = revman_rule(plan) if plan.measure in _RATIOS else UNCHANGED
    return _TABLES[plan.measure](tables, plain)


def revman_rule(plan: Plan) -> ZeroCells:
    """Return the zero-cell rule for a ratio, by the convention."""
    even = plan.convention is Convention.REVMAN and plan.measure is Measure.RISK_RATIO
    return REVMAN_RISKS if even else REVMAN


_MEANS: Mapping[Measure, Callable[[TwoMeans], StudyEffects]] = MappingProxyType(
    {
        Measure.MEAN_DIFFERENCE: mean_difference,
        Measure.STANDARDISED_MEAN_DIFFERENCE: standardised_mean_difference,
        Measure.STANDARDISED_MEAN_DIFFERENCE_UNEQUAL: smd_unequal_variances,
        Measure.GLASS_DELTA: glass_delta,
        Measure.RATIO_OF_MEANS: ratio_of_means,
        Measure.VARIABILITY_RATIO: variability_ratio,
    }
)


def _of_means(means: TwoMeans, plan: Plan) -> StudyEffects:
    if plan.measure not in _MEANS:
        raise _not_of(plan, "means of two arms", ", ".join(_MEANS))
    standardised = plan.measure is Measure.STANDARDISED_MEAN_DIFFERENCE
    if standardised and plan.convention is Convention.REVMAN:
        return _revman_standardised(means)
    return _MEANS[plan.measure](means)


def _revman_standardised(means: TwoMeans) -> StudyEffects:
    """Return RevMan's g; two arms of one person each share no standard deviation."""
    alone = (means.n_1 + means.n_2) <= 2
    rows = np.flatnonzero(~alone).tolist()
    found = standardised_mean_difference(
        means.take(rows), correction=SmallSampleFactor.APPROXIMATE, variance=SmdVariance.REVMAN_5
    )
    if not alone.any():
        return found
    kept = kept_studies(means.labels, ~alone, lambda _: ONE_PERSON)
    full = np.zeros((2, alone.size))
    full[0, rows], full[1, rows] = found.effects, found.variances
    return kept_effects(found.measure, kept, full[0], full[1])


_RATES: Mapping[Measure, tuple[Callable[[TwoRates, ZeroCells], StudyEffects], ZeroCells]] = (
    MappingProxyType(
        {
            Measure.RATE_RATIO: (rate_ratio, REVMAN),
            Measure.RATE_DIFFERENCE: (rate_difference, METAFOR),
            Measure.ROOT_RATE_DIFFERENCE: (root_rate_difference, UNCHANGED),
        }
    )
)


def _of_rates(rates: TwoRates, plan: Plan) -> StudyEffects:
    if plan.measure not in _RATES:
        raise _not_of(plan, "events and time at risk", ", ".join(_RATES))
    effects, rule = _RATES[plan.measure]
    return effects(rates, plan.zero_cells or rule)


_GROUPS: Mapping[Measure, tuple[Callable[[OneProportion, ZeroCells], StudyEffects], ZeroCells]] = (
    MappingProxyType(
        {
            Measure.PROPORTION: (proportion, METAFOR),
            Measure.LOG_PROPORTION: (log_proportion, METAFOR),
            Measure.LOGIT_PROPORTION: (logit_proportion, METAFOR),
            Measure.ARCSINE_PROPORTION: (arcsine_proportion, UNCHANGED),
            Measure.FREEMAN_TUKEY_PROPORTION: (freeman_tukey_proportion, UNCHANGED),
        }
    )
)


def _of_groups(group: OneProportion, plan: Plan) -> StudyEffects:
    if plan.measure not in _GROUPS:
        raise _not_of(plan, "events of one group", ", ".join(_GROUPS))
    effects, rule = _GROUPS[plan.measure]
    return effects(group, plan.zero_cells or rule)


def _of_given(given: GivenEffects, plan: Plan) -> StudyEffects:
    scale = scale_of(given, plan)
    if given.scale is not scale:
        raise InvalidOption(f"{plan.measure} is pooled as {scale}, the effects are {given.scale}")
    rows = tuple(range(len(given.labels)))
    return StudyEffects(plan.measure, scale, given.labels, given.estimate, given.se**2, rows)


def _of_log_rank(found: LogRank, plan: Plan) -> StudyEffects:
    if plan.measure.scale is not Scale.LOG:
        raise _not_of(plan, "observed less expected events", "a ratio, as HR or PETO")
    rows = tuple(range(len(found.labels)))
    effects, variances = found.o_minus_e / found.variance, 1 / found.variance
    return StudyEffects(plan.measure, Scale.LOG, found.labels, effects, variances, rows)


def _not_of(plan: Plan, what: str, allowed: str) -> InvalidOption:
    return InvalidOption(f"measure {plan.measure}: {what} give {allowed}")
