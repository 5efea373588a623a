"""Which arm an effect favours, in the arms' own names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.results.model import AnalysisResult, ShownEffect
from bot.review.planned import RATIOS

_DIRECTION = re.compile(r"(above|below) \S+ favours (.+)")


@dataclass(frozen=True, slots=True)
class Sides:
    """The label of the arm favoured below and above no effect."""

    below: str
    above: str


def no_effect(measure: str) -> float:
    """Return the value of no difference: 1 for a ratio, 0 for a difference."""
    return 1.0 if measure in RATIOS else 0.0


def sides(result: AnalysisResult) -> Sides | None:
    """Read a direction such as 'above 1 favours ivig'; None where it says something else."""
    found = _DIRECTION.fullmatch(result.direction.strip())
    labels = {result.arm_1: result.arm_1_label, result.arm_2: result.arm_2_label}
    if found is None or found[2] not in labels or len(labels) != 2:
        return None
    favoured = labels.pop(found[2])
    (other,) = labels.values()
    return Sides(other, favoured) if found[1] == "above" else Sides(favoured, other)


def direction_in_words(result: AnalysisResult) -> str:
    """Say the direction with the arms' labels: 'above 1 favours IVIg'."""
    if not result.direction:
        return ""
    labels = {result.arm_1: result.arm_1_label, result.arm_2: result.arm_2_label}
    start, favours, arm = result.direction.rpartition(" favours ")
    return start + favours + labels.get(arm, arm)


def reading(result: AnalysisResult) -> str | None:
    """Say what the interval leaves open; None where there is no effect or no known direction."""
    found = sides(result)
    if found is None or result.effect is None:
        return None
    null = no_effect(result.measure)
    said, expected = _reading(result.effect, null, found), result.prediction
    if expected is None or not expected.lower < null < expected.upper:
        return said
    return f"{said} In a new study the effect may lie on either side (prediction interval)."


def _reading(effect: ShownEffect, null: float, found: Sides) -> str:
    if effect.ci_lower > null:
        return f"Favours {found.above}; the whole interval lies on that side."
    if effect.ci_upper < null:
        return f"Favours {found.below}; the whole interval lies on that side."
    if effect.estimate == null:
        return "The estimate is no difference; the interval allows either direction."
    leaning = found.above if effect.estimate > null else found.below
    return f"Undecided: the estimate leans to {leaning}, but the interval includes no difference."
