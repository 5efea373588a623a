"""The panel for repeated looks: the cumulative z and the boundaries that spend the type I error.

Beside the main analysis where a protocol asks for it, never in its place: Cochrane Handbook ch. 22.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.distributions import quantile
from analysis.spending import Boundaries, Look
from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.frame import SMALL, Frame, bottom_axis, circle, left_axis, polyline, span
from bot.results.format import decimal, percent

_HIGHEST = 8.0  # boundaries beyond it are drawn at it, with an arrow: no data come near
_LEADING = 16
_HALO: dict[str, svg.Attribute] = {
    "stroke": svg.PAPER,
    "stroke_width": 3,
    "paint_order": "stroke",
}
_BESIDE = "Beside the planned analysis, never in its place."


@dataclass(frozen=True, slots=True)
class CumulativeZ:
    """The z of the first studies together; label: the one that came last."""

    label: str
    z: float


def sequential_svg(
    boundaries: Boundaries,
    course: Sequence[CumulativeZ],
    told: tuple[str, str],
    *,
    narrow: bool = False,
) -> str:
    """Draw the z of each look against the boundary there, over the share of information.

    told: the analysis's id and title
    Raises NotDrawn where a look has no z.
    """
    if len(course) != len(boundaries.looks):
        raise NotDrawn(f"{len(course)} z values, {len(boundaries.looks)} looks: one for each")
    for each in course:
        if not math.isfinite(each.z):
            raise NotDrawn(f"no z after {each.label}")
    width, right = (360.0, 346.0) if narrow else (760.0, 746.0)
    frame = _frame(boundaries, course, right)
    body = (
        _reference(frame, boundaries),
        _boundary(frame, boundaries.looks, 1),
        _boundary(frame, boundaries.looks, -1) if boundaries.side == 2 else "",
        _course(frame, boundaries.looks, course),
        left_axis(frame, "Cumulative z"),
        bottom_axis(frame, "Share of the required information"),
    )
    said = f"{_said(boundaries, course)} {_BESIDE}"
    numbered = ", ".join(f"{i} {each.label}" for i, each in enumerate(course, 1))
    lines = svg.fitting(f"{numbered}. {_how(boundaries)} {said}", width - 16, 12)
    words = svg.text_lines(8, frame.bottom + 60, lines, _LEADING, **SMALL)
    name = f"sequential-{svg.slug(told[0])}{'-narrow' if narrow else ''}"
    title = f"Repeated looks {told[0]}: {told[1]}"
    height = frame.bottom + 60 + len(lines) * _LEADING
    alternative = (title, f"{_looks(boundaries, course)}. {said}")
    return svg.picture(name, width, height, alternative, "".join(body) + words)


def _how(boundaries: Boundaries) -> str:
    beyond = any(each.z > _HIGHEST for each in boundaries.looks)
    arrow = " An arrow: the boundary lies beyond." if beyond else ""
    return (
        "Thick with squares: the boundary at each look. Thin with dots: the z of the studies so"
        f" far. Dashed: the limit for a single look. Dotted: all information is in.{arrow}"
    )


def _frame(boundaries: Boundaries, course: Sequence[CumulativeZ], right: float) -> Frame:
    limits = [min(each.z, _HIGHEST) for each in boundaries.looks]
    reach = max(*limits, *(abs(each.z) for each in course), 3.0) * 1.05
    low = -reach if boundaries.side == 2 else min(0.0, *(each.z for each in course))
    x = span(0.0, max(1.0, boundaries.looks[-1].information), 5)
    return Frame(x, span(low, reach, 6), 44, 34, right, 310)


def _reference(frame: Frame, boundaries: Boundaries) -> str:
    single = quantile(1 - 2 * boundaries.alpha / boundaries.side, None)
    sides = (single, -single) if boundaries.side == 2 else (single,)
    drawn = frame.across(0.0, stroke=svg.MUTED)
    for each in sides:
        drawn += frame.across(each, stroke=svg.MUTED, stroke_dasharray="5 3")
    x = frame.at(1.0, 0.0)[0]
    return drawn + svg.line(x, frame.top, x, frame.bottom, stroke=svg.MUTED, stroke_dasharray="1 3")


def _boundary(frame: Frame, looks: Sequence[Look], side: int) -> str:
    points = [frame.at(each.information, side * min(each.z, _HIGHEST)) for each in looks]
    drawn = polyline(points, stroke_width=2.4)
    for (x, y), each in zip(points, looks, strict=True):
        drawn += svg.rect(x - 3.5, y - 3.5, 7, 7, fill=svg.INK)
        if each.z > _HIGHEST:
            tip = y - side * 12
            drawn += svg.polygon([(x, tip), (x - 4, y - side * 5), (x + 4, y - side * 5)])
    return drawn


def _course(frame: Frame, looks: Sequence[Look], course: Sequence[CumulativeZ]) -> str:
    points = [frame.at(look.information, each.z) for look, each in zip(looks, course, strict=True)]
    drawn = polyline([frame.at(0.0, 0.0), *points], stroke=svg.ACCENT, stroke_width=1.4)
    for number, ((x, y), each) in enumerate(zip(points, course, strict=True), 1):
        # Away from 0, so that a number never hides the boundary that its z has crossed.
        base = y - 9 if each.z >= 0 else y + 17
        drawn += circle(x, y, 4, fill=svg.ACCENT, stroke=svg.PAPER)
        drawn += svg.text(x, base, f"{number}", text_anchor="middle", font_size=11, **_HALO)
    return drawn


def _said(boundaries: Boundaries, course: Sequence[CumulativeZ]) -> str:
    crossed = [
        each.label
        for look, each in zip(boundaries.looks, course, strict=True)
        if (abs(each.z) if boundaries.side == 2 else each.z) >= look.z
    ]
    reached = f"{percent(boundaries.looks[-1].information)} of the required information is in"
    if not crossed:
        return f"{reached}; no boundary is crossed."
    return f"{reached}; the boundary is first crossed with {crossed[0]}."


def _looks(boundaries: Boundaries, course: Sequence[CumulativeZ]) -> str:
    return "; ".join(
        f"{each.label}: {percent(look.information)} of the information, z {decimal(each.z)},"
        f" boundary {decimal(look.z)}"
        for look, each in zip(boundaries.looks, course, strict=True)
    )
