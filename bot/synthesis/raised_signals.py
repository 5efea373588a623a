"""From two versions' results to the protocol's signals. Pure: `analysis.signals` has the rules."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.results import Limits, Scale
from analysis.signals import Certainty, OutcomeState, Rule, RuleSetting, Signal, fired
from bot.results.model import AnalysisResult
from bot.review.protocol import RATIOS, ReviewProtocol

# (study, what happened to it)
Corrected = frozenset[tuple[str, str]]


def raised_signals(
    protocol: ReviewProtocol,
    old: Sequence[AnalysisResult],
    new: Sequence[AnalysisResult],
    *,
    corrected_before: Corrected = frozenset(),
    corrected: Corrected = frozenset(),
) -> tuple[Signal, ...]:
    """Return the rules of the protocol that fire between two versions, outcome by outcome."""
    key = {outcome.id for outcome in protocol.outcomes if outcome.key}
    earlier = {each.id: _studies(each) for each in old}
    before = [outcome_state(each, key, _of(_studies(each), corrected_before)) for each in old]
    # A study that was taken out because of a retraction is no longer in the new result.
    after = [
        outcome_state(each, key, _of(_studies(each) | earlier.get(each.id, frozenset()), corrected))
        for each in new
    ]
    rules = [
        RuleSetting(Rule(rule.id), rule.changes_conclusions, rule.parameter)
        for rule in protocol.signal_rules
    ]
    return fired(before, after, rules)


def outcome_state(
    result: AnalysisResult, key_outcomes: set[str], corrected: Corrected
) -> OutcomeState:
    """Say a result as the rules read it, on the scale of the analysis."""
    scale = Scale.LOG if result.measure in RATIOS else Scale.NATURAL
    effect, heterogeneity = result.effect, result.heterogeneity

    def scaled(number: float) -> float:
        return math.log(number) if scale is Scale.LOG else number

    return OutcomeState(
        id=result.id,
        label=result.outcome_label,
        comparison=result.comparison,
        population=result.comparison,
        scale=scale,
        estimate=scaled(effect.estimate) if effect is not None else None,
        ci=Limits(scaled(effect.ci_lower), scaled(effect.ci_upper)) if effect is not None else None,
        certainty=_certainty(result),
        i2=heterogeneity.i2 if heterogeneity is not None else None,
        q_p=heterogeneity.q_p if heterogeneity is not None else None,
        studies=_studies(result),
        corrected=corrected,
        key=result.outcome in key_outcomes,
    )


def _studies(result: AnalysisResult) -> frozenset[str]:
    return frozenset(row.study for row in result.rows)


def _of(studies: frozenset[str], corrected: Corrected) -> Corrected:
    return frozenset(each for each in corrected if each[0] in studies)


def _certainty(result: AnalysisResult) -> Certainty | None:
    """Return the authors' rating; a machine never rates."""
    if result.published is None:
        return None
    return Certainty[result.published.certainty.upper().replace(" ", "_")]
