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
    p_value,
    percent,
    plain,
)
from bot.results.model import AnalysisResult, ArmNumbers, ShownEffect, StudyRow
from bot.review.planned import PlannedMeasure, PlannedMethod, PlannedModel
from bot.review.protocol import PublishedResult

DAGGER = "\N{DAGGER}"
METHODS = {
    PlannedMethod.MANTEL_HAENSZEL: "Mantel-Haenszel",
    PlannedMethod.INVERSE_VARIANCE: "inverse variance",
}
MEANS = frozenset({PlannedMeasure.MEAN_DIFFERENCE, PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE})
MODELS = {PlannedModel.COMMON: "common effect", PlannedModel.RANDOM: "random effects"}


class Shape(StrEnum):
    """How a line's effect is drawn; shapes differ in outline too, so that grey print keeps them."""

    SQUARE = "square"
    DIAMOND = "diamond"
    HOLLOW = "hollow diamond"
    DASHED = "dashed diamond"


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
    """Return a line for each study, in the order of the analysis."""
    new = added_studies(previous, result)
    return tuple(_study_line(row, result.measure, row.study in new) for row in result.rows)


def summary_lines(
    result: AnalysisResult, previous: AnalysisResult | None
) -> tuple[ForestLine, ...]:
    """Return the pooled result, and beside it what it is to be compared with."""
    optional = (
        _random_line(result),
        _paired_line(result),
        _published_line(result.published),
        _previous_line(result, previous),
    )
    return (_pooled_line(result), *(each for each in optional if each is not None))


def method_in_words(result: AnalysisResult) -> str:
    """Name the method and model: 'Mantel-Haenszel, common effect'."""
    return f"{METHODS[result.method]}, {MODELS[result.model]}"


def heterogeneity_in_words(result: AnalysisResult) -> str:
    """Print the heterogeneity statistics, or why there are none."""
    found = result.heterogeneity
    if found is None:
        return "Heterogeneity: not estimable from fewer than two studies with an effect"
    tau2 = "" if found.tau2 is None else f"Tau² = {decimal(found.tau2)}; "
    return (
        f"Heterogeneity: {tau2}Q = {decimal(found.q)}, df = {found.q_df} "
        f"({p_value(found.q_p)}); I² = {percent(found.i2)}"
    )


def is_continuous(result: AnalysisResult) -> bool:
    """Tell whether the arms gave means rather than events."""
    return result.measure in MEANS


def arm_in_words(arm: ArmNumbers) -> str:
    """Print an arm's numbers: '11/16', or '4.3 (7.285), 9'."""
    if arm.mean is None and arm.sd is None:
        return _events(arm)
    mean, sd, people = (_number(each) for each in (arm.mean, arm.sd, arm.total))
    return f"{mean} ({sd}), {people}"


def has_events(row: StudyRow) -> bool:
    """Tell whether a study reports events and people on both arms."""
    numbers = (row.arm_1.events, row.arm_1.total, row.arm_2.events, row.arm_2.total)
    return all(each is not None for each in numbers)


def is_complete(row: StudyRow, measure: str) -> bool:
    """Tell whether both arms of a study have what the measure needs."""
    if measure not in MEANS:
        return has_events(row)
    arms = (row.arm_1, row.arm_2)
    return all(None not in (arm.mean, arm.sd, arm.total) for arm in arms)


def _events(arm: ArmNumbers) -> str:
    if arm.events is None and arm.total is None:
        return NOT_REPORTED
    return f"{_number(arm.events)}/{_number(arm.total)}"


def _number(value: float | None) -> str:
    return "?" if value is None else plain(float(value))


def _study_line(row: StudyRow, measure: str, is_new: bool) -> ForestLine:
    why = f"not estimable: {row.why or NOT_REPORTED}"
    return ForestLine(
        label=f"{row.label} {DAGGER}" if row.derived else row.label,
        told=why if row.effect is None else interval(row.effect, measure),
        effect=row.effect,
        shape=Shape.SQUARE,
        arm_1=arm_in_words(row.arm_1),
        arm_2=arm_in_words(row.arm_2),
        weight=row.weight,
        is_new=is_new,
    )


def _pooled_line(result: AnalysisResult) -> ForestLine:
    counted = [row for row in result.rows if is_complete(row, result.measure)]
    return ForestLine(
        label="Computed here" + (f" {DAGGER}" if result.derived_inputs else ""),
        told=told(result),
        effect=result.effect,
        shape=Shape.DIAMOND,
        arm_1=_total(result, [row.arm_1 for row in counted]),
        arm_2=_total(result, [row.arm_2 for row in counted]),
    )


def _total(result: AnalysisResult, arms: list[ArmNumbers]) -> str:
    people = sum(arm.total or 0 for arm in arms)
    if is_continuous(result):
        return f"{people}"
    return f"{sum(arm.events or 0 for arm in arms)}/{people}"


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
