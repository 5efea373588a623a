"""One line of a benchmark: what was measured, against what, and whether the goal is met."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


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
    def ratio(self) -> float | None:
        """Return ours over theirs; nothing over nothing is nothing."""
        if self.against is None:
            return None
        if self.against == 0:
            return 0.0 if self.ours == 0 else float("inf")
        return self.ours / self.against

    @property
    def met(self) -> bool | None:
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def line(self) -> str:
        ratio = self.ratio if self.ratio != float("inf") else None
        return json.dumps(asdict(self) | {"ratio": ratio, "met": self.met})
