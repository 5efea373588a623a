"""Does the result hang on one study, on the order, or on a few events?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import InsufficientStudies, InvalidInput, NotEstimable
from analysis.inputs import TwoByTwo
from analysis.pooling import COMMON_EFFECT, Model, Pooled, inverse_variance
from analysis.results import Estimate, StudyEffects

MOST_CHANGES = 500  # changes after which fragility is given up: no reader would call that fragile


@dataclass(frozen=True, slots=True, eq=False)
class Without:
    """The pooled effect without one study."""

    label: str
    row: int
    pooled: Pooled


def leave_one_out(studies: StudyEffects, model: Model = COMMON_EFFECT) -> tuple[Without, ...]:
    """Pool without each study in turn. Reference: metafor::leave1out."""
    if len(studies) < 2:
        raise InsufficientStudies(needed=2, found=len(studies))
    every = range(len(studies))
    return tuple(
        Without(
            studies.labels[out],
            studies.rows[out],
            inverse_variance(studies.take([i for i in every if i != out]), model),
        )
        for out in every
    )


def cumulative(
    studies: StudyEffects, order: Sequence[float], model: Model = COMMON_EFFECT
) -> tuple[Without, ...]:
    """Pool the first study, the first two, and so on; each step names the study it adds.

    order: one value per effect, such as the year; equal values keep their order
    Reference: metafor::cumul(order=...).
    """
    if len(order) != len(studies):
        raise InvalidInput("order", f"{len(order)} values", f"one for each of {len(studies)}")
    places = sorted(range(len(studies)), key=lambda at: order[at])
    return tuple(
        Without(
            studies.labels[last],
            studies.rows[last],
            inverse_variance(studies.take(places[: step + 1]), model),
        )
        for step, last in enumerate(places)
    )


@dataclass(frozen=True, slots=True)
class Influence:
    """What one study does to a pooled effect.

    residual:      its studentised deleted residual, from the model without it
    dffits:        by how many standard errors it moves the fitted value
    cook:          squared move of the pooled effect over its variance
    covariance:    variance of the pooled effect without it over that with it
    hat:           its leverage, which for one mean is its weight
    tau2, q:       of the model without it
    """

    label: str
    residual: float
    dffits: float
    cook: float
    covariance: float
    hat: float
    tau2: float
    q: float


def influence(studies: StudyEffects, model: Model = COMMON_EFFECT) -> tuple[Influence, ...]:
    """Return what each study does to the pooled effect.

    Raises InsufficientStudies below three studies and NotEstimable where a
    standard error is 0. Source: Viechtbauer & Cheung 2010, Res Synth Methods 1:112-125.
    Reference: metafor::influence.rma.uni.
    """
    if len(studies) < 3:
        raise InsufficientStudies(needed=3, found=len(studies))
    full = inverse_variance(studies, model)
    if full.estimate.se == 0.0:
        raise NotEstimable("standard error 0: nothing to measure influence by")
    return tuple(
        _influence(studies, full, at, out) for at, out in enumerate(leave_one_out(studies, model))
    )


def _influence(studies: StudyEffects, full: Pooled, at: int, out: Without) -> Influence:
    rest, v = out.pooled, float(studies.variances[at])
    move = full.estimate.value - rest.estimate.value
    hat = float(full.weights[at])
    spread = rest.inflation * (rest.tau2 + v)
    if spread == 0.0:
        raise NotEstimable(f"without {out.label} the standard error is 0")
    deleted = float(studies.effects[at]) - rest.estimate.value
    return Influence(
        out.label,
        deleted / math.sqrt(spread + rest.estimate.se**2),
        move / math.sqrt(hat * spread),
        move**2 / full.estimate.se**2,
        rest.estimate.se**2 / full.estimate.se**2,
        hat,
        rest.tau2,
        rest.heterogeneity.q,
    )


@dataclass(frozen=True, slots=True)
class EventChange:
    """One participant's outcome turned: +1 is an event more in that arm, -1 one fewer."""

    label: str
    arm: int
    events: int


@dataclass(frozen=True, slots=True)
class Fragility:
    """How few turned outcomes move the limit across no effect.

    significant: whether the interval excluded no effect to begin with
    changes:     the outcomes turned, in order; their number is the index
    """

    significant: bool
    changes: tuple[EventChange, ...]
    before: Estimate
    after: Estimate

    @property
    def index(self) -> int:
        return len(self.changes)


def fragility(tables: TwoByTwo, pool: Callable[[TwoByTwo], Estimate]) -> Fragility:
    """Turn outcomes one at a time, each the one that counts most, until the verdict turns.

    pool: gives the estimate of a set of tables, 0 being no effect
    The search is greedy, so that the index is an upper bound (Atal 2019, J Clin
    Epidemiol 111:32-40, who search the same way).
    Raises NotEstimable where no change of outcomes turns it.
    """
    before = pool(tables)
    significant = _excludes(before)
    now, after, changes = tables, before, list[EventChange]()
    while _excludes(after) == significant:
        best = _best_change(now, pool, towards_null=significant)
        if best is None or len(changes) == MOST_CHANGES:
            raise NotEstimable("no change of outcomes turns the verdict")
        now, after, change = best
        changes.append(change)
    return Fragility(significant, tuple(changes), before, after)


def _excludes(estimate: Estimate) -> bool:
    return not estimate.ci_lower <= 0.0 <= estimate.ci_upper


def _margin(estimate: Estimate) -> float:
    """Return how far the nearer limit lies beyond no effect; below 0 where it does not."""
    return max(estimate.ci_lower, -estimate.ci_upper)


def _best_change(
    tables: TwoByTwo, pool: Callable[[TwoByTwo], Estimate], *, towards_null: bool
) -> tuple[TwoByTwo, Estimate, EventChange] | None:
    found: list[tuple[float, TwoByTwo, Estimate, EventChange]] = []
    for row in range(len(tables.labels)):
        for arm, events in ((1, 1), (1, -1), (2, 1), (2, -1)):
            changed = _turned(tables, row, arm, events)
            estimate = None if changed is None else _or_none(pool, changed)
            if changed is None or estimate is None:
                continue
            margin = _margin(estimate) if towards_null else -_margin(estimate)
            found.append((margin, changed, estimate, EventChange(tables.labels[row], arm, events)))
    if not found:
        return None
    _, changed, estimate, change = min(found, key=lambda each: each[0])
    return changed, estimate, change


def _or_none(pool: Callable[[TwoByTwo], Estimate], tables: TwoByTwo) -> Estimate | None:
    try:
        return pool(tables)
    except NotEstimable:
        return None


def _turned(tables: TwoByTwo, row: int, arm: int, events: int) -> TwoByTwo | None:
    column = np.array(tables.events_1 if arm == 1 else tables.events_2)
    total = (tables.total_1 if arm == 1 else tables.total_2)[row]
    column[row] += events
    if not 0 <= column[row] <= total:
        return None
    first, second = (column, tables.events_2) if arm == 1 else (tables.events_1, column)
    return TwoByTwo(tables.labels, first, tables.total_1, second, tables.total_2)
