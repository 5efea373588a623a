"""The scale under a forest plot."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bot.results.direction import no_effect
from bot.results.format import MINUS
from bot.results.model import ShownEffect
from bot.review.planned import OF_ONE_ARM, RATIOS

_RATIO_TICKS: dict[float, tuple[float, ...]] = {
    2: (0.5, 1, 2),
    5: (0.2, 0.5, 1, 2, 5),
    10: (0.1, 0.2, 0.5, 1, 2, 5, 10),
    100: (0.01, 0.1, 1, 10, 100),
    1000: (0.001, 0.01, 0.1, 1, 10, 100, 1000),
}
_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A symmetric scale around no effect; logarithmic for ratios."""

    reach: float  # the largest value shown; the smallest is its mirror image
    null: float
    ticks: tuple[float, ...]
    is_log: bool
    from_zero: bool = False  # of proportions: from 0 to the largest value

    def share(self, value: float) -> float:
        """Return where a value stands, 0 at the left end and 1 at the right; may lie outside."""
        if self.from_zero:
            return value / self.reach
        if not self.is_log:
            return (value + self.reach) / (2 * self.reach)
        if value <= 0:
            return -math.inf
        return (math.log(value) / math.log(self.reach) + 1) / 2


def axis_for(measure: str, pooled: Iterable[ShownEffect], studies: Iterable[ShownEffect]) -> Axis:
    """Choose a scale that shows every pooled interval whole and every study's estimate.

    A study's interval may run beyond the ends: it is drawn with an arrow there.
    """
    values = [limit for each in pooled for limit in (each.ci_lower, each.ci_upper)]
    values += [each.estimate for each in studies]
    if measure in OF_ONE_ARM:
        return _share_axis(values)
    return _ratio_axis(values) if measure in RATIOS else _difference_axis(values, measure)


def tick_label(value: float) -> str:
    """Print a tick without trailing zeros, with a true minus."""
    return f"{value:g}".replace("-", MINUS)


def _ratio_axis(values: list[float]) -> Axis:
    farthest = max((max(v, 1 / v) for v in values if 0 < v < math.inf), default=1.0)
    reach = next((each for each in _RATIO_TICKS if each >= farthest), max(_RATIO_TICKS))
    return Axis(reach=reach, null=1.0, ticks=_RATIO_TICKS[reach], is_log=True)


def _share_axis(values: list[float]) -> Axis:
    farthest = max((v for v in values if math.isfinite(v)), default=1.0) or 1.0
    step = _step(farthest / 4)
    steps = math.ceil(farthest / step - 1e-9)
    ticks = tuple(step * each for each in range(steps + 1))
    return Axis(reach=step * steps, null=0.0, ticks=ticks, is_log=False, from_zero=True)


def _difference_axis(values: list[float], measure: str) -> Axis:
    farthest = max((abs(v) for v in values if math.isfinite(v)), default=0.0) or 1.0
    step = _step(farthest / 3)
    reach = step * math.ceil(farthest / step - 1e-9)
    steps = round(reach / step)
    ticks = tuple(step * each for each in range(-steps, steps + 1))
    return Axis(reach=reach, null=no_effect(measure), ticks=ticks, is_log=False)


def _step(smallest: float) -> float:
    """Return the first of 1, 2, 5 times a power of ten that is not below `smallest`."""
    power = 10.0 ** math.floor(math.log10(smallest))
    return next((each * power for each in _STEPS if each * power >= smallest), 10 * power)
