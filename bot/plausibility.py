"""Could this source's count be true? Bounds from its own history. Pure.

What a query finds in a database grows: records come, and few go (merged or withdrawn ones). The
lower bound allows for those; the upper one is a control limit for counts, mean plus three times its
square root (Shewhart's c-chart; NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.1), widened
by the largest growth seen. Counts of other queries say nothing and are left out by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_RUNS = 3
NEWEST_RUNS = 12
SHARE_THAT_MAY_GO = 0.05
FEW_THAT_MAY_GO = 2
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
    """Return the bounds for the next count, oldest first; None where too few runs tell.

    A constant or growing history never puts the same count, or the usual growth, outside.
    """
    newest = history[-NEWEST_RUNS:]
    if len(newest) < FEWEST_RUNS:
        return None
    last, most = newest[-1], max(newest)
    may_go = max(FEW_THAT_MAY_GO, math.floor(SHARE_THAT_MAY_GO * last))
    growth = max(after - before for before, after in zip(newest, newest[1:], strict=False))
    room = max(LEAST_ROOM, math.ceil(3 * math.sqrt(most)), 3 * max(growth, 0))
    return Bounds(max(0, last - may_go), most + room, len(newest))
