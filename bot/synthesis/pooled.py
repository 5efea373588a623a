"""The numbers of one analysis to its pooled result: builds the inputs and asks `analysis`. Pure.

Results stay on the scale of the analysis (logarithms for ratios). The conventions are those of
RevMan 5, as the published review used it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.effects import (
    SmallSampleFactor,
    SmdVariance,
    mean_difference,
    standardised_mean_difference,
)
from analysis.errors import AnalysisError, InvalidInput, NotEstimable
from analysis.inputs import TwoByTwo, TwoMeans
from analysis.pooling import (
    COMMON_EFFECT,
    Model,
    effects_of,
    estimate_of,
    inverse_variance,
    mantel_haenszel,
    revman_rules,
)
from analysis.results import Estimate, HeterogeneityTest, Measure, StudyEffects
from analysis.tau2 import Tau2Method
from bot.review.planned import PlannedMethod, PlannedModel
from bot.review.protocol import AnalysisPlan
from bot.synthesis.study_numbers import StudyNumbers
from extraction.model import Field

LEVEL = 0.95  # as the published review gives its intervals
MEANS = frozenset({Measure.MEAN_DIFFERENCE, Measure.STANDARDISED_MEAN_DIFFERENCE})
DERSIMONIAN_LAIRD = Model(tau2=Tau2Method.DERSIMONIAN_LAIRD)
ONE_ARM = "one of the two arms has no numbers"
FEWEST_IN_AN_ARM = 2  # one person has no standard deviation
TOO_FEW = f"fewer than {FEWEST_IN_AN_ARM} people in an arm"
NOTHING = "no study has numbers for this outcome in both arms"


@dataclass(frozen=True, slots=True)
class StudyResult:
    """What became of one study: its effect and share of the weight, or why it has none.

    refused: its numbers are at fault, and people have to correct them.
    """

    effect: Estimate | None
    why: str | None
    weight: float | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooled result, or why there is none; `studies` by id.

    random and tau2 are DerSimonian and Laird's, from two studies with an effect on. refused: the
    numbers of no one study are at fault, and yet they could not be pooled.
    """

    headline: Estimate | None
    why: str | None
    heterogeneity: HeterogeneityTest | None = None
    tau2: float | None = None
    random: Estimate | None = None
    studies: dict[str, StudyResult] = field(default_factory=dict)
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Pooled:
    """A headline with the weights of the studies at these rows."""

    estimate: Estimate
    heterogeneity: HeterogeneityTest
    weights: dict[int, float]


def pool(plan: AnalysisPlan, picked: Sequence[StudyNumbers]) -> Pool:
    """Pool the studies that have numbers in both arms, by the plan's measure, method and model.

    A study whose numbers cannot be is set aside with the reason; it stops none of the others.
    """
    measure = Measure(plan.measure)
    gone = {each.study.id: why for each in picked if (why := _set_aside(measure, each)) is not None}
    usable = [each for each in picked if each.study.id not in gone]
    if not usable:
        return Pool(None, NOTHING, studies=gone)
    effects = study_effects(measure, usable)
    several = len(effects) > 1
    try:
        found = _headline(plan, usable, effects)
        random = inverse_variance(effects, DERSIMONIAN_LAIRD) if several else None
    except NotEstimable as error:
        return Pool(None, error.reason, studies=gone | _results(usable, effects, {}))
    except AnalysisError as error:
        alone = gone | _results(usable, effects, {})
        return Pool(None, str(error), studies=alone, refused=True)
    return Pool(
        found.estimate,
        None,
        found.heterogeneity if several else None,
        random.tau2 if random is not None else None,
        random.estimate if random is not None else None,
        gone | _results(usable, effects, found.weights),
    )


def model_of(plan: AnalysisPlan) -> Model:
    """Return how a plan pools by inverse variance."""
    return model_named(plan.model)


def model_named(model: PlannedModel) -> Model:
    """Return the model of a plan by its name there."""
    return COMMON_EFFECT if model is PlannedModel.COMMON else DERSIMONIAN_LAIRD


def study_effects(measure: Measure, studies: Sequence[StudyNumbers]) -> StudyEffects:
    """Return the effect of each study, as if its arms were different people."""
    if measure in MEANS:
        return mean_effects(measure, _means(studies))
    return table_effects(measure, _tables(studies))


def mean_effects(measure: Measure, means: TwoMeans) -> StudyEffects:
    """Return each study's difference in means, standardised or not."""
    if measure is Measure.MEAN_DIFFERENCE:
        return mean_difference(means)
    return standardised_mean_difference(
        means, correction=SmallSampleFactor.APPROXIMATE, variance=SmdVariance.REVMAN_5
    )


def table_effects(measure: Measure, tables: TwoByTwo) -> StudyEffects:
    """Return each study's effect on events."""
    return effects_of(tables, measure, revman_rules(measure).effects)


def _set_aside(measure: Measure, numbers: StudyNumbers) -> StudyResult | None:
    """Return why a study cannot be pooled, or None."""
    if numbers.fault is not None:
        return StudyResult(None, numbers.fault, None, refused=True)
    if not numbers.complete:
        return StudyResult(None, ONE_ARM, None)
    sizes = (arm.get(Field.N, FEWEST_IN_AN_ARM) for arm in (numbers.arm_1, numbers.arm_2))
    if min(sizes) < FEWEST_IN_AN_ARM:
        return StudyResult(None, TOO_FEW, None)
    try:
        study_effects(measure, [numbers])
    except InvalidInput as error:
        why = f"found {error.found}, expected {error.expected}"
        return StudyResult(None, why, None, refused=True)
    return None


def _headline(plan: AnalysisPlan, usable: Sequence[StudyNumbers], effects: StudyEffects) -> _Pooled:
    if plan.method is PlannedMethod.MANTEL_HAENSZEL and plan.model is PlannedModel.COMMON:
        tables = mantel_haenszel(_tables(usable), Measure(plan.measure), level=LEVEL)
        weights = dict(zip(tables.rows, tables.weights.tolist(), strict=True))
        return _Pooled(tables.estimate, tables.heterogeneity, weights)
    pooled = inverse_variance(effects, model_of(plan))
    weights = dict(zip(effects.rows, pooled.weights.tolist(), strict=True))
    return _Pooled(pooled.estimate, pooled.heterogeneity, weights)


def _results(
    usable: Sequence[StudyNumbers], effects: StudyEffects, weights: dict[int, float]
) -> dict[str, StudyResult]:
    reasons = {gone.row: gone.reason for gone in effects.left_out}
    places = {row: place for place, row in enumerate(effects.rows)}
    results = {}
    for row, each in enumerate(usable):
        effect = _estimate(effects, places[row]) if row in places else None
        results[each.study.id] = StudyResult(effect, reasons.get(row), weights.get(row))
    return results


def _estimate(effects: StudyEffects, place: int) -> Estimate:
    value, variance = float(effects.effects[place]), float(effects.variances[place])
    return estimate_of(value, variance**0.5, level=LEVEL)


def _tables(studies: Sequence[StudyNumbers]) -> TwoByTwo:
    return TwoByTwo.of(
        (
            each.study.label,
            each.arm_1[Field.EVENTS],
            each.arm_1[Field.TOTAL],
            each.arm_2[Field.EVENTS],
            each.arm_2[Field.TOTAL],
        )
        for each in studies
    )


def _means(studies: Sequence[StudyNumbers]) -> TwoMeans:
    return TwoMeans.of(
        (
            each.study.label,
            each.arm_1[Field.MEAN],
            each.arm_1[Field.SD],
            each.arm_1[Field.N],
            each.arm_2[Field.MEAN],
            each.arm_2[Field.SD],
            each.arm_2[Field.N],
        )
        for each in studies
    )
