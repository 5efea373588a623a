"""Every result beside what it would be without a study, and the rules that would fire. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.results.format import interval
from bot.results.model import AnalysisResult
from bot.review.protocol import ReviewProtocol
from bot.synthesis.impact import Impact, WithoutLine
from bot.synthesis.raised_signals import raised_signals

NO_STUDY_LEFT = "no study left"


def impact(
    protocol: ReviewProtocol,
    study: str,
    now: Sequence[AnalysisResult],
    then: Sequence[AnalysisResult],
) -> Impact:
    """Compare every result with what it would be without a study."""
    after = {each.id: each for each in then}
    touched = [each for each in now if any(row.study == study for row in each.rows)]
    fired = raised_signals(protocol, now, then)
    return Impact(
        tuple(_line(each, after[each.id]) for each in touched if each.id in after),
        tuple(f"{each.rule}: {each.text}" for each in fired),
    )


def _line(now: AnalysisResult, then: AnalysisResult) -> WithoutLine:
    return WithoutLine(
        analysis=now.id,
        outcome=now.outcome_label,
        comparison=now.comparison_label,
        now=_shown(now),
        then=_shown(then),
        studies=now.studies,
        studies_left=then.studies,
    )


def _shown(result: AnalysisResult) -> str:
    if not result.studies:
        return NO_STUDY_LEFT
    if result.effect is None:
        return f"not estimable ({result.not_estimable})"
    return f"{result.measure} {interval(result.effect, result.measure)}"
