"""How much several incomplete lists of one thing leave out: capture-recapture.

Lists help each other: what one database holds another is likelier to hold. Every figure here is
then too low, so that it is read as the least that there is, never as how much there is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.distributions import quantile
from analysis.errors import InvalidInput, NotEstimable
from analysis.roots import root

# Below it Chapman's figure is biased by chance alone (Robson & Regier 1964, Trans Am Fish Soc 93).
FEWEST_SHARED = 7


class CaptureMethod(StrEnum):
    """How the whole is estimated from what the lists have in common."""

    CHAPMAN = "Chapman"
    CHAO = "Chao's lower bound"
    INDEPENDENT = "log-linear, independent lists"


@dataclass(frozen=True, slots=True)
class CaptureEstimate:
    """How many there are in all, by one method, with its limits.

    found: those on at least one list; shared: those on at least two.
    """

    method: CaptureMethod
    lists: int
    found: int
    shared: int
    estimate: float
    se: float
    lower: float
    upper: float

    @property
    def missed(self) -> float:
        """How many of them are on no list."""
        return self.estimate - self.found


def chapman(first: int, second: int, both: int, *, level: float = 0.95) -> CaptureEstimate:
    """Estimate how many there are from two independent lists.

    first, second: how many are on each list; both: how many on the two of them
    Raises InvalidInput for counts that cannot be, NotEstimable where fewer than seven are shared.
    Source: Chapman 1951; variance of Seber 1970, Biometrika 57:13-28; log-normal limits of Chao
    1987, Biometrics 43:783-791.
    """
    if not 0 <= both <= min(first, second):
        most = min(first, second)
        raise InvalidInput("two lists", f"{both} on both", f"0 to {most}, as many as the shorter")
    _enough(both)
    whole = (first + 1) * (second + 1) / (both + 1) - 1
    varied = (first + 1) * (second + 1) * (first - both) * (second - both)
    variance = varied / ((both + 1) ** 2 * (both + 2))
    counts = (2, first + second - both, both)
    return _with_limits(CaptureMethod.CHAPMAN, counts, whole, variance, level)


def chao_lower_bound(held: Sequence[Collection[str]], *, level: float = 0.95) -> CaptureEstimate:
    """Estimate the least that there is, whatever makes some things easier to find than others.

    held: for each thing found, the names of the lists; `lists_of` of them counts
    Raises NotEstimable where fewer than seven are shared, or none is on two lists exactly.
    Source: Chao 1987, Biometrics 43:783-791, with the factor (t - 1) / t. Agrees with vegan's
    specpool(), which calls it chao and chao.se.
    """
    lists, found, shared = _counted(held)
    _enough(shared)
    once, twice = (sum(len(set(each)) == n for each in held) for n in (1, 2))
    return chao_of_counts(lists, found, once, twice, shared=shared, level=level)


def chao_of_counts(
    lists: int, found: int, once: int, twice: int, *, shared: int, level: float = 0.95
) -> CaptureEstimate:
    """Estimate as `chao_lower_bound` does, from how many are on one list and on two exactly."""
    if twice == 0:
        raise NotEstimable("none was found by two sources exactly: no lower bound can be computed")
    share, ratio = (lists - 1) / lists, once / twice
    missed = share * once * ratio / 2
    variance = twice * (share * ratio**2 / 2 + share**2 * ratio**3 + share**2 * ratio**4 / 4)
    counts = (lists, found, shared)
    return _with_limits(CaptureMethod.CHAO, counts, found + missed, variance, level)


def independent_lists(held: Sequence[Collection[str]], *, level: float = 0.95) -> CaptureEstimate:
    """Estimate how many there are by the log-linear model without any interaction of lists.

    held: for each thing found, the names of the lists that have it
    Its conditional maximum likelihood solves 1 - found/N = product of (1 - n_j/N).
    Raises NotEstimable where fewer than seven are shared.
    Source: Darroch 1958, Biometrika 45:343-359; Fienberg 1972, Biometrika 59:591-603. Agrees with
    Rcapture's closedp(), model Mt.
    """
    lists, found, shared = _counted(held)
    _enough(shared)
    sizes = _sizes(held)
    whole = _root(found, sizes)
    left_out = [1 - size / whole for size in sizes]
    on_none = math.prod(left_out)
    spread = 1 / on_none + lists - 1 - sum(1 / each for each in left_out) if on_none else math.inf
    counts = (lists, found, shared)
    return _with_limits(CaptureMethod.INDEPENDENT, counts, whole, whole / spread, level)


def _root(found: int, sizes: Sequence[int]) -> float:
    """Return N of Darroch's equation; where one list has everything, that is what was found."""

    def too_many(log_missed: float) -> float:
        missed = math.exp(log_missed)
        whole = found + missed
        return missed - whole * math.prod(1 - size / whole for size in sizes)

    return float(found) if max(sizes) == found else found + math.exp(root(too_many, 0.0))


def _sizes(held: Sequence[Collection[str]]) -> list[int]:
    names = sorted({name for each in held for name in each})
    return [sum(name in each for each in held) for name in names]


def _counted(held: Sequence[Collection[str]]) -> tuple[int, int, int]:
    """Return how many lists there are, how many things, and how many of them on two or more."""
    if not all(held):
        raise InvalidInput("things found", "one on no list", "each on one list at least")
    lists = len({name for each in held for name in each})
    return lists, len(held), sum(len(set(each)) > 1 for each in held)


def _enough(shared: int) -> None:
    if shared < FEWEST_SHARED:
        raise NotEstimable(
            f"{shared} found by more than one source, {FEWEST_SHARED} needed for an estimate"
        )


def _with_limits(
    method: CaptureMethod,
    counts: tuple[int, int, int],
    whole: float,
    variance: float,
    level: float,
) -> CaptureEstimate:
    """Give an estimate limits that never lie below what was found."""
    lists, found, shared = counts
    missed, se = whole - found, math.sqrt(variance)
    if missed <= 0:
        return CaptureEstimate(method, lists, found, shared, whole, se, found, found)
    z = quantile(level, None)
    width = math.exp(z * math.sqrt(math.log1p(variance / missed**2)))
    limits = (found + missed / width, found + missed * width)
    return CaptureEstimate(method, lists, found, shared, whole, se, *limits)
