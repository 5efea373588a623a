"""The forest plot for a phone: the words of a line above its mark."""

from __future__ import annotations

from bot.figures import svg
from bot.figures.forest_lines import ForestContent, ForestLine, Shape
from bot.figures.forest_parts import (
    LEADING,
    Drawn,
    foot,
    name_of,
    notes,
    numbers_in_words,
    plot_of,
)
from bot.figures.marks import Plot, mark, null_line
from bot.results.format import percent

_WIDTH = 360.0
_LEFT, _RIGHT = 14.0, 346.0
_ROOM = _RIGHT - _LEFT
_SMALL: dict[str, svg.Attribute] = {"font_size": 12, "fill": svg.MUTED}


def narrow(content: ForestContent) -> tuple[float, Drawn]:
    """Draw the plot; return its width, and the drawing with its height."""
    plot = plot_of(content, _LEFT, _RIGHT)
    result = content.result
    arms = " v ".join(filter(None, [result.arm_1_label, result.arm_2_label]))
    arms = f"Numbers: {arms}, {numbers_in_words(result)}"
    heads = svg.fitting(arms, _ROOM, 12)
    drawn = [svg.text_lines(_LEFT, 16, heads, LEADING, **_SMALL)]
    y = 16.0 + len(heads) * LEADING
    for each in content.lines:
        one = _line(each, y, plot)
        drawn += [svg.line(_LEFT, y - 2, _RIGHT, y - 2, stroke=svg.RULE), one.markup]
        y = one.bottom
    axis = foot(result, plot, y + 4)
    said = notes(result, _LEFT, axis.bottom + 10, _ROOM)
    return _WIDTH, Drawn("".join([*drawn, axis.markup, said.markup]), said.bottom)


def _line(line: ForestLine, y: float, plot: Plot) -> Drawn:
    head = _head(line, y + LEADING)
    numbers = _numbers(line)
    drawn = head.markup + svg.text_lines(_LEFT, head.bottom, numbers, LEADING, **_SMALL)
    y = head.bottom + len(numbers) * LEADING
    if line.effect is None:
        return Drawn(drawn, y - 2)
    drawn += null_line(plot, y - 9, y + 11)
    drawn += mark(plot, y + 1, line.effect, line.shape, line.weight)
    return Drawn(drawn, y + 16)


def _head(line: ForestLine, y: float) -> Drawn:
    """Write the label, and the effect against the right edge."""
    bold = line.is_new or line.shape is not Shape.SQUARE
    look: dict[str, svg.Attribute] = {"font_weight": 600 if bold else 400}
    if line.effect is None:
        lines = svg.fitting(name_of(line), _ROOM, bold=bold)
        return Drawn(svg.text_lines(_LEFT, y, lines, LEADING, **look), y + len(lines) * LEADING)
    beside = max(90, _ROOM - svg.width_of(line.told, bold=bold) - 12)
    lines = svg.fitting(name_of(line), beside, bold=bold)
    drawn = svg.text_lines(_LEFT, y, lines, LEADING, **look)
    drawn += svg.text(_RIGHT, y, line.told, text_anchor="end", **look)
    return Drawn(drawn, y + len(lines) * LEADING)


def _numbers(line: ForestLine) -> tuple[str, ...]:
    said = [" v ".join(filter(None, [line.arm_1, line.arm_2]))] if line.arm_1 else []
    if line.effect is None:
        said += [line.told] if line.told else []
    elif line.weight is not None:
        said.append(f"weight {percent(line.weight, 1)}")
    return svg.fitting(" · ".join(said), _ROOM, 12) if said else ()
