"""What rests on a study: every result as it is, and as it would be without it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.results.format import interval
from bot.results.model import AnalysisResult
from bot.review.protocol import ReviewProtocol
from bot.synthesis.raised_signals import raised_signals

NOTHING_RESTS = "no pooled result rests on it"
NO_STUDY_LEFT = "no study left"


@dataclass(frozen=True, slots=True)
class WithoutLine:
    """One analysis as it is and as it would be without a study: 'RR 2.43 (1.13 to 5.24)'."""

    analysis: str
    outcome: str
    comparison: str
    now: str
    then: str
    studies: int  # with a result in it, now
    studies_left: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What rests on a study. rules: which rules of the protocol would fire without it.

    failed: why it could not be computed; then nothing else is there.
    """

    without: tuple[WithoutLine, ...] = ()
    rules: tuple[str, ...] = ()
    failed: str | None = None


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


def impact_lines(found: Impact) -> list[str]:
    """Say in lines of a notice what rests on a study."""
    if found.failed is not None:
        return [f"  it could not be computed: {found.failed}"]
    lines = [
        f"  {each.analysis} {each.outcome} ({each.comparison}): {each.now} → {each.then}"
        f" [{each.studies} → {each.studies_left} studies]"
        for each in found.without
    ]
    rules = [f"  would fire: {rule}" for rule in found.rules]
    return [*lines, *rules] or [f"  {NOTHING_RESTS}"]


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
