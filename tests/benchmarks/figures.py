"""One line of a benchmark: what was measured, against what, and whether the goal is met.

A goal is not met where the denominator is empty: a file without a positive proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Figure:
    """Ours against a peer or a floor, measured in the same run.

    ratio:   ours over theirs; None where the peer is missing
    goal:    the largest ratio that meets it, or with `at_least` the smallest; None where the figure
             is only shown
    missing: the peer that is not installed, by name
    """

    name: str
    ours: float
    against: float | None
    unit: str
    goal: float | None
    missing: str | None = None
    at_least: bool = False

    @property
    def empty(self) -> bool:
        """Whether there was nothing to measure against: 0 of 0 proves nothing."""
        return self.against == 0

    @property
    def ratio(self) -> float | None:
        """Return ours over theirs, where there is something to divide by."""
        return self.ours / self.against if self.against else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none or the peer is missing."""
        if self.goal is None or self.against is None:
            return None
        if self.ratio is None:
            return False
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def line(self) -> str:
        found = asdict(self) | {"ratio": self.ratio, "met": self.met}
        note = {"note": f"nothing to measure: 0 {self.unit} to divide by"} if self.empty else {}
        return json.dumps(found | note)


def write_figures(figures: Iterable[Figure], out: TextIO) -> bool:
    """Write each figure as it comes; say whether something was measured and no goal was missed."""
    met = []
    for figure in figures:
        out.write(figure.line() + "\n")
        out.flush()
        met.append(figure.met)
    return bool(met) and False not in met
