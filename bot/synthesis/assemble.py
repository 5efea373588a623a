"""The only bridge from accepted values to analysis: which arms, which time point, per protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from analysis.results import Estimate, Measure
from bot.results.model import (
    AnalysisResult,
    ApartRow,
    ArmNumbers,
    Heterogeneity,
    Paired,
    ShownEffect,
    StudyRow,
)
from bot.review.planned import PlannedMeasure
from bot.review.protocol import AnalysisPlan, ReviewProtocol
from bot.synthesis.paired import Pairing, pair
from bot.synthesis.pooled import Pool, StudyResult, pool
from bot.synthesis.study_numbers import Numbers, StudyNumbers, pick
from extraction.model import Field, Study, Value


def assemble(
    protocol: ReviewProtocol,
    studies: Sequence[Study],
    values: Sequence[Value],
    apart: Mapping[str, str] | None = None,
) -> tuple[AnalysisResult, ...]:
    """Compute every analysis of the protocol from the values that count now.

    apart: studies that are shown beside the others and not pooled, with the open decision.
    An analysis without an estimate is returned with the reason, as is a study whose values cannot
    be pooled.
    """
    picked, open_of = pick(protocol, studies, values), apart or {}
    return tuple(_result(protocol, plan, picked[plan.id], open_of) for plan in protocol.analyses)


def _result(
    protocol: ReviewProtocol,
    plan: AnalysisPlan,
    every: Sequence[StudyNumbers],
    apart: Mapping[str, str],
) -> AnalysisResult:
    picked, kept = _parted(every, apart)
    labels = {arm.id: arm.label for arm in protocol.arms}
    outcome = next(each for each in protocol.outcomes if each.id == plan.outcome)
    comparison = next(each for each in protocol.comparisons if each.id == plan.comparison)
    pooled = pool(plan, picked)
    counted = _counted(picked, pooled)
    return AnalysisResult(
        id=plan.id,
        outcome=plan.outcome,
        outcome_label=outcome.label,
        comparison=plan.comparison,
        comparison_label=comparison.label,
        time_point=plan.time_point,
        measure=plan.measure,
        method=plan.method,
        model=plan.model,
        arm_1=plan.arm_1,
        arm_2=plan.arm_2,
        arm_1_label=labels[plan.arm_1],
        arm_2_label=labels[plan.arm_2],
        direction=plan.direction,
        arm_order_inferred=plan.arm_order_inferred,
        effect=_interval(pooled.headline, plan.measure),
        not_estimable=pooled.why,
        studies=len(counted),
        participants=sum(each.people for each in counted),
        heterogeneity=_heterogeneity(pooled),
        random_effects=_interval(pooled.random, plan.measure),
        rows=tuple(_row(each, pooled.studies[each.study.id], plan.measure) for each in picked),
        paired=_paired(pair(plan, counted), plan.measure),
        published=plan.published,
        derived_inputs=any(each.derived for each in counted),
        apart=tuple(_apart(plan, each, apart[each.study.id]) for each in kept),
        refused=(*_of_no_arm(every), *_refused(picked, pooled)),
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
    """Return the studies that have both arms, without those whose numbers are refused."""
    return [each for each in picked if each.complete and not pooled.studies[each.study.id].refused]


def _apart(plan: AnalysisPlan, numbers: StudyNumbers, decision: str) -> ApartRow:
    """Show a study by itself: it has an effect, and no weight among the others."""
    alone = pool(plan, [numbers]).studies[numbers.study.id]
    return ApartRow(_row(numbers, replace(alone, weight=None), plan.measure), decision)


def _refused(picked: Sequence[StudyNumbers], pooled: Pool) -> tuple[str, ...]:
    """Say whose values are not used, and why."""
    found = [(each, pooled.studies[each.study.id]) for each in picked]
    said = [f"{each.study.label}: {result.why}" for each, result in found if result.refused]
    said += [
        f"{each.study.label}: {each.joint_fault}; left out of the paired analysis"
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


def _interval(estimate: Estimate | None, measure: PlannedMeasure) -> ShownEffect | None:
    """Take an estimate to the natural scale."""
    if estimate is None:
        return None
    shown = Measure(measure).scale.shown
    return ShownEffect(shown(estimate.value), shown(estimate.ci_lower), shown(estimate.ci_upper))


def _heterogeneity(pooled: Pool) -> Heterogeneity | None:
    test = pooled.heterogeneity
    if test is None:
        return None
    return Heterogeneity(tau2=pooled.tau2, q=test.q, q_df=test.df, q_p=test.p, i2=test.i2)


def _row(numbers: StudyNumbers, result: StudyResult, measure: PlannedMeasure) -> StudyRow:
    return StudyRow(
        study=numbers.study.id,
        label=numbers.study.label,
        arm_1=_arm(numbers.arm_1, numbers.totals[0]),
        arm_2=_arm(numbers.arm_2, numbers.totals[1]),
        effect=_interval(result.effect, measure),
        why=result.why,
        weight=result.weight,
        derived=numbers.derived,
    )


def _arm(numbers: Numbers, total: int) -> ArmNumbers:
    events, mean, sd = (numbers.get(each) for each in (Field.EVENTS, Field.MEAN, Field.SD))
    return ArmNumbers(
        events=int(events) if events is not None else None,
        total=total if numbers else None,
        mean=mean,
        sd=sd,
    )


def _paired(pairing: Pairing, measure: PlannedMeasure) -> Paired:
    return Paired(_interval(pairing.estimate, measure), pairing.how, pairing.missing)
