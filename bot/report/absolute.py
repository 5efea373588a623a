"""What a relative effect means per 1000 people, at the risk seen in the comparator arm and others.

The arithmetic is that of `analysis.grade`; here it is asked, and said what it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.grade import PER, AbsoluteEffect
from analysis.grade import absolute_effect as at_risk
from analysis.results import Measure
from bot.figures.forest_lines import has_events
from bot.results.direction import no_effect
from bot.results.model import AnalysisResult, ArmNumbers, ShownEffect
from bot.results.result_json import analysis_json
from bot.review.planned import PlannedMeasure, PlannedZeroCells
from bot.synthesis.engine_inputs import on_scale

PEOPLE = PER
_OF_RISKS = frozenset(
    {
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.PETO_ODDS_RATIO,
        PlannedMeasure.RISK_DIFFERENCE,
    }
)
# Measures to which 0.5 is added where a cell is empty, unless the protocol says otherwise.
_WITH_CONSTANT = frozenset({PlannedMeasure.RISK_RATIO, PlannedMeasure.ODDS_RATIO})


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A risk that the protocol states, by its name there, and what the effect makes of it."""

    name: str
    arm_2: float
    arm_1: ShownEffect


@dataclass(frozen=True, slots=True)
class Absolute:
    """Risks as shares (0-1): on arm 2 as seen in these trials, on arm 1 as the effect has it.

    seen_1: the risk that was seen on arm 1. capped: the effect asks for more than everybody, or
    fewer than nobody. constant: 0.5 was added to empty cells, which draws a ratio towards 1.
    stated: the same at risks that the protocol states.
    """

    arm_2: float
    arm_1: ShownEffect
    seen_1: float | None = None
    capped: bool = False
    constant: bool = False
    stated: tuple[AtRisk, ...] = ()


@dataclass(frozen=True, slots=True)
class NoAbsoluteEffect:
    """No absolute effect, and why."""

    why: str


def absolute_effect(result: AnalysisResult) -> Absolute | NoAbsoluteEffect:
    """Apply a relative effect to the pooled risk of the second arm.

    Risks never leave 0 to 1. A risk of nil carries no ratio, so it gives no absolute effect.
    """
    if result.measure not in _OF_RISKS:
        return NoAbsoluteEffect(f"{result.measure} is no effect on a risk")
    if result.effect is None:
        return NoAbsoluteEffect(result.not_estimable or "no pooled effect")
    risk = pooled_risk(result)
    if risk is None:
        return NoAbsoluteEffect(f"risk on {result.arm_2_label} not reported")
    if risk == 0 and no_effect(result.measure) == 1:
        return NoAbsoluteEffect(f"no event on {result.arm_2_label} in these trials")
    found = _applied(result, result.effect, risk)
    stated = result.control_risks.named if result.control_risks is not None else ()
    return Absolute(
        risk,
        _risks(found),
        seen_1=_risk([row.arm_1 for row in result.rows if has_events(row)]),
        capped=found.capped,
        constant=_added(result),
        stated=tuple(
            AtRisk(name, each, _risks(_applied(result, result.effect, each)))
            for name, each in stated
        ),
    )


def result_json(result: AnalysisResult) -> dict[str, Any]:
    """Return a result with its absolute effect, as results.json has it."""
    return {**analysis_json(result), "absolute": absolute_json(result)}


def absolute_json(result: AnalysisResult) -> dict[str, Any]:
    """Write the absolute effect: every risk as a share of 1, per 1000 and in per cent."""
    found = absolute_effect(result)
    if isinstance(found, NoAbsoluteEffect):
        return {"why_none": found.why}
    return {
        "why_none": None,
        "arm_2": _risk_json(found.arm_2),
        "arm_1": _effect_json(found.arm_1),
        "seen_1": None if found.seen_1 is None else _risk_json(found.seen_1),
        "capped": found.capped,
        "constant_added": found.constant,
        "stated": [
            {"name": each.name, "arm_2": _risk_json(each.arm_2), "arm_1": _effect_json(each.arm_1)}
            for each in found.stated
        ],
    }


def _risk_json(share: float) -> dict[str, float]:
    return {"risk": share, "per_1000": PEOPLE * share, "percent": 100 * share}


def _effect_json(risk: ShownEffect) -> dict[str, dict[str, float]]:
    return {name: _risk_json(share) for name, share in asdict(risk).items()}


def pooled_risk(result: AnalysisResult) -> float | None:
    """Return events over people on the second arm of the studies that report both arms."""
    return _risk([row.arm_2 for row in result.rows if has_events(row)])


def _risk(arms: Sequence[ArmNumbers]) -> float | None:
    people = sum(arm.total or 0 for arm in arms)
    return sum(arm.events or 0 for arm in arms) / people if people else None


def _applied(result: AnalysisResult, effect: ShownEffect, risk: float) -> AbsoluteEffect:
    estimate = on_scale(effect, result.measure)
    return at_risk(estimate, Measure(result.measure), control_risk=risk)


def _risks(found: AbsoluteEffect) -> ShownEffect:
    """Return the risks on arm 1 as shares; the engine counts of 1000, its limits as differences."""
    ends = (found.treated, found.control + found.lower, found.control + found.upper)
    return ShownEffect(*(each / PEOPLE for each in ends))


def _added(result: AnalysisResult) -> bool:
    """Tell whether 0.5 was added to a trial that was pooled."""
    rule = result.how.zero_cells if result.how is not None else None
    if result.measure not in _WITH_CONSTANT or rule is PlannedZeroCells.NONE:
        return False
    return any(_has_empty_cell(row.arm_1, row.arm_2) for row in result.rows if row.weight)


def _has_empty_cell(*arms: ArmNumbers) -> bool:
    return any(arm.events is not None and arm.events in (0, arm.total) for arm in arms)
