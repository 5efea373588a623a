"""The only bridge from accepted values to analysis: which arms, which time point, per protocol."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from analysis.plan import INTERVAL_WORDS, Convention, Plan, PoolingModel, PredictionConvention
from analysis.planned_analysis import Group
from analysis.pooling import Interval
from analysis.results import Estimate, HeterogeneityTest, Limits, Measure
from analysis.scales import Scale
from analysis.units import mixing_caution
from bot.results.model import (
    AnalysisResult,
    ApartRow,
    BetweenSubgroups,
    Heterogeneity,
    How,
    Paired,
    ShownEffect,
    ShownPrediction,
    StudyRow,
    SubgroupResult,
)
from bot.results.ways import SCORE_LIMITS
from bot.review.planned import (
    OutcomeKind,
    PlannedInterval,
    PlannedMeasure,
    PlannedPrediction,
    PlannedTau2,
)
from bot.review.protocol import AnalysisPlan, ArmDefinition, Comparison, ReviewProtocol
from bot.synthesis.engine_inputs import Shown, shown_by
from bot.synthesis.further import further, looked, sensitivity
from bot.synthesis.paired import Pairing, pair
from bot.synthesis.pooled import Pool, RowResult, pool
from bot.synthesis.study_numbers import StudyNumbers, arm_numbers, pick
from extraction.model import EntersInto, Study, Value


def assemble(
    protocol: ReviewProtocol,
    studies: Sequence[Study],
    values: Sequence[Value],
    apart: Mapping[str, str] | None = None,
    *,
    only: frozenset[str] | None = None,
) -> tuple[AnalysisResult, ...]:
    """Compute every analysis of the protocol from the values that count now.

    apart: studies that are shown beside the others and not pooled, with the open decision. only:
    the analyses that are asked for, where not all are.
    An analysis without an estimate is returned with the reason, as is a study whose values cannot
    be pooled.
    """
    asked = [each for each in protocol.analyses if only is None or each.id in only]
    picked, open_of = pick(protocol, asked, studies, values), apart or {}
    return tuple(_result(protocol, plan, picked[plan.id], open_of) for plan in asked)


def _result(
    protocol: ReviewProtocol,
    plan: AnalysisPlan,
    every: Sequence[StudyNumbers],
    apart: Mapping[str, str],
) -> AnalysisResult:
    picked, kept = _parted(every, apart)
    labels = _labels(protocol.arms)
    outcome = protocol.outcome(plan.outcome)
    pooled = pool(plan, outcome.kind, picked)
    rows = tuple(map(partial(_row, plan, pooled.scale), picked, pooled.rows))
    counted = _counted(picked, pooled)
    overall, shown = pooled.overall, _shown(plan, pooled, counted)
    beside = looked(plan, outcome.kind, counted, protocol.covariates)
    return AnalysisResult(
        id=plan.id,
        outcome=plan.outcome,
        outcome_label=outcome.label,
        comparison=plan.comparison,
        comparison_label=_labels(protocol.comparisons).get(plan.comparison, labels[plan.arm_1]),
        time_point=plan.time_point,
        measure=plan.measure,
        method=plan.method,
        model=plan.model,
        arm_1=plan.arm_1,
        arm_2=plan.arm_2,
        arm_1_label=plan.label_1 or labels[plan.arm_1],
        arm_2_label=plan.label_2 or labels.get(plan.arm_2, ""),
        direction=plan.direction,
        arm_order_inferred=plan.arm_order_inferred,
        effect=_interval(pooled.headline, shown),
        not_estimable=pooled.why,
        studies=_studies(counted),
        participants=_people(counted),
        heterogeneity=_heterogeneity(overall, _tau2_beside(pooled)),
        random_effects=_beside(pooled, shown),
        rows=rows,
        paired=_paired(pair(plan, counted), shown),
        published=plan.published,
        derived_inputs=_any_derived(counted),
        apart=_apart(plan, outcome.kind, kept, apart),
        refused=(*_of_no_arm(every), *_refused(picked, pooled)),
        kind=outcome.kind,
        how=_how(plan, pooled),
        prediction=_prediction(overall, pooled, shown),
        subgroups=_subgroups(plan, picked, pooled),
        between=_between(plan, pooled),
        overall=plan.overall,
        pooled=_pooled_studies(rows),
        cautions=(*_cautions(overall), *_mixed(plan, counted)),
        sensitivity=sensitivity(beside),
        further=further(beside),
        control_risks=plan.control_risks,
    )


def _parted(
    every: Sequence[StudyNumbers], apart: Mapping[str, str]
) -> tuple[list[StudyNumbers], list[StudyNumbers]]:
    """Return the studies that may be pooled, and those that an open decision keeps apart.

    A study that is said not to have one of the arms is neither.
    """
    entering = [each for each in every if not each.unlisted]
    return (
        [each for each in entering if each.study.id not in apart],
        [each for each in entering if each.study.id in apart],
    )


def _counted(picked: Sequence[StudyNumbers], pooled: Pool) -> list[StudyNumbers]:
    """Return the rows that have all numbers, without those whose numbers are refused."""
    pairs = zip(picked, pooled.rows, strict=True)
    return [each for each, result in pairs if each.complete and not result.refused]


def _people(counted: Sequence[StudyNumbers]) -> int:
    """Count people once: a row that stands in two subgroups is one, and so are shared arms."""
    rows = {(each.study.id, each.stratum): each for each in counted}
    return round(sum(each.people for each in rows.values()))


def _labels(named: Sequence[ArmDefinition] | Sequence[Comparison]) -> dict[str, str]:
    return {each.id: each.label for each in named}


def _studies(counted: Sequence[StudyNumbers]) -> int:
    return len({each.study.id for each in counted})


def _pooled_studies(rows: Sequence[StudyRow]) -> int:
    """Count the studies that have weight: those without are reported and not pooled."""
    return len({row.study for row in rows if row.weight is not None})


def _cautions(group: Group | None) -> tuple[str, ...]:
    if group is None:
        return ()
    return (*group.cautions, SCORE_LIMITS) if group.score_limits else group.cautions


def _any_derived(counted: Sequence[StudyNumbers]) -> bool:
    return any(each.derived for each in counted)


def _apart(
    plan: AnalysisPlan,
    kind: OutcomeKind,
    kept: Sequence[StudyNumbers],
    decisions: Mapping[str, str],
) -> tuple[ApartRow, ...]:
    """Show studies each by itself: it has an effect, and no weight among the others."""
    found = []
    for numbers in kept:
        alone = pool(plan, kind, [numbers])
        row = _row(plan, alone.scale, numbers, replace(alone.rows[0], weight=None))
        found.append(ApartRow(row, decisions[numbers.study.id]))
    return tuple(found)


def _refused(picked: Sequence[StudyNumbers], pooled: Pool) -> tuple[str, ...]:
    """Say whose values are not used, and why."""
    found = zip(picked, pooled.rows, strict=True)
    said = [f"{each.label}: {result.why}" for each, result in found if result.refused]
    said += [
        f"{each.label}: {each.joint_fault}; left out of the paired analysis"
        for each in picked
        if each.joint_fault is not None
    ]
    return (*said, f"pooling: {pooled.why}") if pooled.refused else tuple(said)


def _of_no_arm(every: Sequence[StudyNumbers]) -> Iterator[str]:
    """Say whose numbers stand in an arm that the study is said not to have."""
    for each in every:
        arms = ", ".join(each.study.arms) or "none"
        for arm in each.unlisted:
            yield (
                f"{each.study.label}: arm '{arm}': found numbers, expected an arm of the study"
                f" ({arms}); it does not enter"
            )


def _mixed(plan: AnalysisPlan, counted: Sequence[StudyNumbers]) -> Iterator[str]:
    """Warn where changes and final values are standardised by different spreads."""
    if not any(each.study.changes for each in counted) or plan.measure is PlannedMeasure.RATIO:
        return
    ways = [plan.outcome in each.study.changes for each in counted]
    caution = mixing_caution(Measure(plan.measure), ways)
    if caution is not None:
        yield caution


def _shown(plan: AnalysisPlan, pooled: Pool, rows: Sequence[StudyNumbers]) -> Shown:
    """Return the way from the pooled scale of some rows to the natural one."""
    people = [each.totals[0] for each in rows if each.totals[0]]
    return shown_by(pooled.scale, plan.measure, people)


def _interval(estimate: Estimate | None, shown: Shown) -> ShownEffect | None:
    """Take an estimate to the natural scale."""
    if estimate is None:
        return None
    return ShownEffect(shown(estimate.value), shown(estimate.ci_lower), shown(estimate.ci_upper))


def _heterogeneity(group: Group | None, tau2: float | None = None) -> Heterogeneity | None:
    """Return how much the rows of a group differ; tau2: where the model has none."""
    test = group.heterogeneity if group is not None else None
    if group is None or test is None or group.studies < 2:
        return None
    tau2_limits, i2_limits = group.tau2_limits, group.i2_limits
    return Heterogeneity(
        tau2=group.tau2 if group.tau2 is not None else tau2,
        q=test.q,
        q_df=test.df,
        q_p=test.p,
        i2=group.i2 if group.i2 is not None else test.i2,
        tau2_lower=tau2_limits.lower if tau2_limits is not None else None,
        tau2_upper=_bounded(tau2_limits),
        i2_lower=i2_limits.lower if i2_limits is not None else None,
        i2_upper=_bounded(i2_limits),
    )


def _bounded(limits: Limits | None) -> float | None:
    return limits.upper if limits is not None and math.isfinite(limits.upper) else None


def _tau2_beside(pooled: Pool) -> float | None:
    return pooled.beside.tau2 if pooled.beside is not None else None


def _beside(pooled: Pool, shown: Shown) -> ShownEffect | None:
    return _interval(pooled.beside.estimate if pooled.beside is not None else None, shown)


def _how(plan: AnalysisPlan, pooled: Pool) -> How:
    """Say how the result was computed, with what the plan leaves open filled in."""
    asked, overall = pooled.plan, pooled.overall
    interval = overall.interval if overall is not None else asked.interval or Interval.NORMAL
    estimator = asked.estimator
    return How(
        tau2=PlannedTau2(estimator) if estimator is not None else None,
        interval=PlannedInterval(INTERVAL_WORDS[interval]),
        interval_asked=plan.interval,
        prediction=_convention(asked),
        level=plan.level,
        zero_cells=plan.zero_cells,
        convention=plan.convention,
    )


def _convention(asked: Plan) -> PlannedPrediction | None:
    """Return by which distribution predictions are made; None where there is none."""
    if asked.model is PoolingModel.COMMON or asked.prediction is PredictionConvention.NONE:
        return None
    if asked.prediction is not None:
        return PlannedPrediction(asked.prediction)
    return None if asked.convention is Convention.REVMAN else PlannedPrediction.T_K_1


def _prediction(group: Group | None, pooled: Pool, shown: Shown) -> ShownPrediction | None:
    convention = _convention(pooled.plan)
    if group is None or group.prediction is None or convention is None:
        return None
    limits = group.prediction
    return ShownPrediction(shown(limits.lower), shown(limits.upper), convention)


def _subgroups(
    plan: AnalysisPlan, picked: Sequence[StudyNumbers], pooled: Pool
) -> tuple[SubgroupResult, ...]:
    if pooled.found is None:
        return ()
    counted = _counted(picked, pooled)
    return tuple(_subgroup(plan, each, counted, pooled) for each in pooled.found.subgroups)


def _subgroup(
    plan: AnalysisPlan, group: Group, counted: Sequence[StudyNumbers], pooled: Pool
) -> SubgroupResult:
    own = [
        each
        for each in counted
        if each.subgroup == group.label and each.enters is not EntersInto.OVERALL
    ]
    shown = _shown(plan, pooled, own)
    return SubgroupResult(
        label=group.label,
        effect=_interval(group.estimate, shown),
        not_estimable=group.why,
        studies=_studies(own),
        participants=_people(own),
        heterogeneity=_heterogeneity(group),
        interval=PlannedInterval(INTERVAL_WORDS[group.interval]),
        prediction=_prediction(group, pooled, shown),
    )


def _between(plan: AnalysisPlan, pooled: Pool) -> BetweenSubgroups | None:
    test = pooled.found.between if pooled.found is not None else None
    return _test(test) if test is not None and plan.subgroup_test else None


def _test(test: HeterogeneityTest) -> BetweenSubgroups:
    return BetweenSubgroups(test.q, test.df, test.p, test.i2)


def _row(plan: AnalysisPlan, scale: Scale, numbers: StudyNumbers, result: RowResult) -> StudyRow:
    shown = shown_by(scale, plan.measure, [numbers.totals[0] or 1])
    return StudyRow(
        study=numbers.study.id,
        label=numbers.label,
        arm_1=arm_numbers(numbers.arm_1),
        arm_2=arm_numbers(numbers.arm_2),
        effect=_interval(result.effect, shown),
        why=result.why,
        weight=result.weight,
        derived=numbers.derived,
        stratum=numbers.stratum,
        subgroup=numbers.subgroup,
        enters=numbers.enters,
        contrast=numbers.contrast,
        notes=numbers.notes,
        year=numbers.study.year,
    )


def _paired(pairing: Pairing, shown: Shown) -> Paired:
    effect = _interval(pairing.estimate, shown)
    return Paired(effect, pairing.how, pairing.missing, pairing.trials, pairing.exact_p)
