"""Could this source's count be true? Bounds from its own believed history. Pure.

What a query finds in a database grows: records come, and few go (merged or withdrawn ones), so a
fall is the sign of a cut answer or a changed service. With the believed counts c1 … cn of one query
(the newest twelve, oldest first):

    lower = cn − max(2, 5 % of cn)
    upper = max(c) + max(10, 3 √max(c), 3 × the largest growth of the maximum from one to the next)

The square root is the control limit of Shewhart's c-chart, centre line plus three times its square
root (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.1), with the largest count as centre
line because the series grows. The shares and floors are our own: a database of a few hundred
records loses one or two a year, and gains fewer than ten between two searches.

A count that was not believed does not move the bounds, however often it comes again, until a person
has judged it. Counts of other queries say nothing and are left out by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

# Two steps from one count to the next are the fewest that show how much growth is usual.
FEWEST_RUNS = 3
# A year of monthly searches: a query or a database of longer ago was another one.
NEWEST_RUNS = 12
# One in twenty is more than a year of withdrawals; below forty records it is less than two, which
# may well go at once (a pair of duplicates that the database merged).
SHARE_THAT_MAY_GO = 0.05
FEW_THAT_MAY_GO = 2
# More than any two searches of a few hundred records brought.
LEAST_ROOM = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which counts a run is believed, from how many earlier runs."""

    lower: int
    upper: int
    runs: int

    def hold(self, count: int) -> bool:
        """Whether a count lies between them."""
        return self.lower <= count <= self.upper


def bounds(history: Sequence[int]) -> Bounds | None:
    """Return the bounds for the next count from believed ones, oldest first.

    None where fewer than three runs tell: then every count is believed, and the certificate says
    so. A constant history, or one that grows as before, never puts the next count outside.
    """
    newest = history[-NEWEST_RUNS:]
    if len(newest) < FEWEST_RUNS:
        return None
    last, most = newest[-1], max(newest)
    may_go = max(FEW_THAT_MAY_GO, math.floor(SHARE_THAT_MAY_GO * last))
    room = max(LEAST_ROOM, math.ceil(3 * math.sqrt(most)), 3 * _largest_growth(newest))
    return Bounds(max(0, last - may_go), most + room, len(newest))


def believed(counts: Iterable[tuple[int, bool]]) -> list[int]:
    """Return the counts that make history, given (count, whether a person judged it), oldest first.

    A count outside the bounds of those before it is left out, unless a person has judged it.
    """
    history: list[int] = []
    for count, judged in counts:
        expected = bounds(history)
        if judged or expected is None or expected.hold(count):
            history.append(count)
    return history


def _largest_growth(counts: Sequence[int]) -> int:
    """Return by how much the maximum so far grew at most: a way back up is no growth."""
    return max(after - before for before, after in pairwise(accumulate(counts, max)))
