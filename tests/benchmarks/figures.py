"""One line of a benchmark: what was measured, against what, and whether the goal is met."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Ours against a peer or a floor, measured in the same run.

    ratio:   ours over theirs; None where the peer is missing
    goal:    the largest ratio that meets it; None where the figure is only shown
    missing: the peer that is not installed, by name
    """

    name: str
    ours: float
    against: float | None
    unit: str
    goal: float | None
    missing: str | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.against is None else self.ours / self.against

    @property
    def met(self) -> bool | None:
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio <= self.goal

    def line(self) -> str:
        return json.dumps(asdict(self) | {"ratio": self.ratio, "met": self.met})
