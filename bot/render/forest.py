"""Draw an analysis as a forest plot: wide for a page, narrow for a phone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.assemble import AnalysisResult, Interval
from bot.render import svg
from bot.render.axis import axis_for
from bot.render.direction import direction_in_words, sides
from bot.render.forest_lines import (
    ForestLine,
    Shape,
    heterogeneity_in_words,
    is_continuous,
    method_in_words,
    study_lines,
    summary_lines,
)
from bot.render.format import percent
from bot.render.marks import Plot, is_clipped, mark, null_line, ticks

_ROW = 27
_LEADING = 15


@dataclass(frozen=True, slots=True)
class _Wide:
    """The columns of the wide layout, in units of its view box."""

    width: float = 980
    label: float = 8
    label_room: float = 178
    arm_1: float = 268
    arm_2: float = 372
    arm_room: float = 96
    weight: float = 452
    effect: float = 640
    plot_left: float = 668
    plot_right: float = 962


_WIDE = _Wide()
_NARROW_WIDTH = 360
_NARROW_MARGIN = 14


@dataclass(frozen=True, slots=True)
class _Content:
    result: AnalysisResult
    studies: tuple[ForestLine, ...]
    summaries: tuple[ForestLine, ...]

    @property
    def lines(self) -> tuple[ForestLine, ...]:
        return self.studies + self.summaries


def forest_svg(
    result: AnalysisResult, previous: AnalysisResult | None = None, *, narrow: bool = False
) -> str:
    """Draw an analysis: its studies, then computed, paired, published and previous results.

    previous: the same analysis in the version before; its studies tell which are new.
    narrow: a layout 360 units wide, two lines of text to a study, for a phone.
    """
    content = _Content(result, study_lines(result, previous), summary_lines(result, previous))
    width, height, body = _narrow(content) if narrow else _wide(content)
    name = f"forest-{svg.slug(result.id)}{'-narrow' if narrow else ''}"
    title = f"Forest plot {result.id}: {result.outcome_label}, {result.comparison_label}"
    return svg.picture(name, width, height, (title, _description(content)), body)


def clipped_labels(result: AnalysisResult, previous: AnalysisResult | None = None) -> list[str]:
    """Name the lines whose interval runs beyond the axis of the plot."""
    content = _Content(result, study_lines(result, previous), summary_lines(result, previous))
    plot = _plot(content, 0, 1)
    return [
        each.label
        for each in content.lines
        if each.effect is not None and is_clipped(plot, each.effect)
    ]


def _plot(content: _Content, left: float, right: float) -> Plot:
    pooled, single = (_effects(each) for each in (content.summaries, content.studies))
    return Plot(axis_for(content.result.measure, pooled, single), left, right)


def _effects(lines: tuple[ForestLine, ...]) -> list[Interval]:
    return [each.effect for each in lines if each.effect is not None]


def _wide(content: _Content) -> tuple[float, float, str]:
    plot = _plot(content, _WIDE.plot_left, _WIDE.plot_right)
    head, top = _wide_head(content.result)
    body = [head]
    y = top
    for each in content.studies:
        drawn, used = _wide_line(each, y, plot)
        body.append(drawn)
        y += used
    y += 4
    body.append(svg.line(_WIDE.label, y, _WIDE.width - 8, y, stroke=svg.RULE))
    y += 4
    for each in content.summaries:
        drawn, used = _wide_line(each, y, plot)
        body.append(drawn)
        y += used
    foot, end = _foot(content.result, plot, y + 6)
    notes, end = _notes(content.result, _WIDE.label, y + 22, _WIDE.plot_left - 30, end)
    return _WIDE.width, end, null_line(plot, top - 4, y + 6) + "".join(body) + foot + notes


def _wide_head(result: AnalysisResult) -> tuple[str, float]:
    numbers = "mean (SD), n" if is_continuous(result) else "events / people"
    columns = (
        (_WIDE.arm_1, _WIDE.arm_room, result.arm_1_label, numbers, "end"),
        (_WIDE.arm_2, _WIDE.arm_room, result.arm_2_label, numbers, "end"),
        (_WIDE.weight, 60, "Weight", "", "end"),
        (_WIDE.effect, 150, f"{result.measure} (95% CI)", "", "end"),
        (_WIDE.label, _WIDE.label_room, "Study", "", "start"),
    )
    wrapped = [(svg.fitting(name, room), each) for each in columns for room, name in [each[1:3]]]
    deepest = max(len(lines) + bool(each[3]) for lines, each in wrapped)
    drawn = []
    for lines, (x, _, _, sub, anchor) in wrapped:
        y = 16 + (deepest - len(lines) - bool(sub)) * _LEADING
        drawn.append(svg.text_lines(x, y, lines, _LEADING, text_anchor=anchor, font_weight=600))
        if sub:
            below = y + len(lines) * _LEADING
            drawn.append(svg.text(x, below, sub, text_anchor=anchor, font_size=11, fill=svg.MUTED))
    rule = 16 + (deepest - 1) * _LEADING + 9
    drawn.append(svg.line(_WIDE.label, rule, _WIDE.width - 8, rule, stroke=svg.INK))
    return "".join(drawn), rule + 6


def _wide_line(each: ForestLine, y: float, plot: Plot) -> tuple[str, float]:
    """Draw a line below y; return it with the height it took."""
    is_study = each.shape is Shape.SQUARE
    has_arms = bool(each.arm_1)
    label_room = _WIDE.label_room if has_arms else _WIDE.weight - _WIDE.label
    weight = 600 if each.is_new or each.shape is Shape.DIAMOND else 400
    labels = svg.fitting(each.label + (" (new)" if each.is_new else ""), label_room)
    told_room = _WIDE.plot_right - _WIDE.weight - 40
    told = (each.told,) if each.effect else svg.fitting(each.told, told_room)
    height = max(_ROW, 12 + _LEADING * max(len(labels), len(told)))
    middle = y + height / 2
    drawn = svg.text_lines(
        _WIDE.label, _first(middle, labels), labels, _LEADING, font_weight=weight
    )
    drawn += svg.text(_WIDE.arm_1, middle + 4.5, each.arm_1, text_anchor="end", font_weight=weight)
    drawn += svg.text(_WIDE.arm_2, middle + 4.5, each.arm_2, text_anchor="end", font_weight=weight)
    if each.effect is None:
        x = _WIDE.weight + 40
        look: dict[str, svg.Attribute] = {"font_style": "italic", "fill": svg.MUTED}
        backing = svg.rect(x - 4, y + 2, told_room + 8, height - 4, fill=svg.PAPER)
        return drawn + backing + svg.text_lines(
            x, _first(middle, told), told, _LEADING, **look
        ), height
    if is_study:
        share = "" if each.weight is None else percent(each.weight, 1)
        drawn += svg.text(_WIDE.weight, middle + 4.5, share, text_anchor="end")
    drawn += svg.text(_WIDE.effect, middle + 4.5, each.told, text_anchor="end", font_weight=weight)
    return drawn + mark(plot, middle, each.effect, each.shape, each.weight), height


def _first(middle: float, lines: tuple[str, ...]) -> float:
    """Return the first baseline of lines centred on a height."""
    return middle + 4.5 - (len(lines) - 1) * _LEADING / 2


def _narrow(content: _Content) -> tuple[float, float, str]:
    left, right = _NARROW_MARGIN, _NARROW_WIDTH - _NARROW_MARGIN
    plot = _plot(content, left, right)
    result = content.result
    arms = f"Numbers: {result.arm_1_label} v {result.arm_2_label}"
    numbers = "mean (SD), n" if is_continuous(result) else "events / people"
    heads = svg.fitting(f"{arms}, {numbers}", right - left, 12)
    body = svg.text_lines(left, 16, heads, _LEADING, font_size=12, fill=svg.MUTED)
    y = 16.0 + len(heads) * _LEADING
    for each in content.lines:
        drawn, used = _narrow_line(each, y, plot)
        body += drawn + svg.line(left, y - 2, right, y - 2, stroke=svg.RULE)
        y += used
    foot, end = _foot(result, plot, y + 4)
    notes, end = _notes(result, left, end + 10, right - left, end)
    return _NARROW_WIDTH, end, body + foot + notes


def _narrow_line(each: ForestLine, y: float, plot: Plot) -> tuple[str, float]:
    room = plot.right - plot.left
    weight = 600 if each.is_new or each.shape is not Shape.SQUARE else 500
    told_room = len(each.told) * 13 * 0.54 if each.effect else 0
    labels = svg.fitting(
        each.label + (" (new)" if each.is_new else ""), max(room - told_room - 12, 90)
    )
    drawn = svg.text_lines(plot.left, y + 15, labels, _LEADING, font_weight=weight)
    if each.effect:
        drawn += svg.text(plot.right, y + 15, each.told, text_anchor="end", font_weight=weight)
    y_used = 15 + len(labels) * _LEADING
    below = _narrow_numbers(each, room)
    look: dict[str, svg.Attribute] = {"font_size": 12, "fill": svg.MUTED}
    drawn += svg.text_lines(plot.left, y + y_used, below, _LEADING, **look)
    y_used += len(below) * _LEADING
    if each.effect is None:
        return drawn, y_used - 2
    middle = y + y_used + 1
    drawn += null_line(plot, middle - 10, middle + 10)
    return drawn + mark(plot, middle, each.effect, each.shape, each.weight), y_used + 16


def _narrow_numbers(each: ForestLine, room: float) -> tuple[str, ...]:
    parts = [f"{each.arm_1} v {each.arm_2}"] if each.arm_1 else []
    if each.weight is not None and each.effect is not None:
        parts.append(f"weight {percent(each.weight, 1)}")
    if each.effect is None:
        parts.append(each.told)
    return svg.fitting(" · ".join(parts), room, 12) if parts else ()


def _foot(result: AnalysisResult, plot: Plot, y: float) -> tuple[str, float]:
    """Draw the axis and which arm each side favours; return where the picture may end."""
    found = sides(result)
    look: dict[str, svg.Attribute] = {"font_size": 12, "font_weight": 600}
    if found is None:
        middle = (plot.left + plot.right) / 2
        said = svg.fitting(direction_in_words(result), plot.right - plot.left, 12)
        words = svg.text_lines(middle, y + 36, said, _LEADING, text_anchor="middle", **look)
        return ticks(plot, y) + words, y + 40 + len(said) * _LEADING
    null = plot.x(plot.axis.null)
    room = null - plot.left - 22
    left, right = (svg.fitting(f"Favours {each}", room, 12) for each in (found.below, found.above))
    words = svg.text_lines(null - 10, y + 38, left, _LEADING, text_anchor="end", **look)
    words += svg.text_lines(null + 10, y + 38, right, _LEADING, **look)
    words += svg.line(null, y + 26, null, y + 42, stroke=svg.RULE)
    words += svg.arrow_head(plot.left, y + 34, "left", 7)
    words += svg.arrow_head(plot.right, y + 34, "right", 7)
    return ticks(plot, y) + words, y + 36 + max(len(left), len(right)) * _LEADING


def _notes(
    result: AnalysisResult, x: float, y: float, room: float, end: float
) -> tuple[str, float]:
    """Write method and heterogeneity below; return where the picture then ends."""
    said = (
        *svg.fitting(f"{result.measure}, {method_in_words(result)}.", room, 12),
        *svg.fitting(heterogeneity_in_words(result), room, 12),
    )
    drawn = svg.text_lines(x, y, said, _LEADING, font_size=12, fill=svg.MUTED)
    return drawn, max(end, y + len(said) * _LEADING)


def _description(content: _Content) -> str:
    """Say the whole picture in words."""
    result = content.result
    told = "; ".join(_told(each) for each in content.lines)
    return f"{result.measure}, {direction_in_words(result)}. {told}."


def _told(each: ForestLine) -> str:
    arms = f"{each.arm_1} v {each.arm_2}, " if each.arm_1 else ""
    share = "" if each.weight is None else f", weight {percent(each.weight, 1)}"
    return f"{each.label}: {arms}{each.told}{share}"
