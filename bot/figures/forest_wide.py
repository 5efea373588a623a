"""The forest plot for a page: a line to a study, numbers beside the plot."""

from __future__ import annotations

from dataclasses import dataclass

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
from bot.results.format import level_in_words, percent
from bot.results.model import AnalysisResult
from bot.results.ways import measure_name

_ROW = 27
_BASELINE = 4.5  # from the middle of a line of text down to its baseline

# The columns, in units of the view box; numbers stand against the right edge of theirs.
_WIDTH = 980.0
_LABEL, _LABEL_ROOM = 8.0, 158.0
_ARM_1, _ARM_2, _ARM_ROOM = 268.0, 380.0, 104.0
_WEIGHT, _WEIGHT_ROOM = 446.0, 60.0
_EFFECT, _EFFECT_ROOM = 646.0, 190.0
_TOLD_ROOM = 176.0  # of an effect beside its weight
_PLOT_LEFT, _PLOT_RIGHT = 672.0, 962.0
_WHY, _WHY_ROOM = 492.0, 470.0  # a line without an effect says why across the plot


@dataclass(frozen=True, slots=True)
class _Heading:
    x: float
    room: float
    name: str
    below: str = ""
    anchor: str = "end"

    @property
    def lines(self) -> tuple[str, ...]:
        return svg.fitting(self.name, self.room)

    @property
    def depth(self) -> int:
        return len(self.lines) + bool(self.below)


def wide(content: ForestContent) -> tuple[float, Drawn]:
    """Draw the plot; return its width, and the drawing with its height."""
    plot = plot_of(content, _PLOT_LEFT, _PLOT_RIGHT)
    head = _headings(content.result)
    studies = _below(content.studies, head.bottom, plot)
    rule = svg.line(_LABEL, studies.bottom + 4, _WIDTH - 8, studies.bottom + 4, stroke=svg.RULE)
    summaries = _below(content.summaries, studies.bottom + 8, plot)
    axis_y = summaries.bottom + 6
    axis = foot(content.result, plot, axis_y)
    said = notes(content.result, _LABEL, axis_y + 16, _PLOT_LEFT - 30)
    null = null_line(plot, head.bottom - 4, axis_y)
    parts = (null, head.markup, studies.markup, rule, summaries.markup, axis.markup, said.markup)
    return _WIDTH, Drawn("".join(parts), max(axis.bottom, said.bottom))


def _headings(result: AnalysisResult) -> Drawn:
    numbers = numbers_in_words(result)
    headings = (
        _Heading(_LABEL, _LABEL_ROOM, "Study", anchor="start"),
        _Heading(_ARM_1, _ARM_ROOM, result.arm_1_label, numbers),
        _Heading(_ARM_2, _ARM_ROOM, result.arm_2_label, numbers if result.arm_2_label else ""),
        _Heading(_WEIGHT, _WEIGHT_ROOM, "Weight"),
        _Heading(_EFFECT, _EFFECT_ROOM, _effect_heading(result)),
    )
    deepest = max(each.depth for each in headings)
    rule = 25 + (deepest - 1) * LEADING
    drawn = "".join(_heading(each, 16 + (deepest - each.depth) * LEADING) for each in headings)
    return Drawn(drawn + svg.line(_LABEL, rule, _WIDTH - 8, rule), rule + 6)


def _effect_heading(result: AnalysisResult) -> str:
    return f"{measure_name(result.measure)} ({level_in_words(result.level)} CI)"


def _heading(heading: _Heading, y: float) -> str:
    lines, x, anchor = heading.lines, heading.x, heading.anchor
    name = svg.text_lines(x, y, lines, LEADING, text_anchor=anchor, font_weight=600)
    if not heading.below:
        return name
    y += len(lines) * LEADING
    return name + svg.text(x, y, heading.below, text_anchor=anchor, font_size=11, fill=svg.MUTED)


def _below(lines: tuple[ForestLine, ...], y: float, plot: Plot) -> Drawn:
    """Draw lines one under another from y down."""
    drawn = []
    for each in lines:
        one = _line(each, y, plot)
        drawn.append(one.markup)
        y = one.bottom
    return Drawn("".join(drawn), y)


def _line(line: ForestLine, y: float, plot: Plot) -> Drawn:
    weight = 600 if line.is_new or line.shape in (Shape.DIAMOND, Shape.HEADING) else 400
    labels = svg.fitting(name_of(line), _LABEL_ROOM if line.arm_1 else _WEIGHT - _LABEL)
    why = () if line.effect else svg.fitting(line.told, _WHY_ROOM)
    height = max(_ROW, 12 + LEADING * max(len(labels), len(why)))
    middle = y + height / 2
    base = middle + _BASELINE
    look: dict[str, svg.Attribute] = {"text_anchor": "end", "font_weight": weight}
    drawn = svg.text_lines(_LABEL, _first(middle, labels), labels, LEADING, font_weight=weight)
    drawn += svg.text(_ARM_1, base, line.arm_1, **look) + svg.text(_ARM_2, base, line.arm_2, **look)
    if line.effect is None:
        return Drawn(drawn + (_why(why, middle, height) if line.told else ""), y + height)
    if line.weight is not None:
        drawn += svg.text(_WEIGHT, base, percent(line.weight, 1), **look)
    drawn += svg.text(_EFFECT, base, line.told, **look, **_narrowed(line.told))
    return Drawn(drawn + mark(plot, middle, line.effect, line.shape, line.weight), y + height)


def _narrowed(told: str) -> dict[str, svg.Attribute]:
    """Draw an effect of many digits smaller, so that it does not run into its weight."""
    width = svg.width_of(told)
    return {"font_size": round(13 * _TOLD_ROOM / width, 1)} if width > _TOLD_ROOM else {}


def _why(why: tuple[str, ...], middle: float, height: float) -> str:
    """Say across the plot why there is nothing to draw; the null line ends only where words are."""
    width = max(svg.width_of(each) for each in why)
    paper = svg.rect(_WHY - 4, middle - height / 2 + 2, width + 8, height - 4, fill=svg.PAPER)
    look: dict[str, svg.Attribute] = {"font_style": "italic", "fill": svg.MUTED}
    return paper + svg.text_lines(_WHY, _first(middle, why), why, LEADING, **look)


def _first(middle: float, lines: tuple[str, ...]) -> float:
    """Return the first baseline of lines centred on a height."""
    return middle + _BASELINE - (len(lines) - 1) * LEADING / 2
