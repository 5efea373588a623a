"""The frame of a plot with two scales: linear scales with round ticks, axes and their names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bot.figures import svg
from bot.figures.axis import tick_label

SMALL: dict[str, svg.Attribute] = {"font_size": 12, "fill": svg.MUTED}
_TICK: dict[str, svg.Attribute] = {"font_size": 11, "fill": svg.MUTED}
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A linear scale from `low` to `high`, with ticks within it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)


def span(low: float, high: float, about: int = 5) -> Span:
    """Return a scale with about so many ticks that holds both ends, ticks at round numbers."""
    width = high - low if high > low else abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(width / about))
    step = next(each * power for each in _STEPS if each * power >= width / about * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil((low + width) / step - 1e-9)
    return Span(first * step, last * step, tuple(each * step for each in range(first, last + 1)))


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the picture that the scales fill; `y` grows upwards unless `falls`."""

    x: Span
    y: Span
    left: float
    top: float
    right: float
    bottom: float
    falls: bool = False

    def at(self, x: float, y: float) -> Point:
        """Return where a point is drawn; one outside the scales lies outside the frame."""
        down = self.y.share(y) if self.falls else 1 - self.y.share(y)
        return (
            self.left + self.x.share(x) * (self.right - self.left),
            self.top + down * (self.bottom - self.top),
        )

    def across(self, y: float, **look: svg.Attribute) -> str:
        """Draw a line through the whole frame at a height."""
        at = self.at(self.x.low, y)[1]
        return svg.line(self.left, at, self.right, at, **look)


def left_axis(frame: Frame, name: str) -> str:
    """Draw the scale at the left, and its name above it."""
    drawn = svg.line(frame.left, frame.top, frame.left, frame.bottom, stroke=svg.MUTED)
    for value in frame.y.ticks:
        y = frame.at(frame.x.low, value)[1]
        drawn += svg.line(frame.left - 4, y, frame.left, y, stroke=svg.MUTED)
        drawn += svg.text(frame.left - 7, y + 4, _label(value), text_anchor="end", **_TICK)
    return drawn + svg.text(8, frame.top - 12, name, **SMALL)


def bottom_axis(frame: Frame, name: str) -> str:
    """Draw the scale below, and its name under it."""
    drawn = svg.line(frame.left, frame.bottom, frame.right, frame.bottom, stroke=svg.MUTED)
    for value in frame.x.ticks:
        x = frame.at(value, frame.y.low)[0]
        drawn += svg.line(x, frame.bottom, x, frame.bottom + 4, stroke=svg.MUTED)
        drawn += svg.text(x, frame.bottom + 17, _label(value), text_anchor="middle", **_TICK)
    middle = (frame.left + frame.right) / 2
    return drawn + svg.text(middle, frame.bottom + 36, name, text_anchor="middle", **SMALL)


def polyline(points: Iterable[Point], **look: svg.Attribute) -> str:
    """Draw a line through points."""
    path = " ".join(f"{round(x, 2):g},{round(y, 2):g}" for x, y in points)
    return svg.element("polyline", points=path, **{"fill": "none", "stroke": svg.INK, **look})


def circle(x: float, y: float, radius: float, **look: svg.Attribute) -> str:
    """Draw a dot."""
    return svg.element("circle", cx=x, cy=y, r=radius, **{"fill": svg.INK, **look})


def between(points: Iterable[Point], left: float, right: float) -> list[Point]:
    """Cut what lies left or right of two upright lines off a closed shape."""
    return _cut(_cut(list(points), left, 1), right, -1)


def _cut(points: list[Point], edge: float, side: int) -> list[Point]:
    """Keep what lies on the side of an upright line (1: right, -1: left)."""
    kept: list[Point] = []
    for before, after in zip(points[-1:] + points[:-1], points, strict=True):
        is_in, was_in = (side * (each[0] - edge) >= 0 for each in (after, before))
        if is_in != was_in:
            share = (edge - before[0]) / (after[0] - before[0])
            kept.append((edge, before[1] + share * (after[1] - before[1])))
        if is_in:
            kept.append(after)
    return kept


def _label(value: float) -> str:
    return tick_label(0.0 if abs(value) < 1e-12 else round(value, 10))
