"""What a version says of its signals: what no rule looks at, how often they would fire. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import NotEstimable
from bot.report.document import ReviewDocument
from bot.results.format import percent
from bot.results.model import AnalysisResult
from bot.review.protocol import ReviewProtocol
from bot.synthesis.variations import AlarmRate, alarm_rate

NOT_LOOKED_AT = (
    "The rules look at the planned result of each analysis. No rule looks at the paired analysis"
    " of cross-over data, at a prediction interval or at what single studies carry: that is for"
    " people to judge."
)
MORE_THAN_ONE = (
    "One trial feeds several analyses, so the chance that some rule fires somewhere is that of the"
    " highest line or more."
)


SMALLEST_SHOWN = 0.005  # rounded to whole percents it would print as none


@dataclass(frozen=True, slots=True)
class RateLine:
    """How often one more trial would call for people, for one analysis, or why nobody knows."""

    analysis: str
    outcome: str
    changing: str | None = None
    any_rule: str | None = None
    trial: str | None = None
    why: str | None = None


def compared_with(document: ReviewDocument) -> str:
    """Say with which results this version's were compared."""
    if document.previous is None:
        return ""
    rated = rated_in(document)
    last = f"version {document.previous.number}"
    if rated is None or rated == document.previous.number:
        return f"Compared with {last}, on which the authors' ratings rest."
    return f"Compared with {last}, and with version {rated}, on which the authors' ratings rest."


def rated_in(document: ReviewDocument) -> str | None:
    """Return the version whose conclusions people rated last, or None."""
    rated = [each.rated_in for each in document.certainty]
    return rated[-1] if rated else None


def rate_lines(document: ReviewDocument) -> tuple[RateLine, ...]:
    """Say for each analysis how often one more trial of the same truth would call for people."""
    return tuple(_rate_line(document.protocol, each) for each in document.results)


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
