"""From a plan and the effects of some studies to what is pooled of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.distributions import quantile, two_sided_p
from analysis.effects import METAFOR, UNCHANGED
from analysis.errors import InvalidOption
from analysis.heterogeneity import Profile, q_profile, typical_variance
from analysis.inputs import Floats, TwoByTwo, TwoRates
from analysis.linear import Intercept
from analysis.plan import Convention, Method, Plan, PoolingModel, PredictionConvention
from analysis.planned_effects import Studies, revman_rule, unusable
from analysis.pooling import (
    FEWEST_FOR_HARTUNG_KNAPP,
    METAFOR_RULES,
    Interval,
    Model,
    Pooled,
    TableRules,
    estimate_of,
    headline,
    inverse_variance,
    mantel_haenszel,
    mantel_haenszel_rates,
    peto,
    random_about,
)
from analysis.results import (
    Estimate,
    HeterogeneityTest,
    Limits,
    Measure,
    PooledTables,
    StudyEffects,
)
from analysis.score_limits import newcombe_limits, pooled_newcombe_limits

# Below this share of people with the event, inverse-variance weights of differences follow the
# empty studies: 0/349 against 0/151 outweighed the largest trial of 28 (Cochrane Handbook 10.4.4).
RARE = 0.05
RARE_CAUTION = "differences by inverse variance are not for rare events: empty studies weigh most"
# Between which limits a measure can lie, on its pooled scale.
_BOUNDS = {
    Measure.RISK_DIFFERENCE: (-1.0, 1.0),
    Measure.ARCSINE_DIFFERENCE: (-math.pi / 2, math.pi / 2),
    Measure.ARCSINE_PROPORTION: (0.0, math.pi / 2),
    Measure.PROPORTION: (0.0, 1.0),
    Measure.LOG_PROPORTION: (-math.inf, 0.0),
}


@dataclass(frozen=True, slots=True)
class PlannedPool:
    """What some studies came to, on the pooled scale; `weights` are shares of 1 by row."""

    estimate: Estimate
    interval: Interval
    heterogeneity: HeterogeneityTest
    tau2: float | None
    tau2_limits: Limits | None
    i2: float
    i2_limits: Limits | None
    prediction: Limits | None
    cautions: tuple[str, ...]
    weights: Mapping[int, float]
    score_limits: bool = False  # of a risk difference, where the ordinary ones are impossible


def planned_pool(
    studies: Studies, effects: StudyEffects, rows: Sequence[int], plan: Plan
) -> PlannedPool:
    """Pool the studies of these rows by the plan.

    effects: of all studies, as `planned_effects` gives them
    Raises NotEstimable without a study, NotConverged where tau2 has no solution.
    """
    chosen = set(rows)
    own = effects.take([at for at, row in enumerate(effects.rows) if row in chosen])
    if plan.method is Method.INVERSE_VARIANCE:
        pool = _by_variance(_inverse_variance(own, plan), own.rows, plan)
    else:
        pool = _by_tables(studies, own, rows, plan)
    if plan.convention is Convention.REVMAN:
        return pool
    return _with_caution(_bounded(studies, pool, plan), studies, plan)


def row_estimates(studies: Studies, effects: StudyEffects, plan: Plan) -> dict[int, Estimate]:
    """Return each study's own estimate with normal limits at the plan's level, by its row.

    Under the Handbook's convention a difference of risks whose own variance is 0, or whose
    limits would leave -1 to 1, has Newcombe's.
    """
    pairs = zip(effects.effects.tolist(), np.sqrt(effects.variances).tolist(), strict=True)
    found = [estimate_of(value, se, level=plan.level) for value, se in pairs]
    if plan.convention is Convention.HANDBOOK:
        found = _bounded_rows(studies, effects, found, plan)
    return dict(zip(effects.rows, found, strict=True))


def _bounded_rows(
    studies: Studies, effects: StudyEffects, found: list[Estimate], plan: Plan
) -> list[Estimate]:
    if not (isinstance(studies, TwoByTwo) and plan.measure is Measure.RISK_DIFFERENCE):
        return [_clipped(each, plan.measure) for each in found]
    lower, upper = newcombe_limits(studies.take(effects.rows), level=plan.level)
    spread = _counted_variance(studies.take(effects.rows))
    return [
        replace(each, ci_lower=float(lower[at]), ci_upper=float(upper[at]))
        if spread[at] == 0 or each.ci_lower < -1 or each.ci_upper > 1
        else each
        for at, each in enumerate(found)
    ]


def _counted_variance(tables: TwoByTwo) -> Floats:
    return np.asarray(
        tables.events_1 * tables.no_events_1 / tables.total_1**3
        + tables.events_2 * tables.no_events_2 / tables.total_2**3
    )


def _inverse_variance(own: StudyEffects, plan: Plan) -> Pooled:
    if plan.estimator is None:
        return inverse_variance(own, _model(plan, plan.interval or Interval.NORMAL))
    if not plan.by_headline:
        return inverse_variance(own, _model(plan, plan.interval or Interval.NORMAL))
    return headline(own, level=plan.level, tau2=plan.estimator)


def _model(plan: Plan, interval: Interval) -> Model:
    return Model(plan.estimator, interval, plan.level)


def _by_variance(found: Pooled, rows: tuple[int, ...], plan: Plan) -> PlannedPool:
    k = len(found.studies)
    profile = found.profile or _profile(found.studies, plan.level)
    random = plan.model is PoolingModel.RANDOM
    return PlannedPool(
        estimate=_tested(found, plan),
        interval=Interval.NORMAL if k == 1 else found.model.interval,
        heterogeneity=found.heterogeneity,
        tau2=found.tau2 if random else None,
        tau2_limits=profile.tau2 if profile and random else None,
        i2=found.i2,
        i2_limits=_i2_limits(profile, found.i2, random=random),
        prediction=_predicted(found, plan),
        cautions=found.cautions,
        weights=dict(zip(rows, found.weights.tolist(), strict=True)),
    )


def _i2_limits(profile: Profile | None, i2: float, *, random: bool) -> Limits | None:
    if profile is None:
        return None
    return profile.i2 if random else _holding(profile.i2, i2)


def _holding(limits: Limits, i2: float) -> Limits | None:
    """Return limits of tau2's I² for one that is from Q; None where they do not hold it."""
    return limits if limits.lower <= i2 <= limits.upper else None


def _profile(studies: StudyEffects, level: float) -> Profile | None:
    if len(studies) < 2:
        return None
    linear = Intercept(studies.effects, studies.variances)
    return q_profile(linear, typical_variance(linear), level)


def _tested(found: Pooled, plan: Plan) -> Estimate:
    """Return the estimate; RevMan prints Wald's P beside every interval."""
    if plan.convention is Convention.HANDBOOK or found.estimate.df is None:
        return found.estimate
    linear = Intercept(found.studies.effects, found.studies.variances)
    wald = math.sqrt(float(linear.weights(found.tau2).sum()))
    return replace(found.estimate, p=two_sided_p(found.estimate.value * wald, None))


def _predicted(found: Pooled, plan: Plan) -> Limits | None:
    k, asked = len(found.studies), plan.prediction
    if plan.model is PoolingModel.COMMON or asked is PredictionConvention.NONE:
        return None
    if asked is None:
        asked = PredictionConvention.T_K_1
        if plan.convention is Convention.REVMAN or k < FEWEST_FOR_HARTUNG_KNAPP:
            return None
    if found.prediction is None:
        alone = plan.convention is Convention.REVMAN
        return Limits(found.estimate.ci_lower, found.estimate.ci_upper) if alone else None
    if asked is PredictionConvention.AS_TESTED:
        return found.prediction.as_tested
    by_t = found.prediction
    return by_t.t_k_minus_1 if asked is PredictionConvention.T_K_1 else by_t.t_k_minus_2


def _by_tables(studies: Studies, own: StudyEffects, rows: Sequence[int], plan: Plan) -> PlannedPool:
    why = unusable(studies, plan)
    fit = [row for row in rows if why[row] is None]
    if plan.method is Method.PETO and not isinstance(studies, TwoByTwo):
        # (O - E)/V with variance 1/V pools to the sums of O - E and V.
        return _by_variance(inverse_variance(own, _model(plan, Interval.NORMAL)), own.rows, plan)
    found = _summed(studies.take(fit), own, plan)
    if plan.model is PoolingModel.RANDOM:
        model = _model(plan, plan.interval or Interval.NORMAL)
        return _by_variance(random_about(replace(found, studies=own), model), own.rows, plan)
    profile = _profile(own, plan.level)
    return PlannedPool(
        estimate=found.estimate,
        interval=Interval.NORMAL,
        heterogeneity=found.heterogeneity,
        tau2=None,
        tau2_limits=None,
        i2=found.heterogeneity.i2,
        i2_limits=_holding(profile.i2, found.heterogeneity.i2) if profile else None,
        prediction=None,
        cautions=(),
        weights={fit[at]: w for at, w in zip(found.rows, found.weights.tolist(), strict=True)},
    )


def _summed(studies: Studies, own: StudyEffects, plan: Plan) -> PooledTables:
    if isinstance(studies, TwoRates):
        return mantel_haenszel_rates(studies, plan.measure, rules=_rates(plan), level=plan.level)
    if not isinstance(studies, TwoByTwo):
        raise InvalidOption(f"method {plan.method} pools events, not {type(studies).__name__}")
    if plan.method is Method.PETO:
        return peto(studies, level=plan.level)
    return mantel_haenszel(
        studies, plan.measure, rules=_tables(plan), level=plan.level, studies=own
    )


def _rates(plan: Plan) -> TableRules:
    if plan.zero_cells is None or plan.zero_cells == UNCHANGED:
        return METAFOR_RULES
    return TableRules(plan.zero_cells, plan.zero_cells)


def _tables(plan: Plan) -> TableRules:
    if plan.measure is Measure.RISK_DIFFERENCE:
        return TableRules(plan.zero_cells or UNCHANGED, METAFOR)
    rule = plan.zero_cells or revman_rule(plan)
    return TableRules(rule, rule)


def _bounded(studies: Studies, pool: PlannedPool, plan: Plan) -> PlannedPool:
    """Keep the limits where the measure can be; those of risk differences are score limits."""
    found = pool.estimate
    if isinstance(studies, TwoByTwo) and plan.measure is Measure.RISK_DIFFERENCE:
        tables = studies.take(list(pool.weights))
        outside = found.ci_lower < -1 or found.ci_upper > 1
        if outside or found.se == 0 or not _counted_variance(tables).any():
            found = _score_limits(found, tables, pool, plan.level)
            pool = replace(pool, score_limits=True)
    prediction = pool.prediction and _clipped_limits(pool.prediction, plan.measure)
    return replace(pool, estimate=_clipped(found, plan.measure), prediction=prediction)


def _score_limits(found: Estimate, tables: TwoByTwo, pool: PlannedPool, level: float) -> Estimate:
    """Return the estimate with limits from the studies' score limits, and an error above 0."""
    weights = np.array(list(pool.weights.values()))
    limits = pooled_newcombe_limits(tables, weights, level=level)
    se = found.se or (limits.upper - limits.lower) / (2 * quantile(level, None))
    tested = estimate_of(found.value, se, level=level)
    return replace(tested, ci_lower=limits.lower, ci_upper=limits.upper)


def _clipped(found: Estimate, measure: Measure) -> Estimate:
    limits = _clipped_limits(Limits(found.ci_lower, found.ci_upper), measure)
    return replace(found, ci_lower=limits.lower, ci_upper=limits.upper)


def _clipped_limits(limits: Limits, measure: Measure) -> Limits:
    least, most = _BOUNDS.get(measure, (-math.inf, math.inf))
    return Limits(max(least, limits.lower), min(most, limits.upper))


def _with_caution(pool: PlannedPool, studies: Studies, plan: Plan) -> PlannedPool:
    weighed = plan.measure is Measure.RISK_DIFFERENCE and plan.method is Method.INVERSE_VARIANCE
    if not (weighed and isinstance(studies, TwoByTwo)):
        return pool
    tables = studies.take(list(pool.weights))
    events = tables.events_1.sum() + tables.events_2.sum()
    people = tables.total_1.sum() + tables.total_2.sum()
    rare = events < RARE * people or bool((_counted_variance(tables) == 0).any())
    return replace(pool, cautions=(*pool.cautions, RARE_CAUTION)) if rare else pool
