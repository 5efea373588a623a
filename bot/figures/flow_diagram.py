"""Draw the PRISMA 2020 flow: this version beside all versions, wide or narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.figures import svg
from bot.figures.flow_boxes import (
    FlowBox,
    FlowRow,
    FlowStage,
    previous_studies,
    stages_of,
    total_studies,
)
from bot.figures.flow_counts import FlowCounts
from bot.results.format import MINUS, NOT_REPORTED, count

_LEADING = 16
_PAD = 10
_NUMBERS = 112  # room for the two columns of numbers in a box
_GAP = 26


@dataclass(frozen=True, slots=True)
class _Placed:
    """A box on the picture."""

    box: FlowBox
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return 2 * _PAD + _LEADING * sum(len(_label(row, self.width)) for row in self.box.rows) - 3

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def flow_svg(this: FlowCounts, cumulative: FlowCounts, *, narrow: bool = False) -> str:
    """Draw the flow of records and reports to studies.

    this:       the counts of one version
    cumulative: the counts of all versions that this program made, up to that one
    """
    stages = stages_of(this, cumulative)
    previous, total = previous_studies(this), total_studies(this, cumulative)
    layout = _narrow if narrow else _wide
    width, height, body = layout(stages, previous, total)
    name = "flow-narrow" if narrow else "flow"
    told = _description([previous, *_boxes(stages), total])
    return svg.picture(name, width, height, ("PRISMA 2020 flow diagram", told), body)


def _boxes(stages: Sequence[FlowStage]) -> list[FlowBox]:
    return [box for each in stages for box in (each.main, each.side)]


def _wide(
    stages: Sequence[FlowStage], previous: FlowBox, total: FlowBox
) -> tuple[float, float, str]:
    """Draw three columns: what the review had, the path, and what left it."""
    left = _Placed(previous, 8, 34, 216)
    main_x, main_width, side_x, side_width = 268.0, 320.0, 640.0, 332.0
    drawn = [_head(main_x, main_width), _head(side_x, side_width), _draw(left)]
    y, mains = 34.0, []
    for each in stages:
        main = _Placed(each.main, main_x, y, main_width)
        side = _Placed(each.side, side_x, y, side_width)
        drawn += [_draw(main), _draw(side), _arrow_right(main_x + main_width, side_x, y + 18)]
        mains.append(main)
        y = max(main.bottom, side.bottom) + _GAP
    bottom = _Placed(total, main_x, y, main_width)
    path = [*mains, bottom]
    drawn += [_arrow_down(a, b, a.width / 2) for a, b in zip(path, path[1:], strict=False)]
    elbow = left.x + left.width / 2
    drawn += [
        _draw(bottom, strong=True),
        svg.line(elbow, left.bottom, elbow, bottom.middle),
        _arrow_right(elbow, bottom.x, bottom.middle),
    ]
    return 980, bottom.bottom + 8, "".join(drawn)


def _narrow(
    stages: Sequence[FlowStage], previous: FlowBox, total: FlowBox
) -> tuple[float, float, str]:
    """Draw one column: what left the path stands inset under where it left."""
    x, full, inset = 4.0, 352.0, 44.0
    start = _Placed(previous, x, 30, full)
    drawn = [_head(x, full), _draw(start)]
    y, mains = start.bottom + 12, []
    for each in stages:
        main = _Placed(each.main, x, y, full)
        side = _Placed(each.side, x + inset, main.bottom + 10, full - inset)
        drawn += [_draw(main), _draw(side), _arrow_right(x + inset / 2, side.x, side.middle)]
        mains.append(main)
        y = side.bottom + 12
    bottom = _Placed(total, x, y, full)
    path = [*mains, bottom]
    lines = [_arrow_down(a, b, inset / 2) for a, b in zip(path, path[1:], strict=False)]
    return 360, bottom.bottom + 8, "".join([*lines, *drawn, _draw(bottom, strong=True)])


def _head(x: float, width: float) -> str:
    look: dict[str, svg.Attribute] = {
        "font_size": 11,
        "font_weight": 600,
        "fill": svg.MUTED,
        "text_anchor": "end",
    }
    right = x + width - _PAD
    return svg.text(right - 52, 20, "this version", **look) + svg.text(right, 20, "all", **look)


def _draw(placed: _Placed, *, strong: bool = False) -> str:
    fill, edge = (svg.TINT, svg.ACCENT) if strong else (svg.PAPER, svg.MUTED)
    frame = svg.rect(placed.x, placed.y, placed.width, placed.height, fill=fill, stroke=edge, rx=4)
    drawn, y = [frame], placed.y + _PAD + 10
    for row in placed.box.rows:
        lines = _label(row, placed.width)
        drawn.append(_draw_row(row, lines, placed, y))
        y += _LEADING * len(lines)
    return "".join(drawn)


def _draw_row(row: FlowRow, lines: tuple[str, ...], placed: _Placed, y: float) -> str:
    weight = 400 if row.is_detail else 600
    fill = svg.MUTED if row.is_detail else svg.INK
    x = placed.x + _PAD + (12 if row.is_detail else 0)
    right = placed.x + placed.width - _PAD
    look: dict[str, svg.Attribute] = {"font_weight": weight, "fill": fill, "text_anchor": "end"}
    words = svg.text_lines(x, y, lines, _LEADING, font_weight=weight, fill=fill)
    if row.is_single:
        return words + svg.text(right, y, _short(row.this), **look)
    if row.cumulative is None and row.this is None:
        return words + svg.text(right, y, NOT_REPORTED, **{**look, "font_style": "italic"})
    return (
        words
        + svg.text(right - 52, y, _short(row.this), **look)
        + svg.text(right, y, _short(row.cumulative), **look)
    )


def _short(n: int | None) -> str:
    return "?" if n is None else f"{n:,}".replace("-", MINUS)


def _label(row: FlowRow, width: float) -> tuple[str, ...]:
    numbers = _NUMBERS / 2 if row.is_single else _NUMBERS
    return svg.fitting(row.label, width - 2 * _PAD - numbers - (12 if row.is_detail else 0))


def _arrow_right(x1: float, x2: float, y: float) -> str:
    return svg.line(x1, y, x2 - 3, y) + svg.arrow_head(x2, y, "right", 6)


def _arrow_down(above: _Placed, below: _Placed, inset: float) -> str:
    x = above.x + inset
    return svg.line(x, above.bottom, x, below.y - 3) + svg.arrow_head(x, below.y, "down", 6)


def _description(boxes: Sequence[FlowBox]) -> str:
    rows = [row for box in boxes for row in box.rows]
    return "; ".join(_told(row) for row in rows)


def _told(row: FlowRow) -> str:
    if row.is_single:
        return f"{row.label}: {count(row.this)}"
    return f"{row.label}: {count(row.this)} in this version, {count(row.cumulative)} in all"
