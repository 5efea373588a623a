"""What the rows of an analysis are to the engine: its numbers by kind, and its plan. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from analysis.effects import proportion_of_arcsine, proportion_of_freeman_tukey
from analysis.inputs import (
    GivenEffects,
    LogRank,
    MeansAsPrinted,
    OneProportion,
    TablesAsPrinted,
    TwoByTwo,
    TwoMeans,
    TwoRates,
)
from analysis.plan import (
    Convention,
    Method,
    Plan,
    PoolingModel,
    PredictionConvention,
    interval_named,
    zero_cells_named,
)
from analysis.planned_effects import Studies
from analysis.pooling import Model
from analysis.results import Estimate, Measure
from analysis.scales import Scale
from analysis.tau2 import Tau2Method
from bot.results.model import AnalysisResult, ArmNumbers, ContrastNumbers, How, ShownEffect
from bot.review.planned import (
    MEASURES,
    RATIOS,
    OutcomeKind,
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedMethod,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
)
from bot.review.protocol import AnalysisPlan

Shown = Callable[[float], float]
_CONTINUOUS = frozenset(MEASURES[OutcomeKind.CONTINUOUS])


class RowNumbers(Protocol):
    """What a row puts into an analysis."""

    @property
    def label(self) -> str: ...
    @property
    def arm_1(self) -> ArmNumbers: ...
    @property
    def arm_2(self) -> ArmNumbers: ...
    @property
    def contrast(self) -> ContrastNumbers | None: ...


def studies_of(
    kind: OutcomeKind, measure: PlannedMeasure, rows: Sequence[RowNumbers], plan: Plan
) -> Studies:
    """Return the numbers of rows that have all of them, as the engine takes their kind.

    By RevMan's convention an arm may be empty or of one person. Raises InvalidInput that names the
    row whose numbers cannot be.
    """
    return _OF_KIND[kind](rows, measure, plan)


def _tables(rows: Sequence[RowNumbers], _measure: PlannedMeasure, plan: Plan) -> TwoByTwo:
    of = TablesAsPrinted if plan.convention is Convention.REVMAN else TwoByTwo
    numbers = [(each.label, each.arm_1, each.arm_2) for each in rows]
    return of.of(
        (label, _is(one.events), _is(one.total), _is(two.events), _is(two.total))
        for label, one, two in numbers
    )


def _means(rows: Sequence[RowNumbers], _measure: PlannedMeasure, plan: Plan) -> TwoMeans:
    of = MeansAsPrinted if plan.convention is Convention.REVMAN else TwoMeans
    return of.of((each.label, *_mean(each.arm_1), *_mean(each.arm_2)) for each in rows)


def _mean(arm: ArmNumbers) -> tuple[float, float, float]:
    return _is(arm.mean), _is(arm.sd), _is(arm.total)


def _rates(rows: Sequence[RowNumbers], _measure: PlannedMeasure, _plan: Plan) -> TwoRates:
    numbers = [(each.label, each.arm_1, each.arm_2) for each in rows]
    return TwoRates.of(
        (label, _is(one.events), _is(one.time), _is(two.events), _is(two.time))
        for label, one, two in numbers
    )


def _proportions(rows: Sequence[RowNumbers], _measure: PlannedMeasure, _plan: Plan) -> Studies:
    return OneProportion.of(
        (each.label, _is(each.arm_1.events), _is(each.arm_1.total)) for each in rows
    )


def _given(rows: Sequence[RowNumbers], measure: PlannedMeasure, _plan: Plan) -> GivenEffects:
    scale = Scale.LOG if measure in RATIOS else Scale.NATURAL
    found = [(each.label, each.contrast or ContrastNumbers()) for each in rows]
    numbers = ((label, _is(each.estimate), _is(each.se)) for label, each in found)
    return GivenEffects.of(numbers, scale)


def _log_rank(rows: Sequence[RowNumbers], _measure: PlannedMeasure, _plan: Plan) -> LogRank:
    found = [(each.label, each.contrast or ContrastNumbers()) for each in rows]
    return LogRank.of((label, _is(each.o_minus_e), _is(each.variance)) for label, each in found)


def _is(number: float | None) -> float:
    """Return a number that must be there; where it is not the engine names the study."""
    return float("nan") if number is None else float(number)


_OF_KIND: Mapping[OutcomeKind, Callable[[Sequence[RowNumbers], PlannedMeasure, Plan], Studies]] = {
    OutcomeKind.EVENTS: _tables,
    OutcomeKind.CONTINUOUS: _means,
    OutcomeKind.GENERIC: _given,
    OutcomeKind.O_E: _log_rank,
    OutcomeKind.RATES: _rates,
    OutcomeKind.PROPORTION: _proportions,
}


def has_all(kind: OutcomeKind, row: RowNumbers) -> bool:
    """Tell whether a row has every number that its kind needs."""
    one, two, both = row.arm_1, row.arm_2, row.contrast or ContrastNumbers()
    needed: tuple[float | None, ...]
    match kind:
        case OutcomeKind.EVENTS:
            needed = (one.events, one.total, two.events, two.total)
        case OutcomeKind.CONTINUOUS:
            needed = (one.mean, one.sd, one.total, two.mean, two.sd, two.total)
        case OutcomeKind.RATES:
            needed = (one.events, one.time, two.events, two.time)
        case OutcomeKind.PROPORTION:
            needed = (one.events, one.total)
        case OutcomeKind.GENERIC:
            needed = (both.estimate, both.se)
        case OutcomeKind.O_E:
            needed = (both.o_minus_e, both.variance)
    return None not in needed


def engine_measure(kind: OutcomeKind, measure: PlannedMeasure) -> Measure:
    """Return the engine's name of a measure; a ratio without a name is any ratio."""
    if measure is not PlannedMeasure.RATIO:
        return Measure(measure)
    return Measure.GENERIC if kind is OutcomeKind.GENERIC else Measure.HAZARD_RATIO


def engine_plan(plan: AnalysisPlan, kind: OutcomeKind) -> Plan:
    """Return a planned analysis as the engine is asked for it."""
    return Plan(
        measure=engine_measure(kind, plan.measure),
        method=Method(plan.method),
        model=PoolingModel(plan.model),
        tau2=Tau2Method(plan.tau2) if plan.tau2 is not None else None,
        interval=interval_named(plan.interval) if plan.interval is not None else None,
        prediction=PredictionConvention(plan.prediction) if plan.prediction is not None else None,
        level=plan.level,
        zero_cells=zero_cells_named(plan.zero_cells) if plan.zero_cells is not None else None,
        convention=Convention(plan.convention),
    )


def engine_model(plan: AnalysisPlan) -> Model:
    """Return how a plan pools single effects by inverse variance, as those by pairs are.

    The headline rule looks at the studies; pairs are pooled with normal limits unless asked.
    """
    asked = plan.interval or PlannedInterval.WALD
    tau2 = Tau2Method(plan.tau2 or PlannedTau2.REML) if plan.model is PlannedModel.RANDOM else None
    return Model(tau2, interval_named(asked), plan.level)


def kind_of(result: AnalysisResult) -> OutcomeKind:
    """Return the kind of a result's outcome; older programs knew two."""
    if result.kind is not None:
        return result.kind
    return OutcomeKind.CONTINUOUS if result.measure in _CONTINUOUS else OutcomeKind.EVENTS


def plan_of(result: AnalysisResult) -> Plan:
    """Return the plan by which a result was computed, so that it can be varied."""
    how = result.how or _as_it_was(result)
    asked = how.interval_asked
    return Plan(
        measure=engine_measure(kind_of(result), result.measure),
        method=Method(result.method if result.how is not None else _method_then(result)),
        model=PoolingModel(result.model),
        tau2=Tau2Method(how.tau2) if how.tau2 is not None else None,
        interval=interval_named(asked) if asked is not None else None,
        prediction=PredictionConvention(how.prediction or PlannedPrediction.NONE),
        level=how.level,
        zero_cells=zero_cells_named(how.zero_cells) if how.zero_cells is not None else None,
        convention=Convention(how.convention),
    )


def _as_it_was(result: AnalysisResult) -> How:
    """Return how results were computed before they said it: DerSimonian-Laird with Wald limits."""
    random = result.model is PlannedModel.RANDOM
    smd = result.measure is PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE
    return How(
        tau2=PlannedTau2.DL if random else None,
        interval=PlannedInterval.WALD,
        interval_asked=PlannedInterval.WALD,
        convention=PlannedConvention.REVMAN if smd else PlannedConvention.HANDBOOK,
    )


def _method_then(result: AnalysisResult) -> PlannedMethod:
    """Return the method that was used: of random effects it was inverse variance, always."""
    random = result.model is PlannedModel.RANDOM
    return PlannedMethod.INVERSE_VARIANCE if random else result.method


def on_scale(effect: ShownEffect, measure: PlannedMeasure) -> Estimate:
    """Take a shown effect back to the scale on which it was pooled, without its error."""
    ends = (effect.estimate, effect.ci_lower, effect.ci_upper)
    value, lower, upper = (_scaled(each, measure) for each in ends)
    return Estimate(value, math.nan, None, None, None, lower, upper)


def _scaled(value: float, measure: PlannedMeasure) -> float:
    if measure not in RATIOS:
        return value
    return math.log(value) if value > 0 else -math.inf


def shown_by(scale: Scale, measure: PlannedMeasure, people: Sequence[float]) -> Shown:
    """Return the way from the pooled scale to what a reader knows.

    people: in the groups that a proportion is of; a double arcsine is taken back at their harmonic
    mean (metafor::transf.ipft.hm)
    """
    if measure is PlannedMeasure.ARCSINE_PROPORTION:
        return proportion_of_arcsine
    if measure is PlannedMeasure.FREEMAN_TUKEY_PROPORTION and people:
        size = len(people) / sum(1 / each for each in people)
        return lambda angle: float(proportion_of_freeman_tukey(np.asarray(angle), size))
    return scale.shown
