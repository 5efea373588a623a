"""The cross-over analysis beside the parallel one, or what is missing to do it. Pure.

A cross-over trial is analysed by what the same people did on both arms: the joint table of events,
or the spread of the differences of measurements. A trial whose arms are different people keeps its
ordinary effect. Effects are pooled by inverse variance, in the measure of the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.crossover import (
    NO_EVENTS,
    PairedMeans,
    PairedTables,
    joint_count_range,
    mcnemar,
    paired_binary,
    paired_mean_difference,
    paired_standardised_mean_difference,
    sd_of_differences,
)
from analysis.crossover_margins import (
    PairedMargins,
    effects_at_correlation,
    possible_results,
)
from analysis.effects import given_effects
from analysis.errors import AnalysisError, InvalidInput, NotEstimable
from analysis.pooling import inverse_variance
from analysis.results import Estimate, Measure, StudyEffects
from bot.results.format import percent
from bot.results.model import NO_CROSSOVER
from bot.review.outcome_fields import JOINT_TABLE
from bot.review.planned import PlannedMeasure
from bot.review.protocol import AnalysisPlan
from bot.synthesis.arm_numbers import Numbers
from bot.synthesis.engine_inputs import engine_model
from bot.synthesis.pooled import single_effects
from bot.synthesis.study_numbers import StudyNumbers
from extraction.model import Design, Field

_PAIRED = frozenset(
    {
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.RISK_DIFFERENCE,
        PlannedMeasure.MEAN_DIFFERENCE,
        PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
    }
)
NOT_TRUE = "not a true cross-over trial, so its people cannot be paired"
NO_SPREAD = "neither the SD of the differences nor the correlation of the two periods is known"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A paired result on the scale of the analysis and how it was made, or what is missing."""

    estimate: Estimate | None
    how: str | None
    missing: str | None
    trials: int = 0
    exact_p: float | None = None


class _Missing(Exception):
    """A study does not tell what its analysis by pairs needs; the message says what."""


def pair(plan: AnalysisPlan, counted: Sequence[StudyNumbers]) -> Pairing:
    """Analyse by pairs where every study allows it."""
    if not any(each.same_people for each in counted):
        return Pairing(None, None, NO_CROSSOVER)
    if plan.measure not in _PAIRED:
        return Pairing(None, None, f"{plan.measure} has no analysis by pairs here")
    measure = Measure(plan.measure)
    parts, missing = [], []
    for each in counted:
        try:
            parts.append(_part(plan, each))
        except _Missing as error:
            missing.append(f"{each.study.label}: {error}")
    if missing:
        return Pairing(None, None, "; ".join(missing))
    try:
        pooled = inverse_variance(_joined(measure, parts), engine_model(plan))
    except NotEstimable as error:
        return Pairing(None, None, error.reason)
    except AnalysisError as error:
        return Pairing(None, None, str(error))
    crossed = [each for each in counted if each.same_people]
    how = "; ".join(how for _, how in parts)
    return Pairing(pooled.estimate, how, None, len(crossed), _exact_p(crossed))


def _exact_p(crossed: Sequence[StudyNumbers]) -> float | None:
    """Return McNemar's exact p of the one cross-over trial, where its joint table is known."""
    if len(crossed) != 1 or JOINT_TABLE[0] not in crossed[0].joint:
        return None
    first, second = (int(crossed[0].joint[field]) for field in JOINT_TABLE[1:3])
    return mcnemar(first, second).exact_p if first + second else None


def _part(plan: AnalysisPlan, numbers: StudyNumbers) -> tuple[StudyEffects, str]:
    """Return one study's effect and how it was made; no effect where nobody had the event."""
    if numbers.same_people and numbers.study.design is not Design.CROSSOVER:
        raise _Missing(NOT_TRUE)
    try:
        if not numbers.same_people:
            how = f"{numbers.study.label}: two groups of people, as they are"
            return single_effects(plan, numbers), how
        measure = Measure(plan.measure)
        if Field.EVENTS in numbers.arm_1:
            return _from_events(measure, numbers, plan.level)
        return _from_means(measure, numbers)
    except InvalidInput as error:
        raise _Missing(f"{error.where}: found {error.found}, expected {error.expected}") from error
    except AnalysisError as error:
        raise _Missing(str(error)) from error


def _from_events(measure: Measure, numbers: StudyNumbers, level: float) -> tuple[StudyEffects, str]:
    label = numbers.study.label
    if JOINT_TABLE[0] in numbers.joint:
        effects = _of_table(measure, numbers, [numbers.joint[field] for field in JOINT_TABLE])
        return effects, f"{label}: joint 2×2 table{_basis(numbers.joint_derived)}"
    one, two = numbers.totals
    if one != two:
        raise _Missing(f"the arms have different numbers of people ({one} and {two})")
    fewest, most = joint_count_range(*_events(numbers), one)
    if fewest == most:
        effects = _of_table(measure, numbers, _table_with(numbers, fewest))
        return effects, f"{label}: joint 2×2 table, which the arms' totals leave no choice"
    if Field.CORRELATION in numbers.joint:
        return _at_correlation(measure, numbers)
    raise _Missing(_bounds(measure, numbers, (fewest, most), level))


def _at_correlation(measure: Measure, numbers: StudyNumbers) -> tuple[StudyEffects, str]:
    label, correlation = numbers.study.label, numbers.joint[Field.CORRELATION]
    margins = PairedMargins.of([(label, *_events(numbers), numbers.totals[0])])
    effects = effects_at_correlation(margins, measure, correlation)
    for gone in effects.left_out:
        raise _Missing(gone.reason)
    basis = _basis(numbers.joint_derived)
    return effects, f"{label}: approximate, correlation {correlation:.2f}{basis}"


def _basis(derived: bool) -> str:
    return " (derived)" if derived else ""


def _events(numbers: StudyNumbers) -> tuple[float, float]:
    return numbers.arm_1[Field.EVENTS], numbers.arm_2[Field.EVENTS]


def _table_with(numbers: StudyNumbers, both: float) -> list[float]:
    """Return the joint table that goes with the arms' totals and this many people on both."""
    one, two = _events(numbers)
    return [both, one - both, two - both, numbers.totals[0] - one - two + both]


def _of_table(measure: Measure, numbers: StudyNumbers, table: Sequence[float]) -> StudyEffects:
    both, first_only, second_only, neither = table
    label = numbers.study.label
    tables = PairedTables.of([(label, both, first_only, second_only, neither)])
    effects = paired_binary(tables, measure)
    for gone in effects.left_out:
        if gone.reason != NO_EVENTS:
            raise _Missing(gone.reason)
    return effects


def _bounds(
    measure: Measure, numbers: StudyNumbers, both: tuple[float, float], level: float
) -> str:
    """Say what is not reported, and between which results the paired one must lie."""
    said = (
        f"how many people had the event on both arms is not reported ({both[0]:g} to {both[1]:g})"
    )
    one, two = _events(numbers)
    possible = possible_results(int(one), int(two), numbers.totals[0], measure, level=level)
    if not possible:
        return said
    ends = [_limits(measure, possible[end].estimate) for end in (0, -1)]
    return f"{said}; the paired {percent(level)} CI lies between {ends[0]} and {ends[1]}"


def _limits(measure: Measure, found: Estimate) -> str:
    shown = measure.scale.shown
    return f"({shown(found.ci_lower):.2f}, {shown(found.ci_upper):.2f})"


def _from_means(measure: Measure, numbers: StudyNumbers) -> tuple[StudyEffects, str]:
    one, two = numbers.arm_1, numbers.arm_2
    if one[Field.N] != two[Field.N]:
        raise _Missing(
            f"the arms have different numbers of people ({one[Field.N]:g}, {two[Field.N]:g})"
        )
    spread, source = _spread(numbers)
    means = PairedMeans.of(
        [
            (
                numbers.study.label,
                one[Field.MEAN],
                one[Field.SD],
                two[Field.MEAN],
                two[Field.SD],
                one[Field.N],
                spread,
            )
        ]
    )
    basis = _basis(numbers.joint_derived or numbers.derived)
    how = f"{numbers.study.label}: {source}{basis}, correlation {float(means.correlation[0]):.2f}"
    if measure is Measure.MEAN_DIFFERENCE:
        return paired_mean_difference(means), how
    return paired_standardised_mean_difference(means), f"{how}, d without a small-sample factor"


def _spread(numbers: StudyNumbers) -> tuple[float, str]:
    """Return the SD of the within-person differences and what it is from."""
    joint: Numbers = numbers.joint
    if Field.SD_DIFFERENCE in joint:
        return joint[Field.SD_DIFFERENCE], "SD of the differences"
    if Field.CORRELATION in joint:
        sds = numbers.arm_1[Field.SD], numbers.arm_2[Field.SD]
        return sd_of_differences(*sds, joint[Field.CORRELATION]), "correlation of the two periods"
    raise _Missing(NO_SPREAD)


def _joined(measure: Measure, parts: Sequence[tuple[StudyEffects, str]]) -> StudyEffects:
    """Put the studies' effects into one column."""
    every = [effects for effects, _ in parts]
    return given_effects(
        [label for effects in every for label in effects.labels],
        [float(value) for effects in every for value in effects.effects],
        [float(value) for effects in every for value in effects.variances],
        measure,
    )
