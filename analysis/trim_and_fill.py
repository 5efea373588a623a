"""Trim and fill: how many studies are missing on one side, and the pooled effect with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.errors import NotConverged
from analysis.inputs import Floats
from analysis.pooling import COMMON_EFFECT, Model, Pooled, inverse_variance
from analysis.regression import design, meta_regression, numeric
from analysis.results import StudyEffects
from analysis.small_study import ADVISED, require_enough


class MissingEstimator(StrEnum):
    """How the number of missing studies is estimated; names are metafor's."""

    L0 = "L0"
    R0 = "R0"


class Side(StrEnum):
    """The side of the funnel on which studies are missing."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, eq=False)
class TrimAndFill:
    """The estimated number of missing studies and the pooled effect with them filled in.

    p: of no missing study, for R0 only
    """

    missing: int
    missing_se: float
    side: Side
    p: float | None
    filled: Pooled
    enough: bool


# The count settles in a few rounds; a cycle between two counts is refused here, as in metafor.
MOST_ROUNDS = 100


def trim_and_fill(
    studies: StudyEffects,
    model: Model = COMMON_EFFECT,
    *,
    estimator: MissingEstimator = MissingEstimator.L0,
    side: Side | None = None,
) -> TrimAndFill:
    """Estimate how many studies are missing on one side, and pool with their mirror images.

    side: None takes the side from the slope on the standard error, as metafor does
    A sensitivity analysis: it assumes that asymmetry is missing studies and nothing else.
    Source: Duval & Tweedie 2000, Biometrics 56:455-463. Reference: metafor::trimfill.
    """
    require_enough(studies)
    missing_on = side or _side(studies, model)
    sign = -1.0 if missing_on is Side.RIGHT else 1.0
    order = np.argsort(sign * studies.effects, kind="stable")
    mirrored = studies.take(order.tolist())
    missing, error, centre = _missing(mirrored, sign, model, estimator)
    beyond = range(len(studies) - missing, len(studies))
    filled = _fill(studies, mirrored, list(beyond), centre)
    return TrimAndFill(
        missing,
        error,
        missing_on,
        0.5 ** (missing + 1) if estimator is MissingEstimator.R0 else None,
        inverse_variance(filled, model),
        len(studies) >= ADVISED,
    )


def _side(studies: StudyEffects, model: Model) -> Side:
    x = np.sqrt(studies.variances)
    if np.ptp(x) == 0:
        return Side.LEFT
    line = meta_regression(studies, design(numeric("standard error", x.tolist())), model)
    return Side.RIGHT if line.coefficients[1].value < 0 else Side.LEFT


def _missing(
    ordered: StudyEffects, sign: float, model: Model, estimator: MissingEstimator
) -> tuple[int, float, float]:
    """Return the number missing, its standard error and the centre, on the original scale."""
    k = len(ordered)
    missing, error, centre = 0, 0.0, 0.0
    for _ in range(MOST_ROUNDS):
        before = missing
        kept = ordered.take(range(max(1, k - missing)))
        centre = inverse_variance(kept, model).estimate.value
        deviations = sign * (ordered.effects - centre)
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1.0, k + 1.0)
        found, error = _count(np.sign(deviations) * ranks, estimator)
        missing = min(k - 1, max(0, round(found)))
        if missing == before:
            return missing, error, centre
    raise NotConverged("trim and fill", MOST_ROUNDS)


def _count(signed_ranks: Floats, estimator: MissingEstimator) -> tuple[float, float]:
    k = signed_ranks.size
    if estimator is MissingEstimator.R0:
        found = k - float(np.max(-signed_ranks, initial=0.0)) - 1
        return found, math.sqrt(2 * max(0.0, found) + 2)
    rank_sum = float(signed_ranks[signed_ranks > 0].sum())
    n = (4 * rank_sum - k * (k + 1)) / (2 * k - 1)
    spread = k * (k + 1) * (2 * k + 1) + 10 * n**3 + 27 * n**2 + 17 * n
    spread += -18 * k * n**2 - 18 * k * n + 6 * k**2 * n
    return n, 4 * math.sqrt(max(0.0, spread / 24)) / (2 * k - 1)


def _fill(
    studies: StudyEffects, ordered: StudyEffects, beyond: Sequence[int], centre: float
) -> StudyEffects:
    """Add the mirror image of the outermost studies about the centre."""
    names = tuple(f"filled: {ordered.labels[at]}" for at in beyond)
    at = list(beyond)
    return StudyEffects(
        studies.measure,
        studies.scale,
        studies.labels + names,
        np.concatenate([studies.effects, 2 * centre - ordered.effects[at]]),
        np.concatenate([studies.variances, ordered.variances[at]]),
        studies.rows + tuple(ordered.rows[i] for i in at),
        studies.left_out,
    )
