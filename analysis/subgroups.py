"""Subgroups: each pooled with its own tau2, and the test between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidInput, InvalidOption
from analysis.heterogeneity import cochran_test
from analysis.linear import Intercept
from analysis.pooling import COMMON_EFFECT, Model, Pooled, inverse_variance
from analysis.results import HeterogeneityTest, StudyEffects


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """The subgroups in the order of their sorted names, and Q between their pooled effects."""

    levels: tuple[str, ...]
    pooled: tuple[Pooled, ...]
    between: HeterogeneityTest


def subgroups(studies: StudyEffects, by: Sequence[str], model: Model = COMMON_EFFECT) -> Subgroups:
    """Pool each subgroup by itself and test whether the subgroups differ.

    by: the subgroup of each effect
    One common tau2 for all is `regression.meta_regression` with a factor.
    Reference: RevMan; metafor fits in each subset, Q on their estimates.
    """
    if len(by) != len(studies):
        raise InvalidInput("by", f"{len(by)} values", f"one for each of {len(studies)} effects")
    levels = tuple(sorted(set(by)))
    if len(levels) < 2:
        raise InvalidOption(f"one subgroup, {levels}: there is nothing to compare")
    pooled = tuple(
        inverse_variance(studies.take([i for i, group in enumerate(by) if group == level]), model)
        for level in levels
    )
    values = np.array([each.estimate.value for each in pooled])
    variances = np.array([each.estimate.se**2 for each in pooled])
    if not variances.all():
        empty = levels[int(np.argmin(variances))]
        raise InvalidOption(f"subgroup {empty}: standard error 0, so Q between cannot be weighted")
    q = Intercept(values, variances).q(0.0)
    return Subgroups(levels, pooled, cochran_test(q, len(levels) - 1))
