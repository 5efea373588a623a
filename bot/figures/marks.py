"""Marks of a forest plot: squares, diamonds and their intervals on an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.figures import svg
from bot.figures.axis import Axis, tick_label
from bot.figures.forest_lines import Shape
from bot.results.model import ShownEffect

_SMALLEST_SQUARE = 5.0
_LARGEST_SQUARE = 16.0
_DIAMOND_HALF_HEIGHT = 6.5


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the axis lies on the picture: from x = left to x = right."""

    axis: Axis
    left: float
    right: float

    def x(self, value: float) -> float:
        """Return where a value is drawn, kept within the plot."""
        share = min(1.0, max(0.0, self.axis.share(value)))
        return self.left + share * (self.right - self.left)

    def shows(self, value: float) -> bool:
        """Tell whether a value lies within the ends of the axis."""
        return -1e-9 <= self.axis.share(value) <= 1 + 1e-9


def mark(plot: Plot, y: float, effect: ShownEffect, shape: Shape, weight: float | None) -> str:
    """Draw an effect at height y."""
    if shape is Shape.SQUARE:
        return _interval(plot, y, effect) + _square(plot, y, effect.estimate, weight)
    if shape is Shape.SPAN:
        return _interval(plot, y, effect) + _ends(plot, y, effect)
    return _diamond(plot, y, effect, shape)


def is_clipped(plot: Plot, effect: ShownEffect) -> bool:
    """Tell whether an interval runs beyond the axis."""
    return not (plot.shows(effect.ci_lower) and plot.shows(effect.ci_upper))


def ticks(plot: Plot, y: float) -> str:
    """Draw the axis with its ticks and their labels."""
    from_left = svg.line(plot.left, y, plot.right, y, stroke=svg.MUTED)
    return from_left + "".join(_tick(plot, y, value) for value in plot.axis.ticks)


def null_line(plot: Plot, top: float, bottom: float) -> str:
    """Draw the line of no effect."""
    x = plot.x(plot.axis.null)
    return svg.line(x, top, x, bottom, stroke=svg.MUTED)


def _tick(plot: Plot, y: float, value: float) -> str:
    x = plot.x(value)
    label = svg.text(
        x, y + 17, tick_label(value), text_anchor="middle", font_size=11, fill=svg.MUTED
    )
    return svg.line(x, y, x, y + 4, stroke=svg.MUTED) + label


def _interval(plot: Plot, y: float, effect: ShownEffect) -> str:
    left, right = plot.x(effect.ci_lower), plot.x(effect.ci_upper)
    drawn = svg.line(left, y, right, y, stroke_width=1.4)
    if not plot.shows(effect.ci_lower):
        drawn += svg.arrow_head(left, y, "left", 7)
    if not plot.shows(effect.ci_upper):
        drawn += svg.arrow_head(right, y, "right", 7)
    return drawn


def _ends(plot: Plot, y: float, effect: ShownEffect) -> str:
    """Draw a stroke at each end that the axis shows."""
    shown = [each for each in (effect.ci_lower, effect.ci_upper) if plot.shows(each)]
    return "".join(svg.line(plot.x(x), y - 4, plot.x(x), y + 4, stroke_width=1.4) for x in shown)


def _square(plot: Plot, y: float, estimate: float, weight: float | None) -> str:
    if not plot.shows(estimate):
        return ""
    side = max(_SMALLEST_SQUARE, _LARGEST_SQUARE * math.sqrt(weight or 0))
    x = plot.x(estimate)
    return svg.rect(x - side / 2, y - side / 2, side, side, fill=svg.ACCENT)


def _diamond(plot: Plot, y: float, effect: ShownEffect, shape: Shape) -> str:
    half = _DIAMOND_HALF_HEIGHT
    left, middle, right = (
        plot.x(each) for each in (effect.ci_lower, effect.estimate, effect.ci_upper)
    )
    corners = [(left, y), (middle, y - half), (right, y), (middle, y + half)]
    match shape:
        case Shape.DASHED:
            look: dict[str, svg.Attribute] = {
                "fill": svg.PAPER,
                "stroke": svg.INK,
                "stroke_dasharray": "3 2",
            }
        case Shape.HOLLOW:
            look = {"fill": svg.PAPER, "stroke": svg.INK, "stroke_width": 1.4}
        case _:
            look = {"fill": svg.INK}
    return svg.polygon(corners, **look) + _overrun(plot, y, effect)


def _overrun(plot: Plot, y: float, effect: ShownEffect) -> str:
    drawn = ""
    if not plot.shows(effect.ci_lower):
        drawn += svg.arrow_head(plot.left - 3, y, "left", 7)
    if not plot.shows(effect.ci_upper):
        drawn += svg.arrow_head(plot.right + 3, y, "right", 7)
    return drawn
