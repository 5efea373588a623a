"""The summary of findings: a row for each analysis, in numbers and in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.report.absolute import PEOPLE, Absolute, NoAbsoluteEffect, absolute_effect
from bot.report.document import CertaintyLine, ReviewDocument
from bot.report.notice_words import banners
from bot.results.diff import Change
from bot.results.direction import direction_in_words, reading
from bot.results.format import (
    MINUS,
    NOT_REPORTED,
    as_published,
    decimal,
    interval,
    level_in_words,
    percent,
)
from bot.results.model import AnalysisResult, ShownEffect
from bot.results.ways import (
    counts_in_words,
    how_of,
    measure_name,
    more_in_words,
    people_in_words,
)
from bot.review.planned import PlannedTau2
from bot.review.protocol import PrintedCertainty

# Beyond so many decimals a number was printed as a program held it, and the last digit is noise;
# two iterations for tau² end as near to each other as their tolerance.
MOST_PRINTED, IN_FULL, ITERATED = 8, 1e-8, 1e-5
LEVELS = {
    PrintedCertainty.VERY_LOW: 1,
    PrintedCertainty.LOW: 2,
    PrintedCertainty.MODERATE: 3,
    PrintedCertainty.HIGH: 4,
}


@dataclass(frozen=True, slots=True)
class ShownCertainty:
    """The authors' rating: how many of four circles are full, the word, and what to add to it."""

    circles: int | None
    level: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PerThousand:
    """People with the event per 1000, and per cent, on each arm; `why` where it cannot be said."""

    arm_2_label: str = ""
    arm_2: str = ""
    arm_1_label: str = ""
    arm_1: str = ""
    limits: str = ""
    seen_1: str = ""  # on arm 1, in these trials
    remarks: tuple[str, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One analysis as the summary of findings shows it."""

    id: str
    outcome: str
    time_point: str
    arms: str
    studies: str
    participants: str
    measure: str
    effect: str | None
    why: str | None
    absolute: PerThousand
    certainty: ShownCertainty
    direction: str
    meaning: str | None
    level: str
    beside: tuple[str, ...]
    derived: bool
    arm_order_inferred: bool
    changed: bool
    published: str | None
    reproduced: bool
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryGroup:
    """The rows of one comparison."""

    comparison: str
    rows: tuple[SummaryRow, ...]


def summary_of_findings(
    document: ReviewDocument, moved: Sequence[Change]
) -> tuple[SummaryGroup, ...]:
    """Return the rows of all analyses, grouped by comparison in the order of the protocol."""
    changed = frozenset(each.analysis for each in moved)
    labels = tuple(dict.fromkeys(each.comparison_label for each in document.results))
    return tuple(
        SummaryGroup(
            label,
            tuple(
                _row(document, each, each.id in changed)
                for each in document.results
                if each.comparison_label == label
            ),
        )
        for label in labels
    )


def outcomes_without_result(document: ReviewDocument) -> tuple[str, ...]:
    """Name the protocol's outcomes for which no value was accepted, key outcomes marked."""
    seen = {each.outcome for each in document.results if each.rows}
    return tuple(
        f"{each.label} (key outcome)" if each.key else each.label
        for each in document.protocol.outcomes
        if each.id not in seen
    )


def is_reproduced(result: AnalysisResult) -> bool:
    """Tell whether the computed result has every printed digit of the published one."""
    if result.published is None or result.effect is None:
        return False
    printed = result.published
    pairs = (
        (printed.estimate, result.effect.estimate),
        (printed.ci_lower, result.effect.ci_lower),
        (printed.ci_upper, result.effect.ci_upper),
    )
    return all(_agrees(text, value, result) for text, value in pairs)


def _agrees(text: str, value: float, result: AnalysisResult) -> bool:
    """Compare by the printed digits; what was printed in full, as two programs can agree."""
    if _digits(text) <= MOST_PRINTED and "e" not in text:
        return _as_printed(text) == decimal(value, _digits(text)).replace(",", "")
    iterated = how_of(result).tau2 is not None and how_of(result).tau2 is not PlannedTau2.DL
    return math.isclose(float(text), value, rel_tol=ITERATED if iterated else IN_FULL)


def rating_is_stale(document: ReviewDocument, result: AnalysisResult, rated_in: str) -> bool:
    """Tell whether the authors rated the certainty of other data than are shown now."""
    if rated_in == document.number or is_reproduced(result):
        return False
    previous = document.previous
    if previous is None or previous.number != rated_in:
        return True
    before = {each.id: each.effect for each in previous.results}
    return before.get(result.id) != result.effect


def _row(document: ReviewDocument, result: AnalysisResult, changed: bool) -> SummaryRow:
    effect = result.effect
    published = result.published
    return SummaryRow(
        id=result.id,
        outcome=result.outcome_label,
        time_point=result.time_point,
        arms=" v ".join(filter(None, [result.arm_1_label, result.arm_2_label])),
        studies=counts_in_words(result),
        participants=people_in_words(result),
        measure=measure_name(result.measure),
        effect=None if effect is None else interval(effect, result.measure),
        why=None if effect is not None else result.not_estimable or NOT_REPORTED,
        absolute=per_thousand(result),
        certainty=_certainty(document, result),
        direction=direction_in_words(result),
        meaning=reading(result),
        level=level_in_words(result.level),
        beside=tuple(more_in_words(result)),
        derived=result.derived_inputs,
        arm_order_inferred=result.arm_order_inferred,
        changed=changed,
        published=None if published is None else as_published(published),
        reproduced=is_reproduced(result),
        notices=banners(document, result),
    )


def per_thousand(result: AnalysisResult) -> PerThousand:
    """Say what a relative effect comes to in people of 1000 and in per cent."""
    found = absolute_effect(result)
    if isinstance(found, NoAbsoluteEffect):
        return PerThousand(why=found.why)
    return PerThousand(
        arm_2_label=result.arm_2_label,
        arm_2=_people(found.arm_2),
        arm_1_label=result.arm_1_label,
        arm_1=_people(found.arm_1.estimate),
        limits=_limits(found.arm_1),
        seen_1="" if found.seen_1 is None else _people(found.seen_1),
        remarks=tuple(_remarks(found)),
    )


def _remarks(found: Absolute) -> Iterator[str]:
    """Say what the figures rest on where that is not plain, and what they are at other risks."""
    if found.capped:
        yield "the effect, or a limit, goes beyond 0 or 1,000: the figure stops there"
    if found.constant:
        yield "0.5 was added to empty cells, which draws the ratio towards 1"
    for each in found.stated:
        yield (
            f"at a {each.name} risk, {_people(each.arm_2)}: {_people(each.arm_1.estimate)},"
            f" {_limits(each.arm_1)}"
        )


def _limits(risk: ShownEffect) -> str:
    per_cent = f"{percent(risk.ci_lower, 1)} to {percent(risk.ci_upper, 1)}"
    return f"{_count(risk.ci_lower)} to {_count(risk.ci_upper)} ({per_cent})"


def _people(share: float) -> str:
    """Print a risk as people of 1000, and in per cent."""
    return f"{_count(share)} ({percent(share, 1)})"


def _count(share: float) -> str:
    return decimal(PEOPLE * share, 0)


def _certainty(document: ReviewDocument, result: AnalysisResult) -> ShownCertainty:
    rated = next((each for each in document.certainty if each.analysis == result.id), None)
    if rated is None:
        return ShownCertainty(None, "not rated", None)
    return ShownCertainty(LEVELS[rated.level], rated.level, _rating_note(document, result, rated))


def _rating_note(
    document: ReviewDocument, result: AnalysisResult, rated: CertaintyLine
) -> str | None:
    if rating_is_stale(document, result, rated.rated_in):
        return f"rated in version {rated.rated_in} on other data than these; not rated again yet"
    return None


def _digits(printed: str) -> int:
    return len(printed.partition(".")[2])


def _as_printed(printed: str) -> str:
    """Write a printed number as `decimal` writes one."""
    return printed.strip().replace("-", MINUS)
