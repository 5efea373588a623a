"""From two versions' results to the protocol's signals. Pure: `analysis.signals` has the rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.results import Limits, Scale
from analysis.signals import Certainty, OutcomeState, Rule, RuleSetting, Signal, fired
from bot.results.model import AnalysisResult
from bot.review.planned import RATIOS
from bot.review.protocol import ReviewProtocol

# (study, what happened to it)
Corrected = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The results of a version, and what was known of its studies' reports then.

    rated: its number, where people rated the conclusions on just these results
    """

    results: Sequence[AnalysisResult]
    corrected: Corrected = frozenset()
    rated: str | None = None


def raised_signals(
    protocol: ReviewProtocol,
    old: Sequence[AnalysisResult],
    new: Sequence[AnalysisResult],
    *,
    corrected_before: Corrected = frozenset(),
    corrected: Corrected = frozenset(),
    rated: Standing | None = None,
) -> tuple[Signal, ...]:
    """Return the rules of the protocol that fire, outcome by outcome, once each.

    old: the results of the last version. rated: those that the authors' conclusions rest on, where
    they are others: what moved in small steps has moved as well.
    """
    since_last = _fired(protocol, Standing(old, corrected_before), new, corrected)
    if rated is None:
        return since_last
    since_rated = _fired(protocol, rated, new, corrected)
    return _once_each(since_last, _of_drift(since_rated), rated.rated or "")


def _fired(
    protocol: ReviewProtocol,
    before: Standing,
    new: Sequence[AnalysisResult],
    corrected: Corrected,
) -> tuple[Signal, ...]:
    key = {outcome.id for outcome in protocol.outcomes if outcome.key}
    earlier = {each.id: _studies(each) for each in before.results}
    known = {each.id for each in new}
    old_states = [
        outcome_state(
            each, key, _of(_studies(each), before.corrected), protocol.thresholds(each.id)
        )
        for each in before.results
        if each.id in known
    ]
    # A study that was taken out because of a retraction is no longer in the new result.
    states = [
        outcome_state(
            each,
            key,
            _of(_studies(each) | earlier.get(each.id, frozenset()), corrected),
            protocol.thresholds(each.id),
        )
        for each in new
    ]
    return _joined(fired(old_states, states, settings_of(protocol)))


def settings_of(protocol: ReviewProtocol) -> list[RuleSetting]:
    """Return the rules of a protocol as the engine knows them."""
    return [
        RuleSetting(Rule(rule.id), rule.changes_conclusions, rule.parameter)
        for rule in protocol.signal_rules
    ]


# What a result came to, against what the conclusions rest on. The other rules tell of something
# that happens once: the version in which it happened has said it.
_DRIFT = frozenset(
    {
        Rule.INTERVAL_CROSSES,
        Rule.EFFECT_CHANGES,
        Rule.DIRECTION_FLIPS,
        Rule.HETEROGENEITY_APPEARS,
    }
)


def _of_drift(signals: Sequence[Signal]) -> list[Signal]:
    return [each for each in signals if each.rule in _DRIFT]


def _once_each(
    since_last: Sequence[Signal], since_rated: Sequence[Signal], number: str
) -> tuple[Signal, ...]:
    """Let each rule fire once for an outcome, with what is true of both comparisons."""
    told = f"since version {number}, on which the ratings rest"
    drifted = {(each.outcome, each.rule): each for each in since_rated}
    both = [
        replace(each, text=f"{each.text}; {told}: {_without_label(drifted[key].text)}")
        if (key := (each.outcome, each.rule)) in drifted
        else each
        for each in since_last
    ]
    known = {(each.outcome, each.rule) for each in since_last}
    alone = [
        replace(each, text=f"{each.text} ({told})")
        for key, each in drifted.items()
        if key not in known
    ]
    return (*both, *alone)


def _without_label(text: str) -> str:
    return text.partition(": ")[2]


def _joined(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """Make one signal of those of one rule on one outcome: S1 looks at every threshold."""
    found: dict[tuple[str, Rule], Signal] = {}
    for each in signals:
        known = found.get((each.outcome, each.rule))
        text = each.text if known is None else f"{known.text}; {_without_label(each.text)}"
        found[each.outcome, each.rule] = replace(each, text=text)
    return tuple(found.values())


def outcome_state(
    result: AnalysisResult,
    key_outcomes: set[str],
    corrected: Corrected,
    thresholds: Sequence[float] = (),
) -> OutcomeState:
    """Say a result as the rules read it, on the scale of the analysis.

    thresholds: the effects that the protocol calls important, as they are printed
    """
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
        thresholds=tuple(scaled(each) for each in thresholds),
        certainty=_certainty(result),
        i2=heterogeneity.i2 if heterogeneity is not None else None,
        q_p=heterogeneity.q_p if heterogeneity is not None else None,
        studies=_studies(result),
        corrected=corrected,
        key=result.outcome in key_outcomes,
        versus=result.comparison_label,
        names={row.study: row.label for row in result.rows},
    )


def _studies(result: AnalysisResult) -> frozenset[str]:
    return frozenset(row.study for row in result.rows)


def _of(studies: frozenset[str], corrected: Corrected) -> Corrected:
    return frozenset(each for each in corrected if each[0] in studies)


def _certainty(result: AnalysisResult) -> Certainty | None:
    """Return the authors' rating; a machine never rates."""
    if result.published is None or result.published.certainty is None:
        return None
    return Certainty[result.published.certainty.upper().replace(" ", "_")]
