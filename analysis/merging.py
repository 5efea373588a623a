"""Groups of people that a report keeps apart and an analysis takes as one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class MeanOfGroup:
    """What a report says of one group: people, mean and standard deviation, in the mean's unit."""

    n: float
    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not 1 <= self.n < math.inf:
            raise InvalidInput("n", f"{self.n:g}", "one person or more")
        if not 0 <= self.sd < math.inf:
            raise InvalidInput("sd", f"{self.sd:g}", "a number of 0 or more")
        if not math.isfinite(self.mean):
            raise InvalidInput("mean", f"{self.mean:g}", "a number")


def merge_means(groups: Sequence[MeanOfGroup]) -> MeanOfGroup:
    """Return two groups or more as if they had been one: exact, whatever their distribution.

    Parameters
    ----------
    groups : sequence of MeanOfGroup
        Two or more, all in one unit.

    Returns
    -------
    MeanOfGroup
        n summed, the weighted mean, and the SD about it (n - 1 in its denominator).

    Raises
    ------
    InvalidInput
        Fewer than two groups, or numbers that cannot be.

    Notes
    -----
    Cochrane Handbook 6.5.2.10 (table 6.5.a), which merges two; here the sums of squares of all are
    taken together, which is the same as merging one after the other. metafor has no call for it;
    R: ``mean(c(x1, x2))`` and ``sd(c(x1, x2))`` of the people themselves.
    """
    if len(groups) < 2:
        raise InvalidInput("groups", f"{len(groups)}", "two or more")
    n = sum(each.n for each in groups)
    mean = sum(each.n * each.mean for each in groups) / n
    within = sum((each.n - 1) * each.sd**2 for each in groups)
    between = sum(each.n * (each.mean - mean) ** 2 for each in groups)
    return MeanOfGroup(n, mean, math.sqrt((within + between) / (n - 1)))
