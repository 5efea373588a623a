"""One entry for a whole analysis: the rows, their subgroups, what they came to, and the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from analysis.errors import InvalidInput, NotConverged, NotEstimable
from analysis.heterogeneity import cochran_test
from analysis.linear import Intercept
from analysis.plan import Convention, Plan
from analysis.planned_effects import Studies, planned_effects, scale_of
from analysis.planned_pools import PlannedPool, planned_pool, row_estimates
from analysis.pooling import Interval
from analysis.results import Estimate, HeterogeneityTest, Limits, Scale, StudyEffects

OVERALL = "overall"


class Enters(StrEnum):
    """What a row counts in: its subgroup, the overall result, or both."""

    BOTH = "both"
    SUBGROUP = "subgroup"
    OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class MetaRow:
    """One row of an analysis: a study, or a part of one.

    estimate: on the pooled scale with normal limits; None where the row has no effect, and
              `left_out` says why
    weight:   share of 1 in the overall result, in its subgroup where there is no overall
              result; None where the row is not pooled
    """

    label: str
    subgroup: str
    enters: Enters
    estimate: Estimate | None
    weight: float | None
    left_out: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """What the rows of a subgroup, or all of them, came to, on the pooled scale.

    studies:     rows that were pooled
    estimate:    None where there is none, and `why` says why
    interval:    the kind that `estimate` has; normal at one study whatever was asked
    tau2:        None for a common effect
    tau2_limits: by the Q-profile, from two studies on; None for a common effect
    i2:          a share of 1: from tau2 for random effects, from Q for a common effect
    i2_limits:   by the Q-profile, from two studies on
    prediction:  for the true effect of a new study, by the plan's convention
    cautions:    what a reader of these numbers must know
    score_limits: whether the limits of `estimate` are Newcombe's, as Wald's are impossible
    """

    label: str
    studies: int
    estimate: Estimate | None = None
    interval: Interval = Interval.NORMAL
    tau2: float | None = None
    tau2_limits: Limits | None = None
    heterogeneity: HeterogeneityTest | None = None
    i2: float | None = None
    i2_limits: Limits | None = None
    prediction: Limits | None = None
    why: str | None = None
    cautions: tuple[str, ...] = ()
    score_limits: bool = False


@dataclass(frozen=True, slots=True)
class MetaAnalysis:
    """An analysis as it was planned: rows in the order given, subgroups in that of their rows.

    scale:   on which everything here is; `scale.shown` takes a value to the reader's
    overall: None where no row enters it
    between: test of the subgroups' estimates against each other; None where there is none
    """

    plan: Plan
    scale: Scale
    rows: tuple[MetaRow, ...]
    overall: Group | None
    subgroups: tuple[Group, ...]
    between: HeterogeneityTest | None


def meta_analysis(
    studies: Studies,
    plan: Plan,
    *,
    subgroups: Sequence[str] | None = None,
    enters: Sequence[Enters] | None = None,
) -> MetaAnalysis:
    """Pool studies as planned, all together and by subgroup.

    studies:   the numbers of the arms, or effects; a label may stand more than once
    subgroups: one label per row; None: no subgroups
    enters:    what each row counts in; None: both
    Every number is on the pooled scale (logarithms for ratios), shares are of 1.
    A row without an effect is kept with the reason; a group without an estimate says why.
    Raises InvalidOption where the plan does not fit the numbers, InvalidInput where `subgroups`
    or `enters` do not have one value per row.
    Reference: metafor::rma, rma.mh, rma.peto in each subset; RevMan under its convention.
    """
    k = len(studies.labels)
    named = _one_a_row("subgroups", subgroups, "", k)
    entered = _one_a_row("enters", enters, Enters.BOTH, k)
    effects = planned_effects(studies, plan)

    def pool(members: Sequence[int]) -> PlannedPool | str:
        return _pool_or_why(studies, effects, members, plan)

    together = [row for row in range(k) if entered[row] is not Enters.SUBGROUP]
    overall = pool(together) if together else None
    within = {} if subgroups is None else _members(named, entered)
    pools = {label: pool(members) for label, members in within.items()}
    groups = tuple(_group(label, found) for label, found in pools.items())
    weighed = list(pools.values()) if overall is None else [overall]
    singles = _Singles(row_estimates(studies, effects, plan), _weights(weighed), _reasons(effects))
    return MetaAnalysis(
        plan,
        scale_of(studies, plan),
        tuple(
            singles.row(row, label, named[row], entered[row])
            for row, label in enumerate(studies.labels)
        ),
        None if overall is None else _group(OVERALL, overall),
        groups,
        _between(groups, plan),
    )


def overall_result(studies: Studies, plan: Plan) -> Group:
    """Pool studies as planned, all together: the `overall` of their `meta_analysis`, alone.

    For who pools the same studies again and again, a few of them left out.
    Raises InvalidOption where the plan does not fit the numbers.
    """
    effects = planned_effects(studies, plan)
    return _group(OVERALL, _pool_or_why(studies, effects, range(len(studies.labels)), plan))


_Value = TypeVar("_Value")


def _one_a_row(
    what: str, given: Sequence[_Value] | None, default: _Value, k: int
) -> Sequence[_Value]:
    if given is None:
        return [default] * k
    if len(given) != k:
        raise InvalidInput(what, f"{len(given)} values", f"one for each of {k} rows")
    return given


def _members(named: Sequence[str], entered: Sequence[Enters]) -> dict[str, list[int]]:
    """Return the rows of each subgroup, in the order in which the subgroups first appear."""
    found: dict[str, list[int]] = {}
    for row, (label, enters) in enumerate(zip(named, entered, strict=True)):
        if enters is not Enters.OVERALL:
            found.setdefault(label, []).append(row)
    return found


def _pool_or_why(
    studies: Studies, effects: StudyEffects, rows: Sequence[int], plan: Plan
) -> PlannedPool | str:
    try:
        return planned_pool(studies, effects, rows, plan)
    except (NotEstimable, NotConverged) as error:
        return str(error)


def _group(label: str, found: PlannedPool | str) -> Group:
    if isinstance(found, str):
        return Group(label, 0, why=found)
    return Group(
        label,
        len(found.weights),
        found.estimate,
        found.interval,
        found.tau2,
        found.tau2_limits,
        found.heterogeneity,
        found.i2,
        found.i2_limits,
        found.prediction,
        None,
        found.cautions,
        found.score_limits,
    )


def _weights(pools: Sequence[PlannedPool | str]) -> dict[int, float]:
    return {
        row: weight
        for pool in pools
        if isinstance(pool, PlannedPool)
        for row, weight in pool.weights.items()
    }


def _reasons(effects: StudyEffects) -> dict[int, str]:
    return {each.row: each.reason for each in effects.left_out}


@dataclass(frozen=True, slots=True)
class _Singles:
    """What is known of each single row, by its place."""

    estimates: Mapping[int, Estimate]
    weights: Mapping[int, float]
    reasons: Mapping[int, str]

    def row(self, at: int, label: str, subgroup: str, enters: Enters) -> MetaRow:
        return MetaRow(
            label,
            subgroup,
            enters,
            self.estimates.get(at),
            self.weights.get(at),
            self.reasons.get(at),
        )


def _between(groups: Sequence[Group], plan: Plan) -> HeterogeneityTest | None:
    """Return Q of the subgroups' estimates, weighted by the errors of their own intervals.

    RevMan prints a test of one subgroup: Q 0, df 0, P 1.
    """
    found = [group.estimate for group in groups if group.estimate is not None]
    if len(found) < 2 or any(each.se == 0 for each in found):
        alone = len(found) == 1 and plan.convention is Convention.REVMAN
        return cochran_test(0.0, 0) if alone else None
    values = np.array([each.value for each in found])
    variances = np.array([each.se for each in found]) ** 2
    return cochran_test(Intercept(values, variances).q(0.0), len(found) - 1)
