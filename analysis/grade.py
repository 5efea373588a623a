"""Facts from which people rate imprecision: absolute effects, information, limits and thresholds.

Facts, no verdict: which control risk matters, what difference matters and how much is enough are
judgements of the review's authors (GRADE guidance 34 and 35, J Clin Epidemiol 2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.errors import InvalidInput, InvalidOption
from analysis.results import Estimate, Measure, Scale
from analysis.sequential import ErrorRates, required_size_for_means, required_size_for_risks

PER = 1000  # as summaries of findings count people (Cochrane Handbook 14.1.5)


@dataclass(frozen=True, slots=True)
class AbsoluteEffect:
    """What a relative effect comes to among 1000 people with a stated control risk.

    control, treated:  people with the event of 1000 in each arm
    difference, lower, upper: more (or, below 0, fewer) of 1000, with its limits
    capped: a ratio, or a limit, asked for more than 1000 of 1000 or fewer than
            none; the figure stops there
    """

    control: float
    treated: float
    difference: float
    lower: float
    upper: float
    capped: bool


def absolute_effect(estimate: Estimate, measure: Measure, *, control_risk: float) -> AbsoluteEffect:
    """Apply a pooled RR, OR, HR or RD of arm 1 against arm 2 to a risk in arm 2.

    Of a hazard ratio the risk is that by the time to which the control risk belongs, with
    proportional hazards: 1 - (1 - control risk)^HR (Cochrane Handbook 15.4.4).

    The limits carry the uncertainty of the effect alone: the control risk is
    taken as known.
    """
    if not 0 <= control_risk <= 1:
        raise InvalidInput("control risk", f"{control_risk:g}", "a risk from 0 to 1")
    if measure not in _RISKS:
        raise InvalidOption(f"absolute effects come from RR, OR, Peto OR, HR or RD, not {measure}")
    risks = [
        _RISKS[measure](control_risk, value)
        for value in (estimate.value, estimate.ci_lower, estimate.ci_upper)
    ]
    inside = [min(1.0, max(0.0, risk)) for risk in risks]
    treated, *_ = inside
    difference, lower, upper = (PER * (risk - control_risk) for risk in inside)
    return AbsoluteEffect(
        PER * control_risk, PER * treated, difference, lower, upper, capped=inside != risks
    )


def _with_ratio(control_risk: float, log_ratio: float) -> float:
    return control_risk * Scale.LOG.shown(log_ratio) if control_risk > 0 else 0.0


def _with_odds_ratio(control_risk: float, log_ratio: float) -> float:
    if control_risk in (0.0, 1.0):
        return control_risk
    return Scale.LOGIT.shown(math.log(control_risk / (1 - control_risk)) + log_ratio)


def _with_difference(control_risk: float, difference: float) -> float:
    return control_risk + difference


def _with_hazard_ratio(control_risk: float, log_ratio: float) -> float:
    if control_risk in (0.0, 1.0):
        return control_risk
    return -math.expm1(Scale.LOG.shown(log_ratio) * math.log1p(-control_risk))


_RISKS = {
    Measure.RISK_RATIO: _with_ratio,
    Measure.ODDS_RATIO: _with_odds_ratio,
    Measure.PETO_ODDS_RATIO: _with_odds_ratio,
    Measure.HAZARD_RATIO: _with_hazard_ratio,
    Measure.RISK_DIFFERENCE: _with_difference,
}


@dataclass(frozen=True, slots=True)
class Information:
    """How many people one trial would need to find a stated effect, and how many there are.

    share: found over needed; above 1 there are more than enough
    """

    needed: float
    found: int

    @property
    def share(self) -> float:
        return self.found / self.needed


def information_for_risks(
    found: int, *, control_risk: float, treated_risk: float, errors: ErrorRates | None = None
) -> Information:
    """Set the participants of a meta-analysis against the optimal information size of two risks."""
    return Information(required_size_for_risks(control_risk, treated_risk, errors), _people(found))


def information_for_means(
    found: int, *, difference: float, sd: float, errors: ErrorRates | None = None
) -> Information:
    """Set the participants against the optimal information size of two means."""
    return Information(required_size_for_means(difference, sd, errors), _people(found))


def _people(found: int) -> int:
    if found < 0:
        raise InvalidInput("participants", str(found), "0 or more")
    return found


class Position(StrEnum):
    """Where an interval lies to a threshold."""

    BELOW = "below"
    ACROSS = "across"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class AgainstThreshold:
    """An interval and one threshold, on the scale of the estimate."""

    threshold: float
    estimate: Position
    interval: Position


def against_thresholds(
    estimate: Estimate, thresholds: Sequence[float]
) -> tuple[AgainstThreshold, ...]:
    """Say of each threshold (no effect, a smallest important one) where estimate and limits lie.

    Thresholds are on the scale of the estimate: logarithms for ratios. An
    estimate or a limit that equals the threshold lies across it.
    """
    return tuple(
        AgainstThreshold(
            threshold,
            _position(estimate.value, estimate.value, threshold),
            _position(estimate.ci_lower, estimate.ci_upper, threshold),
        )
        for threshold in thresholds
    )


def _position(lower: float, upper: float, threshold: float) -> Position:
    if upper < threshold:
        return Position.BELOW
    return Position.ABOVE if lower > threshold else Position.ACROSS


def ratio_of_limits(estimate: Estimate, measure: Measure) -> float:
    """Return the upper over the lower limit of a ratio.

    GRADE guidance 34 takes more than 3 for a risk ratio, or 2.5 for an odds
    ratio, as a sign that the optimal information size is not met.
    """
    if measure.scale is not Scale.LOG:
        raise InvalidOption(f"a ratio of limits is for ratios, not {measure}")
    return Scale.LOG.shown(estimate.ci_upper - estimate.ci_lower)
