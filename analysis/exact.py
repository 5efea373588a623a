"""Exact conditional inference on odds ratios: one 2×2 table (Fisher) or several (Gart).

Given all margins, the events of arm 1 follow the noncentral hypergeometric distribution, and their
sum over tables its convolution. Nothing is added to any cell; tables without events, or without
people free of them, carry no information and change nothing. The common odds ratio is assumed the
same in every table: not for effects that truly differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from analysis.distributions import check_level, chi2_p, quantile
from analysis.effects import UNCHANGED, corrected_cells, peto_parts
from analysis.errors import NotEstimable
from analysis.inputs import Floats, TwoByTwo, refuse
from analysis.mantel_haenszel import pooled_odds_ratio
from analysis.results import Limits
from analysis.roots import root

# Two tables whose probabilities differ by less are as likely as each other (R's fisher.test).
AS_LIKELY = 1 + 1e-7
UNINFORMATIVE = "no table has both events and no events, and people in both arms"


@dataclass(frozen=True, slots=True)
class ExactOddsRatio:
    """A conditional odds ratio (not its logarithm), its exact limits and p values of 1.

    estimate:     conditional maximum likelihood; 0 or infinite where all events
                  are in one arm
    limits:       each tail holds half of what the level leaves out; 0 or infinite
                  on the side where the data do not bound it
    midp_limits:  the same, counting half of the probability of what was observed;
                  shorter, and a little below the level at times
    p_minlike:    two-sided, over everything no likelier than what was observed
    p_doubled:    two-sided, twice the smaller tail
    p_less, p_greater: one-sided
    """

    events_1: int
    tables: int
    estimate: float
    limits: Limits
    midp_limits: Limits
    p_minlike: float
    p_doubled: float
    p_less: float
    p_greater: float


def exact_common_odds_ratio(tables: TwoByTwo, *, level: float = 0.95) -> ExactOddsRatio:
    """Return the conditional odds ratio common to all tables, arm 1 against arm 2.

    Raises NotEstimable where no table has both events and no events.
    Source: Gart 1970, Biometrika 57:471-475. Reference: stats::mantelhaen.test(exact=TRUE), whose
    limits are loose: for the MMN strength table its upper limit is 3475.8, exactly 3559.67.
    For one table: stats::fisher.test.
    """
    check_level(level)
    _check_whole(tables)
    a, n1, c, n2 = tables.events_1, tables.total_1, tables.events_2, tables.total_2
    events = a + c
    free = np.minimum(n1, events) > np.maximum(0, events - n2)
    if not free.any():
        raise NotEstimable(UNINFORMATIVE, studies=0)
    observed = int(a.sum())
    null = conditional_distribution(tables, 0.0)
    # Half an event from the ends, where the estimate itself is 0 or infinite.
    inside = min(max(observed, null.lowest + 0.5), null.highest - 0.5)
    centre = _centre(tables, inside)
    about = conditional_distribution(tables, centre)
    tail = (1 - level) / 2
    likelier = null.log_p > null.log_at(observed) + math.log(AS_LIKELY)
    less, greater = null.at_most(observed), null.at_least(observed)
    return ExactOddsRatio(
        observed,
        int(free.sum()),
        _estimate(about, observed, centre),
        _limits(about, observed, tail, midp=False),
        _limits(about, observed, tail, midp=True),
        min(1.0, float(np.exp(null.log_p[~likelier]).sum())),
        min(1.0, 2 * min(less, greater)),
        less,
        greater,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalDistribution:
    """The sum of arm 1's events at one log odds ratio; `tilted` moves it to another."""

    low: int
    log_p: Floats
    log_odds: float
    lowest: int
    highest: int

    @property
    def sums(self) -> Floats:
        return np.asarray(self.low + np.arange(self.log_p.size))

    def tilted(self, log_odds: float) -> ConditionalDistribution:
        moved = self.log_p + (log_odds - self.log_odds) * self.sums
        log_p = moved - logsumexp(moved)
        return ConditionalDistribution(self.low, log_p, log_odds, self.lowest, self.highest)

    def log_at(self, observed: int) -> float:
        at = observed - self.low
        return float(self.log_p[at]) if 0 <= at < self.log_p.size else -math.inf

    def at_most(self, observed: int) -> float:
        return min(1.0, float(np.exp(self.log_p[: max(0, observed - self.low + 1)]).sum()))

    def at_least(self, observed: int) -> float:
        return min(1.0, float(np.exp(self.log_p[max(0, observed - self.low) :]).sum()))

    def mean(self) -> float:
        return float(np.exp(self.log_p).dot(self.sums))


def hypergeometric_log_weights(n1: float, n2: float, events: float) -> tuple[int, Floats]:
    """Return the least possible events of arm 1, and log C(n1, x)·C(n2, events - x) from there.

    The largest is scaled to 1: only their proportions matter.
    """
    low, high = int(max(0, events - n2)), int(min(n1, events))
    x = np.arange(low, high + 1, dtype=np.float64)
    log_weights = -(
        gammaln(x + 1)
        + gammaln(n1 - x + 1)
        + gammaln(events - x + 1)
        + gammaln(n2 - events + x + 1)
    )
    return low, np.asarray(log_weights - log_weights.max())


# A table whose counts range wider is summed over those that have a chance: a million events take
# no longer than ten thousand.
WIDEST = 2048
# What is less likely than the likeliest count by e^-120 is left out: it is nothing in a limit, and
# a p value below 1e-50 is printed as 0 by nobody's choice.
LEFT_OUT = 120.0


def conditional_distribution(tables: TwoByTwo, log_odds: float) -> ConditionalDistribution:
    """Convolve the tables' distributions; what is below the smallest number is dropped."""
    low, lowest, highest, p = 0, 0, 0, np.ones(1)
    for n1, n2, events in _margins(tables):
        start, log_p = _chances(n1, n2, events, log_odds)
        one = np.exp(log_p - log_p.max())
        kept = np.flatnonzero(one)
        p = np.convolve(p, one[kept[0] : kept[-1] + 1])
        p /= p.max()
        low += start + int(kept[0])
        lowest, highest = lowest + int(max(0, events - n2)), highest + int(min(n1, events))
    with np.errstate(divide="ignore"):
        log_p = np.log(p / p.sum())
    return ConditionalDistribution(low, log_p, log_odds, lowest, highest)


def _margins(tables: TwoByTwo) -> Iterator[tuple[float, float, float]]:
    events = tables.events_1 + tables.events_2
    columns = (tables.total_1.tolist(), tables.total_2.tolist(), events.tolist())
    return zip(*columns, strict=True)


def _chances(n1: float, n2: float, events: float, log_odds: float) -> tuple[int, Floats]:
    """Return the first count of arm 1 that has a chance, and log chances from there on."""
    low, high = int(max(0, events - n2)), int(min(n1, events))
    if high - low < WIDEST:
        start, log_weights = hypergeometric_log_weights(n1, n2, events)
        return start, log_weights + log_odds * np.arange(log_weights.size)
    mode = _likeliest(n1, n2, events, log_odds)

    def rise(x: Floats) -> Floats:
        """Return how much likelier x + 1 is than x, in logarithms."""
        over = np.log((n1 - x) * (events - x)) - np.log((x + 1) * (n2 - events + x + 1))
        return np.asarray(over + log_odds)

    up = _until_left_out(lambda steps: rise(mode + steps), high - mode)
    down = _until_left_out(lambda steps: -rise(mode - 1 - steps), mode - low)
    return mode - down.size, np.concatenate([down[::-1], [0.0], up])


def _until_left_out(change: Callable[[Floats], Floats], most: int) -> Floats:
    """Return log chances from the mode outwards, beside that of the mode, until they are nothing.

    change: log chance at each further step beside the one before, falling steadily
    """
    size = min(most, WIDEST)
    while True:
        log_p = np.cumsum(change(np.arange(size, dtype=np.float64)))
        if size == most or log_p[-1] < -LEFT_OUT:
            return np.asarray(log_p[: np.searchsorted(-log_p, LEFT_OUT)])
        size = min(most, 4 * size)


def _likeliest(n1: float, n2: float, events: float, log_odds: float) -> int:
    """Return the likeliest count of arm 1, where x + 1 stops being likelier than x."""
    low, high = int(max(0, events - n2)), int(min(n1, events))
    while low < high:
        x = (low + high) // 2
        over = math.log((n1 - x) * (events - x)) - math.log((x + 1) * (n2 - events + x + 1))
        low, high = (x + 1, high) if over + log_odds > 0 else (low, x)
    return low


def _centre(tables: TwoByTwo, observed: float) -> float:
    """Return the log odds ratio at which the tables together are expected to have these events.

    It needs no convolution, so that nothing underflows however large the tables.
    """
    rows = list(_margins(tables))

    def excess(log_odds: float) -> float:
        return sum(_mean(*_chances(*row, log_odds)) for row in rows) - observed

    return root(excess, 0.0)


def _mean(low: int, log_p: Floats) -> float:
    p = np.exp(log_p - log_p.max())
    return low + float(p.dot(np.arange(log_p.size)) / p.sum())


def _estimate(about: ConditionalDistribution, observed: int, centre: float) -> float:
    if observed == about.lowest:
        return 0.0
    return math.inf if observed == about.highest else math.exp(centre)


def _limits(about: ConditionalDistribution, observed: int, tail: float, *, midp: bool) -> Limits:
    half = 0.5 if midp else 0.0

    def above(log_odds: float) -> float:
        moved = about.tilted(log_odds)
        return moved.at_least(observed) - half * math.exp(moved.log_at(observed))

    def below(log_odds: float) -> float:
        moved = about.tilted(log_odds)
        return moved.at_most(observed) - half * math.exp(moved.log_at(observed))

    lower = 0.0 if observed == about.lowest else _solve(above, tail, about.log_odds)
    if observed == about.highest:
        return Limits(lower, math.inf)
    return Limits(lower, _solve(lambda at: 1 - below(at), 1 - tail, about.log_odds))


def _solve(rising: Callable[[float], float], target: float, start: float) -> float:
    return math.exp(root(lambda at: rising(at) - target, start))


def _check_whole(tables: TwoByTwo) -> None:
    for name in ("events_1", "total_1", "events_2", "total_2"):
        column = getattr(tables, name)
        refuse(tables.labels, name, column, column != np.floor(column), "a whole number")


@dataclass(frozen=True, slots=True)
class MantelHaenszelTest:
    """The χ² test of no association over all tables, with the odds ratio it goes with.

    odds_ratio: Mantel and Haenszel's, nothing added; 0 or infinite where one
                arm has all the events, and then without limits
    """

    statistic: float
    df: int
    p: float
    odds_ratio: float
    limits: Limits | None


def mantel_haenszel_test(
    tables: TwoByTwo, *, continuity: bool = True, level: float = 0.95
) -> MantelHaenszelTest:
    """Test whether events go with the arm, over all tables together.

    continuity: takes 0.5 off the difference, where it is at least that large
    Raises NotEstimable where no table has both events and no events.
    Reference: stats::mantelhaen.test(correct=...).
    """
    check_level(level)
    x = corrected_cells(tables, UNCHANGED)
    observed_less_expected, v = peto_parts(x)
    total = float(v.sum())
    if total == 0:
        raise NotEstimable(UNINFORMATIVE, studies=0)
    difference = abs(float(observed_less_expected.sum()))
    off = 0.5 if continuity and difference >= 0.5 else 0.0
    statistic = (difference - off) ** 2 / total
    n = x.n_1 + x.n_2
    over, under = float((x.a * x.d / n).sum()), float((x.b * x.c / n).sum())
    p = chi2_p(statistic, 1)
    if over == 0 or under == 0:
        return MantelHaenszelTest(statistic, 1, p, 0.0 if over == 0 else math.inf, None)
    pooled = pooled_odds_ratio(x)
    half = quantile(level, None) * pooled.se
    limits = Limits(math.exp(pooled.value - half), math.exp(pooled.value + half))
    return MantelHaenszelTest(statistic, 1, p, math.exp(pooled.value), limits)
