"""The scales on which effects are pooled, and the way from them to what a reader knows."""

from __future__ import annotations

import math
from enum import StrEnum


class Scale(StrEnum):
    """The scale on which effects are pooled."""

    NATURAL = "natural"
    LOG = "log"
    LOGIT = "logit"
    ARCSINE = "arcsine"
    DOUBLE_ARCSINE = "double_arcsine"
    SQUARE_ROOT = "square_root"

    def shown(self, value: float) -> float:
        """Return the value as a reader knows it; other transformed differences stay as they are."""
        if self is Scale.LOG:
            return math.exp(value) if value < 709.0 else math.inf
        if self is Scale.LOGIT:
            return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0
        return value
