"""What a forest plot says, line by line, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.results.diff import added_studies, same_interval
from bot.results.format import (
    MINUS,
    NOT_REPORTED,
    as_published,
    decimal,
    interval,
    level_in_words,
    limits,
    p_value,
    percent,
    plain,
)
from bot.results.model import (
    AnalysisResult,
    ArmNumbers,
    ShownEffect,
    StudyRow,
    SubgroupResult,
)
from bot.review.planned import MEASURES, OF_A_PAIR, OutcomeKind
from bot.review.protocol import PublishedResult
from extraction.model import EntersInto

DAGGER = "\N{DAGGER}"
MEANS = frozenset(MEASURES[OutcomeKind.CONTINUOUS])
_SIDES = ("arm_1", "arm_2")
_SMALLEST_PLAIN = 0.01  # below it two decimals would print as nothing
_FRACTION = 2  # decimals of people that are not whole


class Shape(StrEnum):
    """How a line's effect is drawn; shapes differ in outline too, so that grey print keeps them."""

    SQUARE = "square"
    DIAMOND = "diamond"
    HOLLOW = "hollow diamond"
    DASHED = "dashed diamond"
    SPAN = "span"  # where a new study is expected
    HEADING = "heading"  # the name of a subgroup


@dataclass(frozen=True, slots=True)
class ForestLine:
    """One line of a forest plot; `effect` None means `told` says why nothing is drawn."""

    label: str
    told: str
    effect: ShownEffect | None
    shape: Shape
    arm_1: str = ""
    arm_2: str = ""
    weight: float | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ForestContent:
    """All lines of a forest plot."""

    result: AnalysisResult
    studies: tuple[ForestLine, ...]
    summaries: tuple[ForestLine, ...]

    @property
    def lines(self) -> tuple[ForestLine, ...]:
        return self.studies + self.summaries


def forest_content(result: AnalysisResult, previous: AnalysisResult | None) -> ForestContent:
    """Say a forest plot: its studies, then the pooled result and what to compare it with."""
    return ForestContent(result, study_lines(result, previous), summary_lines(result, previous))


def study_lines(result: AnalysisResult, previous: AnalysisResult | None) -> tuple[ForestLine, ...]:
    """Return a line for each row, in the order of the analysis; subgroups one after another."""
    new = added_studies(previous, result)

    def line(row: StudyRow, under: str = "") -> ForestLine:
        return _study_line(row, result, is_new=row.study in new, under=under)

    if not result.subgroups:
        return tuple(line(row) for row in result.rows)
    lines: list[ForestLine] = []
    for group in result.subgroups:
        lines.append(ForestLine(group.label, "", None, Shape.HEADING))
        lines += [line(row, group.label) for row in result.rows if row.subgroup == group.label]
        lines.append(_subgroup_line(group, result.measure))
    known = {group.label for group in result.subgroups}
    return (*lines, *(line(row) for row in result.rows if row.subgroup not in known))


def _subgroup_line(group: SubgroupResult, measure: str) -> ForestLine:
    why = f"not estimable: {group.not_estimable or NOT_REPORTED}"
    printed = why if group.effect is None else interval(group.effect, measure)
    found = group.heterogeneity
    differ = f" (I² {percent(found.i2)})" if found is not None else ""
    return ForestLine(f"Subgroup: {group.label}{differ}", printed, group.effect, Shape.DIAMOND)


def summary_lines(
    result: AnalysisResult, previous: AnalysisResult | None
) -> tuple[ForestLine, ...]:
    """Return the pooled result, and beside it what it is to be compared with."""
    optional = (
        _prediction_line(result),
        _random_line(result),
        _paired_line(result),
        _published_line(result.published),
        _previous_line(result, previous),
    )
    return (_pooled_line(result), *(each for each in optional if each is not None))


def _prediction_line(result: AnalysisResult) -> ForestLine | None:
    found = result.prediction
    if found is None or result.effect is None:
        return None
    span = ShownEffect(result.effect.estimate, found.lower, found.upper)
    label = f"{level_in_words(result.level)} prediction interval"
    return ForestLine(label, limits(span, result.measure), span, Shape.SPAN)


def heterogeneity_in_words(result: AnalysisResult) -> str:
    """Print the heterogeneity statistics, or why there are none."""
    found = result.heterogeneity
    if found is None:
        return "Heterogeneity: not estimable from fewer than two studies with an effect"
    tau2 = "" if found.tau2 is None else f"Tau² = {_small(found.tau2)}; "
    return (
        f"Heterogeneity: {tau2}Q = {decimal(found.q)}, df = {found.q_df} "
        f"({p_value(found.q_p)}); I² = {percent(found.i2)}"
    )


def between_in_words(result: AnalysisResult) -> str | None:
    """Print the test of the subgroups against each other; None where there is none."""
    test = result.between
    if test is None:
        return None
    return (
        f"Subgroups against each other: Q = {decimal(test.q)}, df = {test.q_df} "
        f"({p_value(test.q_p)}); I² = {percent(test.i2)}"
    )


def _small(value: float) -> str:
    """Print tau² so that what is not nothing never reads as 0.00."""
    return f"{value:.2g}" if 0 < value < _SMALLEST_PLAIN else decimal(value)


def kind_of_rows(result: AnalysisResult) -> OutcomeKind:
    """Return what the rows report; older programs knew events and means."""
    if result.kind is not None:
        return result.kind
    return OutcomeKind.CONTINUOUS if result.measure in MEANS else OutcomeKind.EVENTS


def is_continuous(result: AnalysisResult) -> bool:
    """Tell whether the arms gave means rather than events."""
    return kind_of_rows(result) is OutcomeKind.CONTINUOUS


def arm_in_words(arm: ArmNumbers, kind: OutcomeKind | None = None) -> str:
    """Print an arm's numbers: '11/16', '4.3 (7.285), 9', or '7 in 1320' of a rate."""
    if kind is OutcomeKind.RATES:
        return f"{_number(arm.events)} in {_number(arm.time)}"
    if kind in OF_A_PAIR and arm.events is None:
        return "" if arm.total is None else _number(arm.total)
    if arm.mean is None and arm.sd is None:
        return _events(arm)
    mean, sd, people = (_number(each) for each in (arm.mean, arm.sd, arm.total))
    return f"{mean} ({sd}), {people}"


def has_events(row: StudyRow) -> bool:
    """Tell whether a study reports events and people on both arms."""
    numbers = (row.arm_1.events, row.arm_1.total, row.arm_2.events, row.arm_2.total)
    return all(each is not None for each in numbers)


def _events(arm: ArmNumbers) -> str:
    if arm.events is None and arm.total is None:
        return NOT_REPORTED
    return f"{_number(arm.events)}/{_number(arm.total)}"


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    # people shared out among comparisons; a turned mean
    return plain(round(float(value), _FRACTION)).replace("-", MINUS)


def _study_line(row: StudyRow, result: AnalysisResult, *, is_new: bool, under: str) -> ForestLine:
    """Return the line of a row; a part of a study that is its subgroup is named by the heading."""
    why = f"not estimable: {row.why or NOT_REPORTED}"
    kind = kind_of_rows(result)
    label = row.label.removesuffix(f": {under}") if row.stratum == under else row.label
    return ForestLine(
        label=f"{label} {DAGGER}" if row.derived else label,
        told=why if row.effect is None else interval(row.effect, result.measure),
        effect=row.effect,
        shape=Shape.SQUARE,
        arm_1=arm_in_words(row.arm_1, kind),
        arm_2="" if kind is OutcomeKind.PROPORTION else arm_in_words(row.arm_2, kind),
        weight=row.weight,
        is_new=is_new,
    )


def _pooled_line(result: AnalysisResult) -> ForestLine:
    kind = kind_of_rows(result)
    counted = [row for row in result.rows if _enters(row)]
    one, two = ([arm for row in counted for arm in (getattr(row, side),)] for side in _SIDES)
    return ForestLine(
        label="Computed here" + (f" {DAGGER}" if result.derived_inputs else ""),
        told=told(result),
        effect=result.effect,
        shape=Shape.DIAMOND,
        arm_1=_total(kind, one),
        arm_2="" if kind is OutcomeKind.PROPORTION else _total(kind, two),
    )


def _enters(row: StudyRow) -> bool:
    """Tell whether a row has its numbers and belongs to the overall result."""
    arms = [row.arm_1] if row.arm_2 == ArmNumbers() else [row.arm_1, row.arm_2]
    there = all(arm.total is not None or arm.time is not None for arm in arms)
    return there and row.enters is not EntersInto.SUBGROUP


def _total(kind: OutcomeKind, arms: list[ArmNumbers]) -> str:
    people, events = sum(arm.total or 0 for arm in arms), sum(arm.events or 0 for arm in arms)
    if kind is OutcomeKind.RATES:
        return f"{_number(events)} in {_number(sum(arm.time or 0 for arm in arms))}"
    if kind is OutcomeKind.CONTINUOUS:
        return _number(people)
    if kind in OF_A_PAIR:
        return _number(people) if people else ""
    return f"{_number(events)}/{_number(people)}"


def _random_line(result: AnalysisResult) -> ForestLine | None:
    if result.random_effects is None or result.studies < 2:
        return None
    printed = interval(result.random_effects, result.measure)
    label = "Random effects (DerSimonian-Laird)"
    return ForestLine(label, printed, result.random_effects, Shape.HOLLOW)


def _paired_line(result: AnalysisResult) -> ForestLine | None:
    paired = result.paired
    if paired.effect is not None:
        how = f" ({paired.how})" if paired.how else ""
        printed = interval(paired.effect, result.measure)
        return ForestLine(f"Paired, as a cross-over{how}", printed, paired.effect, Shape.HOLLOW)
    if not paired.lacks_data:
        return None
    why = f"not done: {paired.missing}"
    return ForestLine("Paired, as a cross-over", why, None, Shape.HOLLOW)


def _published_line(published: PublishedResult | None) -> ForestLine | None:
    if published is None:
        return None
    numbers = (published.estimate, published.ci_lower, published.ci_upper)
    effect = ShownEffect(*(float(each.replace(MINUS, "-")) for each in numbers))
    return ForestLine("As published", as_published(published), effect, Shape.DASHED)


def _previous_line(result: AnalysisResult, previous: AnalysisResult | None) -> ForestLine | None:
    """Return the line of the version before, where its result was another."""
    if previous is None or same_interval(previous.effect, result.effect):
        return None
    return ForestLine("Previous version", told(previous), previous.effect, Shape.HOLLOW)


def told(result: AnalysisResult) -> str:
    """Print a pooled result, or why there is none."""
    if result.effect is None:
        return f"not estimable: {result.not_estimable or NOT_REPORTED}"
    return interval(result.effect, result.measure)
