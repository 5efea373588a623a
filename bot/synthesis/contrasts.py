"""An effect that stands on a pair of arms, from what is reported of it. Pure."""

from __future__ import annotations

import math

from analysis.conversions import effects_from_limits, effects_from_p
from analysis.errors import AnalysisError
from analysis.results import StudyEffects
from bot.results.model import ContrastNumbers
from bot.review.planned import OutcomeKind
from bot.synthesis.arm_numbers import Numbers
from extraction.model import Field


def contrast_of(kind: OutcomeKind, joint: Numbers) -> ContrastNumbers | None:
    """Return an effect with its error, all on the pooled scale; None where they are not there.

    The standard error is as reported, else from the 95 % limits, else from p.
    """
    if kind is OutcomeKind.O_E:
        if Field.O_MINUS_E not in joint or Field.VARIANCE not in joint:
            return None
        return ContrastNumbers(o_minus_e=joint[Field.O_MINUS_E], variance=joint[Field.VARIANCE])
    if kind is not OutcomeKind.GENERIC or Field.ESTIMATE not in joint:
        return None
    se = joint[Field.SE] if Field.SE in joint else _error(joint)
    return None if se is None else ContrastNumbers(estimate=joint[Field.ESTIMATE], se=se)


def _error(joint: Numbers) -> float | None:
    estimate = [joint[Field.ESTIMATE]]
    try:
        if Field.CI_LOWER in joint and Field.CI_UPPER in joint:
            limits = [joint[Field.CI_LOWER]], [joint[Field.CI_UPPER]]
            return _se(effects_from_limits([""], estimate, *limits))
        if Field.P in joint:
            return _se(effects_from_p([""], estimate, [joint[Field.P]]))
    except AnalysisError:
        return None
    return None


def _se(found: StudyEffects) -> float:
    return math.sqrt(float(found.variances[0]))
