"""What a relative effect means per 1000 people at the risk seen in the comparator arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.figures.forest_lines import has_events
from bot.results.direction import no_effect
from bot.results.model import AnalysisResult, ShownEffect

PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class Absolute:
    """Risks as shares (0-1): on arm 2 as seen in these trials, on arm 1 as the effect has it."""

    arm_2: float
    arm_1: ShownEffect


@dataclass(frozen=True, slots=True)
class NoAbsoluteEffect:
    """No absolute effect, and why."""

    why: str


def absolute_effect(result: AnalysisResult) -> Absolute | NoAbsoluteEffect:
    """Apply a relative effect to the pooled risk of the second arm.

    Risks never leave 0 to 1. A risk of nil carries no ratio, so it gives no absolute effect.
    """
    applied = _AT_RISK.get(result.measure)
    if applied is None:
        return NoAbsoluteEffect(f"{result.measure} is no effect on a risk")
    if result.effect is None:
        return NoAbsoluteEffect(result.not_estimable or "no pooled effect")
    risk = pooled_risk(result)
    if risk is None:
        return NoAbsoluteEffect(f"risk on {result.arm_2_label} not reported")
    if risk == 0 and no_effect(result.measure) == 1:
        return NoAbsoluteEffect(f"no event on {result.arm_2_label} in these trials")
    effect = result.effect
    values = (effect.estimate, effect.ci_lower, effect.ci_upper)
    return Absolute(risk, ShownEffect(*(_as_risk(applied(risk, value)) for value in values)))


def pooled_risk(result: AnalysisResult) -> float | None:
    """Return events over people on the second arm of the studies that report both arms."""
    arms = [row.arm_2 for row in result.rows if has_events(row)]
    people = sum(arm.total or 0 for arm in arms)
    return sum(arm.events or 0 for arm in arms) / people if people else None


def _as_risk(value: float) -> float:
    return min(1.0, max(0.0, value))


_AT_RISK: dict[str, Callable[[float, float], float]] = {
    "RR": lambda risk, ratio: risk * ratio,
    "OR": lambda risk, ratio: ratio * risk / (1 - risk + ratio * risk),
    "RD": lambda risk, difference: risk + difference,
}
