"""How often the rules of the protocol would call for people if one more trial came. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.errors import NotEstimable
from bot.report.document import RateLine
from bot.results.format import percent
from bot.results.model import AnalysisResult
from bot.review.protocol import ReviewProtocol
from bot.synthesis.variations import AlarmRate, alarm_rate

SMALLEST_SHOWN = 0.005  # rounded to whole percents it would print as none


def rate_lines(protocol: ReviewProtocol, results: Sequence[AnalysisResult]) -> tuple[RateLine, ...]:
    """Say for each analysis how often one more trial of the same truth would call for people."""
    return tuple(_rate_line(protocol, each) for each in results)


def _rate_line(protocol: ReviewProtocol, result: AnalysisResult) -> RateLine:
    label = f"{result.outcome_label}, {result.comparison_label}"
    try:
        found = alarm_rate(result, protocol.signal_rules, protocol.thresholds(result.id))
    except NotEstimable as error:
        return RateLine(result.id, label, why=error.reason)
    return RateLine(
        result.id, label, _share(found.changing), _share(found.any_rule), _trial(found, result)
    )


def _share(chance: float) -> str:
    """Print a chance in percent, so that what may happen never reads as what cannot."""
    return "below 1%" if 0 < chance < SMALLEST_SHOWN else percent(chance)


def _trial(found: AlarmRate, result: AnalysisResult) -> str:
    return (
        f"{found.n_1} people on {result.arm_1_label} with a risk of {percent(found.risk_1)},"
        f" {found.n_2} on {result.arm_2_label} with {percent(found.risk_2)}"
    )
