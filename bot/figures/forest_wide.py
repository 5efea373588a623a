"""The forest plot for a page: a line to a study, numbers beside the plot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.figures import svg
from bot.figures.forest_lines import ForestContent, ForestLine, Shape, is_continuous
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
_WEIGHT_ROOM, _EFFECT_ROOM = 60.0, 190.0
_TOLD_ROOM = 176.0  # of an effect beside its weight
_PLOT_RIGHT = 962.0
_WHY_RIGHT = 962.0  # a line without an effect says why across the plot
_SIZE = 13
_DIGIT = 0.61  # the advance of a figure in the widest of the fonts, as a share of its size


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns end, and where the plot begins."""

    arm_1: float
    arm_2: float
    arm_room: float
    weight: float
    effect: float
    plot: float

    @property
    def why(self) -> float:
        return self.weight + 46


_OF_COUNTS = _Columns(268, 380, 104, 446, 646, 672)
_OF_MEANS = _Columns(296, 430, 126, 492, 690, 714)  # a mean, its SD and its people are longer


@dataclass(frozen=True, slots=True)
class _Heading:
    x: float
    room: float
    name: str
    below: str = ""
    anchor: str = "end"

    @property
    def lines(self) -> tuple[str, ...]:
        return svg.fitting(self.name, self.room, bold=True)

    @property
    def depth(self) -> int:
        return len(self.lines) + bool(self.below)


def wide(content: ForestContent) -> tuple[float, Drawn]:
    """Draw the plot; return its width, and the drawing with its height."""
    at = _OF_MEANS if is_continuous(content.result) else _OF_COUNTS
    plot = plot_of(content, at.plot, _PLOT_RIGHT)
    head = _headings(content.result, at)
    studies = _below(content.studies, head.bottom, plot, at)
    rule = svg.line(_LABEL, studies.bottom + 4, _WIDTH - 8, studies.bottom + 4, stroke=svg.RULE)
    summaries = _below(content.summaries, studies.bottom + 8, plot, at)
    axis_y = summaries.bottom + 6
    axis = foot(content.result, plot, axis_y)
    said = notes(content.result, _LABEL, axis_y + 16, at.plot - 30)
    null = null_line(plot, head.bottom - 4, axis_y)
    parts = (null, head.markup, studies.markup, rule, summaries.markup, axis.markup, said.markup)
    return _WIDTH, Drawn("".join(parts), max(axis.bottom, said.bottom))


def _headings(result: AnalysisResult, at: _Columns) -> Drawn:
    numbers = numbers_in_words(result)
    headings = (
        _Heading(_LABEL, _LABEL_ROOM, "Study", anchor="start"),
        _Heading(at.arm_1, at.arm_room, result.arm_1_label, numbers),
        _Heading(at.arm_2, at.arm_room, result.arm_2_label, numbers if result.arm_2_label else ""),
        _Heading(at.weight, _WEIGHT_ROOM, "Weight"),
        _Heading(at.effect, _EFFECT_ROOM, _effect_heading(result)),
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


def _below(lines: tuple[ForestLine, ...], y: float, plot: Plot, at: _Columns) -> Drawn:
    """Draw lines one under another from y down."""
    drawn = []
    for each in lines:
        one = _line(each, y, plot, at)
        drawn.append(one.markup)
        y = one.bottom
    return Drawn("".join(drawn), y)


def _line(line: ForestLine, y: float, plot: Plot, at: _Columns) -> Drawn:
    bold = line.is_new or line.shape in (Shape.DIAMOND, Shape.HEADING)
    weight = 600 if bold else 400
    room = _LABEL_ROOM if line.arm_1 else at.weight - _LABEL
    labels = svg.fitting(name_of(line), room, bold=bold)
    why = () if line.effect else svg.fitting(line.told, _WHY_RIGHT - at.why)
    height = max(_ROW, 12 + LEADING * max(len(labels), len(why)))
    middle = y + height / 2
    base = middle + _BASELINE
    look: dict[str, svg.Attribute] = {"text_anchor": "end", "font_weight": weight}
    drawn = svg.text_lines(_LABEL, _first(middle, labels), labels, LEADING, font_weight=weight)
    for x, arm in ((at.arm_1, line.arm_1), (at.arm_2, line.arm_2)):
        drawn += svg.text(x, base, arm, **look, **_narrowed(arm, at.arm_room, _DIGIT))
    if line.effect is None:
        return Drawn(drawn + (_why(why, middle, height, at) if line.told else ""), y + height)
    if line.weight is not None:
        drawn += svg.text(at.weight, base, percent(line.weight, 1), **look)
    drawn += svg.text(at.effect, base, line.told, **look, **_narrowed(line.told, _TOLD_ROOM))
    return Drawn(drawn + mark(plot, middle, line.effect, line.shape, line.weight), y + height)


def _narrowed(told: str, room: float, letter: float | None = None) -> dict[str, svg.Attribute]:
    """Draw numbers of many digits smaller, so that they do not run into the next column."""
    width = svg.width_of(told) if letter is None else len(told) * _SIZE * letter
    return {"font_size": round(_SIZE * room / width, 1)} if width > room else {}


def _why(why: tuple[str, ...], middle: float, height: float, at: _Columns) -> str:
    """Say across the plot why there is nothing to draw; the null line ends only where words are."""
    width = max(svg.width_of(each) for each in why)
    paper = svg.rect(at.why - 4, middle - height / 2 + 2, width + 8, height - 4, fill=svg.PAPER)
    look: dict[str, svg.Attribute] = {"font_style": "italic", "fill": svg.MUTED}
    return paper + svg.text_lines(at.why, _first(middle, why), why, LEADING, **look)


def _first(middle: float, lines: tuple[str, ...]) -> float:
    """Return the first baseline of lines centred on a height."""
    return middle + _BASELINE - (len(lines) - 1) * LEADING / 2
