"""The only bridge from accepted values to analysis: which arms, which time point, per protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.results import Estimate, Measure
from bot.results.model import (
    AnalysisResult,
    ArmNumbers,
    Heterogeneity,
    Paired,
    ShownEffect,
    StudyRow,
)
from bot.review.protocol import (
    AnalysisPlan,
    PlannedMeasure,
    PublishedResult,
    ReviewProtocol,
)
from bot.synthesis.paired import Pairing, pair
from bot.synthesis.pooled import Pool, StudyResult, pool
from bot.synthesis.study_numbers import Numbers, StudyNumbers, pick
from extraction.model import Field, Study, Value


def assemble(
    protocol: ReviewProtocol, studies: Sequence[Study], values: Sequence[Value]
) -> tuple[AnalysisResult, ...]:
    """Compute every analysis of the protocol from the values that count now.

    Raises IncompleteCells where a number lacks its partners. An analysis without an estimate is
    returned with the reason.
    """
    picked = pick(protocol, studies, values)
    return tuple(_result(protocol, plan, picked[plan.id]) for plan in protocol.analyses)


def _result(
    protocol: ReviewProtocol, plan: AnalysisPlan, picked: Sequence[StudyNumbers]
) -> AnalysisResult:
    labels = {arm.id: arm.label for arm in protocol.arms}
    outcome = next(each for each in protocol.outcomes if each.id == plan.outcome)
    comparison = next(each for each in protocol.comparisons if each.id == plan.comparison)
    pooled = pool(plan, picked)
    counted = [each for each in picked if each.complete]
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


def analysis_json(result: AnalysisResult) -> dict[str, Any]:
    """Return a result as `analyse --json` prints it; docs/commands.md has the keys."""
    effect, published, paired = result.effect, result.published, result.paired
    return {
        "id": result.id,
        "outcome": result.outcome,
        "outcome_label": result.outcome_label,
        "comparison": result.comparison,
        "measure": result.measure,
        "method": result.method,
        "model": result.model,
        "estimate": effect.estimate if effect is not None else None,
        "ci_lower": effect.ci_lower if effect is not None else None,
        "ci_upper": effect.ci_upper if effect is not None else None,
        "not_estimable": result.not_estimable,
        "studies": result.studies,
        "participants": result.participants,
        "arm_1": result.arm_1,
        "arm_2": result.arm_2,
        "arm_order_inferred": result.arm_order_inferred,
        "direction": _direction_json(result),
        "published": _published_json(published) if published is not None else None,
        "paired": _paired_json(paired),
        "derived_inputs": result.derived_inputs,
    }


def _direction_json(result: AnalysisResult) -> str:
    """Say which of the two arms is favoured by its place: 'above 1 favours arm_1'."""
    said, _, favoured = result.direction.rpartition(" ")
    return f"{said} {'arm_1' if favoured == result.arm_1 else 'arm_2'}"


def _published_json(published: PublishedResult) -> dict[str, Any]:
    return {
        "estimate": float(published.estimate),
        "ci_lower": float(published.ci_lower),
        "ci_upper": float(published.ci_upper),
        "certainty": published.certainty,
        "source": published.source,
    }


def _paired_json(paired: Paired) -> dict[str, Any]:
    if paired.effect is None:
        return {"missing": paired.missing}
    return {
        "estimate": paired.effect.estimate,
        "ci_lower": paired.effect.ci_lower,
        "ci_upper": paired.effect.ci_upper,
        "how": paired.how,
    }
