"""How robust one analysis is: the table of methods and the pictures, beside its planned result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from analysis.conclusions import Conclusion, MethodRow, MethodTable
from analysis.errors import NotConverged, NotEstimable
from analysis.pooling import inverse_variance
from analysis.results import Measure
from analysis.small_study import ADVISED
from bot.errors import NotDrawn
from bot.figures.change_grid import change_grid_svg
from bot.figures.funnel import funnel_svg
from bot.figures.profile import q_profile_svg
from bot.figures.refits import RefitKind, refits_svg
from bot.results.direction import Sides, sides
from bot.results.format import counted, interval, listed
from bot.results.model import AnalysisResult, ShownEffect
from bot.review.protocol import SignalRule
from bot.synthesis.variations import (
    as_it_grew,
    by_every_method,
    effects_in,
    people_so_far,
    what_one_more_would_change,
    without_each,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture under its heading, for a page and for a phone."""

    heading: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be shown, and why."""

    heading: str
    why: str


@dataclass(frozen=True, slots=True)
class MethodLine:
    """A method's result as the table prints it."""

    method: str
    told: str
    concludes: str
    note: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Robustness:
    """What stands beside one analysis; `lines` is empty where there is no table."""

    verdict: str
    lines: tuple[MethodLine, ...]
    pictures: tuple[Picture, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class RobustnessAsked:
    """What a protocol asks of a new result: its rules, and the thresholds of the analysis."""

    rules: Sequence[SignalRule]
    thresholds: Sequence[float]


_TABLE = "Table of methods"
_MEASURES = {Measure.ARCSINE_DIFFERENCE: "arcsine"}


@lru_cache(maxsize=64)  # a report's most costly part, and most analyses do not move
def robustness_of(
    result: AnalysisResult, rules: tuple[SignalRule, ...], thresholds: tuple[float, ...] = ()
) -> Robustness:
    """Pool an analysis by other methods and without single studies, and draw what that gives.

    rules, thresholds: the protocol's, for what one more trial would change
    """
    pictures, missing = _pictures(result, RobustnessAsked(rules, thresholds))
    try:
        table = by_every_method(result)
    except NotEstimable as error:
        return Robustness("", (), pictures, (Missing(_TABLE, error.reason), *missing))
    found = sides(result)
    lines = tuple(_line(each, found) for each in table.rows)
    return Robustness(verdict_in_words(table, found), lines, pictures, missing)


def _pictures(
    result: AnalysisResult, asked: RobustnessAsked
) -> tuple[tuple[Picture, ...], tuple[Missing, ...]]:
    pictures, missing = [], []
    for heading, drawings in _DRAWINGS:
        try:
            wide, narrow = drawings(result, asked)
        except (NotDrawn, NotEstimable) as error:
            missing.append(Missing(heading, error.reason))
        except NotConverged as error:
            missing.append(Missing(heading, str(error)))
        else:
            pictures.append(Picture(heading, Markup(wide), Markup(narrow)))
    return tuple(pictures), tuple(missing)


Drawings = tuple[str, str]


def _without_each(result: AnalysisResult, asked: RobustnessAsked) -> Drawings:
    found = without_each(result)
    return (
        refits_svg(result, found, RefitKind.LEAVE_ONE_OUT),
        refits_svg(result, found, RefitKind.LEAVE_ONE_OUT, narrow=True),
    )


def _as_it_grew(result: AnalysisResult, asked: RobustnessAsked) -> Drawings:
    found = as_it_grew(result)
    return (
        refits_svg(result, found, RefitKind.CUMULATIVE),
        refits_svg(result, found, RefitKind.CUMULATIVE, narrow=True),
    )


def _change(result: AnalysisResult, asked: RobustnessAsked) -> Drawings:
    found = what_one_more_would_change(
        result, asked.rules, *people_so_far(result), asked.thresholds
    )
    arms, told = (result.arm_1_label, result.arm_2_label), _told(result)
    return (
        change_grid_svg(found, arms, told),
        change_grid_svg(found, arms, told, narrow=True),
    )


def _profile(result: AnalysisResult, asked: RobustnessAsked) -> Drawings:
    studies, told = effects_in(result), _told(result)
    tau2 = None if result.heterogeneity is None else result.heterogeneity.tau2
    return (
        q_profile_svg(studies, told, tau2=tau2),
        q_profile_svg(studies, told, tau2=tau2, narrow=True),
    )


def _funnel(result: AnalysisResult, asked: RobustnessAsked) -> Drawings:
    studies, told = effects_in(result), _told(result)
    if len(studies) < ADVISED:
        found = counted(len(studies), "study", "studies")
        raise NotDrawn(f"{found} with an effect; below {ADVISED} a funnel plot tells little")
    pooled = inverse_variance(studies).estimate
    return funnel_svg(studies, pooled, told), funnel_svg(studies, pooled, told, narrow=True)


_DRAWINGS: tuple[tuple[str, Callable[[AnalysisResult, RobustnessAsked], Drawings]], ...] = (
    ("Without each study in turn", _without_each),
    ("As it grew, by the year in the studies' labels", _as_it_grew),
    ("What one more trial, as large as all of these together, would change", _change),
    ("How far the studies may differ", _profile),
    ("Funnel plot", _funnel),
)


def _told(result: AnalysisResult) -> tuple[str, str]:
    return result.id, f"{result.outcome_label}, {result.comparison_label}"


def _line(row: MethodRow, found: Sides | None) -> MethodLine:
    exact = None if row.exact_p is None else f"McNemar's exact P {row.exact_p:.3f}"
    notes = (row.caution, exact) if row.counts else (row.not_valid or row.why_none,)
    return MethodLine(
        method=row.method,
        told=_interval(row),
        concludes="" if row.conclusion is None else _concluded(row.conclusion, found),
        note="; ".join(each for each in notes if each is not None),
        counts=row.counts,
    )


def _interval(row: MethodRow) -> str:
    if row.value is None or row.limits is None:
        return "not computed" if row.not_valid else "none"
    shown = row.measure.scale.shown
    effect = ShownEffect(shown(row.value), shown(row.limits.lower), shown(row.limits.upper))
    measure = str(row.measure)
    return f"{_MEASURES.get(row.measure, measure)} {interval(effect, measure)}"


def _concluded(conclusion: Conclusion, found: Sides | None) -> str:
    match conclusion:
        case Conclusion.OPEN:
            return "undecided"
        case Conclusion.ABOVE:
            return conclusion.value if found is None else f"favours {found.above}"
        case Conclusion.BELOW:
            return conclusion.value if found is None else f"favours {found.below}"


def verdict_in_words(table: MethodTable, found: Sides | None) -> str:
    """Say whether the methods that count conclude the same, and which do not."""
    counting = [each for each in table.rows if each.counts]
    reference = table.reference
    if not counting or reference is None or reference.conclusion is None:
        return "No method that is valid for these data gives a result."
    first = _concluded(reference.conclusion, found)
    methods = counted(len(counting), "method")
    if table.survives:
        return f"Yes: {methods} valid for these data, one conclusion ({first})."
    others = tuple(f"{each.method} ({each.measure})" for each in table.dissenting)
    concludes = "concludes" if len(others) == 1 else "conclude"
    return (
        f"No: of {methods} valid for these data, {len(others)} {concludes} otherwise than"
        f" {reference.method} ({first}): {listed(others)}."
    )
