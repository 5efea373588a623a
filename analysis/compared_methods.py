"""The methods that a conclusion is held against: what each gives, and when it is not valid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from analysis.arm_corrections import (
    corrected_effects,
    empirical_correction,
    has_zero,
    treatment_arm_correction,
)
from analysis.beta_binomial import beta_binomial
from analysis.effects import (
    REVMAN,
    UNCHANGED,
    ZeroCells,
    arcsine_difference,
    odds_ratio,
    risk_difference_of_counts,
    risk_ratio,
)
from analysis.errors import NotEstimable
from analysis.exact import ExactOddsRatio, exact_common_odds_ratio
from analysis.glmm import MixedModel, odds_ratio_glmm
from analysis.heterogeneity import cochran_test
from analysis.inputs import TwoByTwo
from analysis.linear import Intercept
from analysis.plan import Method, Plan, PoolingModel, PredictionConvention
from analysis.planned_analysis import meta_analysis
from analysis.planned_effects import Studies, planned_effects
from analysis.pooling import Interval, Model, inverse_variance, peto
from analysis.results import Estimate, Limits, Measure, StudyEffects
from analysis.tau2 import Tau2Method

# Peto's bias passes a tenth of the effect for odds ratios beyond this, and grows with unequal arms
# (Greenland & Salvan 1990, Stat Med 9:247-252; Cochrane Handbook 10.4.2).
LARGEST_FOR_PETO = math.log(3.0)
# Allocated 1 to 2 or nearer: no trial in two equal arms comes near it by chance, and one in three
# (the shared control of three arms) is beyond.
MOST_UNEQUAL_FOR_PETO = 2.0
# The variance between studies is estimated from their differences, and two have a single one.
FEWEST_FOR_GLMM = 3
# Up to this many people an arm the limits of differences hold the truth in 87 to 93 % where they
# say 95 (tests.simulations.sparse, docs/methods.md).
TOO_FEW_FOR_DIFFERENCES = 20
# Three parameters (two risks, one correlation) from arms compared across studies: of fewer than
# five, the correlation is mostly at its bound, and the limits are those of one big trial.
FEWEST_FOR_BETA_BINOMIAL = 5
# Q has little power where studies are few or small, so that a P of 0.10 is taken for 0.05
# (Cochrane Handbook 10.10.2).
DIFFER_BELOW = 0.10
# With this many events, and people free of them, in every arm, the normal approximation holds and
# what was made for sparse data has nothing to add.
NOT_SPARSE = 10

RR, OR, RD = Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.RISK_DIFFERENCE
AS = Measure.ARCSINE_DIFFERENCE


@dataclass(frozen=True, slots=True)
class Computed:
    """What one method gives, on the pooled scale of its measure, and what to know of it."""

    method: str
    value: float
    limits: Limits
    caution: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedMethod:
    """A method, its result at a level, and why it does not suit some numbers.

    plan: the plan that asks for just this, where there is one
    """

    name: str
    measure: Measure
    result: Callable[[Studies, float], Computed]
    not_valid: Callable[[Studies], str | None]
    plan: Plan | None = None


def same_plan(method: ComparedMethod, planned: Plan) -> bool:
    """Whether a method is the planned one, whatever the level and the prediction interval."""
    return method.plan is not None and _essence(method.plan) == _essence(planned)


def _essence(plan: Plan) -> tuple[object, ...]:
    limits = None if plan.by_headline else plan.interval or Interval.NORMAL
    ratio = plan.measure in (RR, OR)
    rule = plan.zero_cells or (REVMAN if ratio else None)
    return plan.measure, plan.method, plan.estimator, limits, rule


def computed_by(plan: Plan, studies: Studies) -> Computed:
    """Pool all studies by a plan. Raises NotEstimable where there is no estimate."""
    found = meta_analysis(studies, replace(plan, prediction=PredictionConvention.NONE)).overall
    if found is None or found.estimate is None:
        raise NotEstimable("no study is given" if found is None else str(found.why))
    said = [*found.cautions, _constant_added(studies, plan)]
    caution = "; ".join(each for each in said if each) or None
    return Computed(plan.described(found.interval), *_of(found.estimate), caution)


def _constant_added(studies: Studies, plan: Plan) -> str | None:
    if not isinstance(studies, TwoByTwo) or plan.measure not in (RR, OR):
        return None
    return _zero_cells(studies) if plan.zero_cells != UNCHANGED else None


def _of(estimate: Estimate) -> tuple[float, Limits]:
    return estimate.value, Limits(estimate.ci_lower, estimate.ci_upper)


# ---- when a method does not count ----------------------------------------------------------------


def not_for_studies_that_differ(effects: StudyEffects) -> str | None:
    """Say why one common effect, common or exact, is not to be concluded from; None: it may be."""
    if len(effects) < 2 or not effects.variances.all():
        return None
    found = cochran_test(Intercept(effects.effects, effects.variances).q(0.0), len(effects) - 1)
    if found.p >= DIFFER_BELOW:
        return None
    p = f"{found.p:.3f}" if found.p >= 0.001 else "below 0.001"
    return f"the studies differ (I² {found.i2:.0%}, P {p} of Q; one effect for all asks for 0.10)"


_EFFECTS: dict[Measure, Callable[[TwoByTwo], StudyEffects]] = {
    RR: lambda tables: risk_ratio(tables, REVMAN),
    OR: lambda tables: odds_ratio(tables, REVMAN),
    RD: risk_difference_of_counts,
    AS: arcsine_difference,
}


@lru_cache(maxsize=8)  # several rows of one table ask, one after the other
def _tables_differ(tables: TwoByTwo, measure: Measure) -> str | None:
    return not_for_studies_that_differ(_EFFECTS[measure](tables))


Rule = Callable[[TwoByTwo], str | None]


def _first_of(*rules: Rule) -> Callable[[Studies], str | None]:
    def not_valid(studies: Studies) -> str | None:
        assert isinstance(studies, TwoByTwo)
        return next((why for rule in rules if (why := rule(studies)) is not None), None)

    return not_valid


def _differ(measure: Measure) -> Rule:
    return lambda tables: _tables_differ(tables, measure)


def _zero_cells(tables: TwoByTwo) -> str | None:
    zeros = int(has_zero(tables).sum())
    return f"a constant is added in {zeros} of {len(tables.labels)} studies" if zeros else None


def _peto_not_valid(tables: TwoByTwo) -> str | None:
    ratio = tables.total_1 / tables.total_2
    if float(np.maximum(ratio, 1 / ratio).max()) > MOST_UNEQUAL_FOR_PETO:
        return "arms of unequal size"
    try:
        value = peto(tables).estimate.value
    except NotEstimable:
        return None
    return "the effect is too large for it" if abs(value) > LARGEST_FOR_PETO else None


def _few_people(tables: TwoByTwo) -> str | None:
    people = float(np.concatenate([tables.total_1, tables.total_2]).mean())
    if people > TOO_FEW_FOR_DIFFERENCES:
        return None
    return f"{people:.0f} people an arm: its limits are too close"


def _fewer_than(needed: int) -> Rule:
    def not_valid(tables: TwoByTwo) -> str | None:
        k = len(_informative(tables))
        if k >= needed:
            return None
        return f"{k} informative {'study' if k == 1 else 'studies'}, {needed} needed"

    return not_valid


def _not_sparse(tables: TwoByTwo) -> str | None:
    cells = (tables.events_1, tables.no_events_1, tables.events_2, tables.no_events_2)
    if float(np.min(cells)) < NOT_SPARSE:
        return None
    return f"made for sparse data, and every arm has {NOT_SPARSE} people or more with and without"


def _not_whole(tables: TwoByTwo) -> str | None:
    columns = (tables.events_1, tables.total_1, tables.events_2, tables.total_2)
    if all(bool((column == np.floor(column)).all()) for column in columns):
        return None
    return "counts people one by one, and some here are shared out or divided"


def _require_whole(tables: TwoByTwo) -> None:
    why = _not_whole(tables)
    if why is not None:
        raise NotEstimable(why)


def _across_trials(tables: TwoByTwo) -> str | None:
    return "compares arms across trials, which were not allocated together"


def _informative(tables: TwoByTwo) -> list[int]:
    events = tables.events_1 + tables.events_2
    total = tables.total_1 + tables.total_2
    rows: list[int] = np.flatnonzero((events > 0) & (events < total)).tolist()
    return rows


# ---- methods for events of two arms --------------------------------------------------------------


def _planned(plan: Plan, *rules: Rule, name: str | None = None) -> ComparedMethod:
    def result(studies: Studies, level: float) -> Computed:
        found = computed_by(replace(plan, level=level), studies)
        return found if name is None else replace(found, method=name)

    common = plan.model is PoolingModel.COMMON
    measure = OR if plan.measure is Measure.PETO_ODDS_RATIO else plan.measure
    rules = (*rules, _differ(measure)) if common else rules
    return ComparedMethod(name or plan.described(), measure, result, _first_of(*rules), plan)


def _by(
    name: str, measure: Measure, pool: Callable[[TwoByTwo, float], Computed], *rules: Rule
) -> ComparedMethod:
    def result(studies: Studies, level: float) -> Computed:
        assert isinstance(studies, TwoByTwo)
        return pool(studies, level)

    return ComparedMethod(name, measure, result, _first_of(*rules))


def _exact(*, midp: bool) -> ComparedMethod:
    name = "exact conditional, mid-p" if midp else "exact conditional"

    def pool(tables: TwoByTwo, level: float) -> Computed:
        _require_whole(tables)
        found = _exact_limits(tables, level)
        limits = found.midp_limits if midp else found.limits
        return Computed(name, _log(found.estimate), Limits(_log(limits.lower), _log(limits.upper)))

    return _by(name, OR, pool, _differ(OR), _not_whole, _not_sparse)


@lru_cache(maxsize=1)  # two rows of the table, one after the other
def _exact_limits(tables: TwoByTwo, level: float) -> ExactOddsRatio:
    return exact_common_odds_ratio(tables, level=level)


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


def _corrected(*, empirical: bool) -> ComparedMethod:
    rule = empirical_correction if empirical else treatment_arm_correction
    name = f"inverse variance, {'empirical constants' if empirical else 'constants by arm size'}"

    def pool(tables: TwoByTwo, level: float) -> Computed:
        informative = tables.take(_informative(tables))
        if not informative.labels:
            raise NotEstimable("no study has both events and no events", studies=0)
        studies = corrected_effects(informative, OR, rule(informative))
        found = inverse_variance(studies, Model(tau2=None, level=level)).estimate
        return Computed(name, *_of(found), _zero_cells(tables))

    return _by(name, OR, pool, _differ(OR))


def _glmm(name: str, model: MixedModel) -> ComparedMethod:
    def pool(tables: TwoByTwo, level: float) -> Computed:
        _require_whole(tables)
        return Computed(name, *_of(odds_ratio_glmm(tables, model, level=level).estimate))

    return _by(name, OR, pool, _fewer_than(FEWEST_FOR_GLMM), _not_whole, _not_sparse)


def _beta_binomial(tables: TwoByTwo, level: float) -> Computed:
    _require_whole(tables)
    return Computed("beta-binomial", *_of(beta_binomial(tables, level=level).estimate))


def _common(
    measure: Measure,
    method: Method = Method.MANTEL_HAENSZEL,
    zero_cells: ZeroCells | None = None,
) -> Plan:
    return Plan(measure, method, PoolingModel.COMMON, zero_cells=zero_cells)


TABLE_METHODS: Sequence[ComparedMethod] = (
    _planned(_common(RR), name="Mantel-Haenszel, 0.5 where a cell is 0"),
    _planned(_common(RR, zero_cells=UNCHANGED), name="Mantel-Haenszel, nothing added"),
    _planned(_common(OR, zero_cells=UNCHANGED), name="Mantel-Haenszel, nothing added"),
    _planned(_common(RD), _few_people, name="Mantel-Haenszel"),
    _planned(_common(RR, Method.INVERSE_VARIANCE)),
    _planned(Plan(RR)),
    _planned(Plan(RR, Method.MANTEL_HAENSZEL)),
    _corrected(empirical=False),
    _corrected(empirical=True),
    _planned(_common(Measure.PETO_ODDS_RATIO, Method.PETO), _peto_not_valid, name="Peto"),
    _exact(midp=False),
    _exact(midp=True),
    _glmm("mixed model, conditional", MixedModel.CONDITIONAL_EXACT),
    _glmm("mixed model, study baselines fixed", MixedModel.FIXED_STUDY),
    _by("beta-binomial", OR, _beta_binomial, _fewer_than(FEWEST_FOR_BETA_BINOMIAL), _across_trials),
    _planned(_common(AS, Method.INVERSE_VARIANCE), _few_people, name="arcsine difference"),
)


# ---- methods for effects of any other kind -------------------------------------------------------


def effect_methods(plan: Plan) -> Sequence[ComparedMethod]:
    """Return the ways to pool effects in the measure of a plan: models, estimators, intervals."""
    common = replace(
        plan,
        method=Method.INVERSE_VARIANCE,
        model=PoolingModel.COMMON,
        tau2=None,
        interval=None,
        prediction=PredictionConvention.NONE,
    )
    random = (
        (Tau2Method.DERSIMONIAN_LAIRD, Interval.NORMAL),
        (Tau2Method.PAULE_MANDEL, Interval.NORMAL),
        (Tau2Method.REML, Interval.NORMAL),
        (Tau2Method.REML, Interval.HARTUNG_KNAPP),
        (Tau2Method.REML, Interval.HARTUNG_KNAPP_FLOORED),
    )
    plans = [
        replace(common, model=PoolingModel.RANDOM, tau2=tau2, interval=interval)
        for tau2, interval in random
    ]
    return [_of_effects(each) for each in (common, *plans)]


def _of_effects(plan: Plan) -> ComparedMethod:
    def not_valid(studies: Studies) -> str | None:
        effects = planned_effects(studies, plan)
        if plan.model is PoolingModel.COMMON:
            return not_for_studies_that_differ(effects)
        few = len(effects) < 3 and plan.interval is not Interval.NORMAL
        return "two studies: one degree of freedom, and limits of everything" if few else None

    return ComparedMethod(
        plan.described(),
        plan.measure,
        lambda studies, level: computed_by(replace(plan, level=level), studies),
        not_valid,
        plan,
    )
