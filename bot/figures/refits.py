"""Plots of an analysis pooled again and again: without each study, or as the studies came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.axis import axis_for
from bot.figures.forest_lines import ForestLine, Shape, told
from bot.figures.forest_parts import LEADING, Drawn, foot
from bot.figures.frame import SMALL
from bot.figures.marks import Plot, is_clipped, mark, null_line
from bot.results.direction import no_effect
from bot.results.format import interval, level_in_words
from bot.results.model import AnalysisResult, Refit, ShownEffect


class RefitKind(StrEnum):
    """Which studies each line pools."""

    LEAVE_ONE_OUT = "leave one out"
    CUMULATIVE = "cumulative"


_TITLES = {
    RefitKind.LEAVE_ONE_OUT: "Without each study in turn",
    RefitKind.CUMULATIVE: "As it grew",
}
_PREFIXES = {RefitKind.LEAVE_ONE_OUT: "Without ", RefitKind.CUMULATIVE: "+ "}
_HEADS = {RefitKind.LEAVE_ONE_OUT: "Left out", RefitKind.CUMULATIVE: "Study added"}
_TURNS = "\N{DOUBLE DAGGER}"
_TURNED = f"{_TURNS} lies otherwise to no effect than the result of all studies."
_NOTE = "Upright dashes: the result of all studies."


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths; in a narrow layout the words of a line stand above its mark."""

    width: float
    label_room: float
    effect_x: float
    left: float
    right: float
    stacked: bool


_WIDE = _Layout(980, 300, 560, 600, 962, stacked=False)
_NARROW = _Layout(360, 190, 346, 14, 346, stacked=True)


def refits_svg(
    result: AnalysisResult, refits: Sequence[Refit], kind: RefitKind, *, narrow: bool = False
) -> str:
    """Draw pooled effects of some of the studies above the result of all of them.

    Raises NotDrawn where there are fewer than two, or none has an effect.
    """
    if len(refits) < 2:
        raise NotDrawn(f"{len(refits)} with numbers in both arms, 2 studies needed")
    if all(each.effect is None for each in refits):
        raise NotDrawn("no choice of studies has an effect")
    layout = _NARROW if narrow else _WIDE
    lines = _lines(result, refits, kind)
    drawn = _draw(result, lines, kind, layout)
    name = f"{svg.slug(kind)}-{svg.slug(result.id)}{'-narrow' if narrow else ''}"
    title = f"{_TITLES[kind]}, {result.id}: {result.outcome_label}, {result.comparison_label}"
    said = "; ".join(f"{each.label}: {each.told}" for each in lines)
    alternative = (title, f"{result.measure}. {said}. {_note(lines, _NARROW)}")
    return svg.picture(name, layout.width, drawn.bottom, alternative, drawn.markup)


def turning(result: AnalysisResult, refits: Sequence[Refit]) -> tuple[str, ...]:
    """Name the lines that lie otherwise to no effect than the result of all studies."""
    whole = _side(result.effect, result.measure)
    return tuple(each.label for each in refits if _side(each.effect, result.measure) != whole)


def _lines(
    result: AnalysisResult, refits: Sequence[Refit], kind: RefitKind
) -> tuple[ForestLine, ...]:
    turned = turning(result, refits)
    rows = [
        ForestLine(
            f"{_PREFIXES[kind]}{each.label}" + (f" {_TURNS}" if each.label in turned else ""),
            _told(each, result.measure),
            each.effect,
            Shape.HOLLOW,
        )
        for each in refits
    ]
    if kind is RefitKind.CUMULATIVE:
        return (*rows[:-1], replace(rows[-1], shape=Shape.DIAMOND))
    return (*rows, ForestLine("All studies", told(result), result.effect, Shape.DIAMOND))


def _told(refit: Refit, measure: str) -> str:
    if refit.effect is None:
        return f"not estimable: {refit.why}"
    return interval(refit.effect, measure)


def _side(effect: ShownEffect | None, measure: str) -> str | None:
    """Tell on which side of no effect the whole interval lies."""
    if effect is None:
        return None
    null = no_effect(measure)
    if effect.ci_lower > null:
        return "above"
    return "below" if effect.ci_upper < null else "open"


def _draw(
    result: AnalysisResult, lines: tuple[ForestLine, ...], kind: RefitKind, layout: _Layout
) -> Drawn:
    effects = [each.effect for each in lines if each.effect is not None]
    plot = Plot(axis_for(result.measure, effects, ()), layout.left, layout.right)
    head = _heading(result, kind, layout)
    y, drawn = head.bottom, []
    for each in lines:
        if each is lines[-1]:
            drawn.append(svg.line(8, y, layout.width - 8, y, stroke=svg.RULE))
        one = _line(each, y, plot, layout)
        drawn.append(one.markup)
        y = one.bottom
    guide = _guides(result, plot, head.bottom, y) if not layout.stacked else ""
    axis = foot(result, plot, y + 4)
    said = svg.fitting(_note(lines, layout) + _clipped(plot, effects), layout.width - 16, 12)
    words = svg.text_lines(8, axis.bottom + 12, said, LEADING, **SMALL)
    height = axis.bottom + 12 + len(said) * LEADING
    return Drawn("".join((guide, head.markup, *drawn, axis.markup, words)), height)


def _note(lines: tuple[ForestLine, ...], layout: _Layout) -> str:
    turned = any(each.label.endswith(_TURNS) for each in lines)
    said = (_TURNED if turned else "", "" if layout.stacked else _NOTE)
    return " ".join(each for each in said if each)


def _clipped(plot: Plot, effects: list[ShownEffect]) -> str:
    if any(is_clipped(plot, each) for each in effects):
        return " An arrow: the interval runs beyond the scale."
    return ""


def _heading(result: AnalysisResult, kind: RefitKind, layout: _Layout) -> Drawn:
    look: dict[str, svg.Attribute] = {"font_weight": 600}
    effect = f"{result.measure} ({level_in_words(result.level)} CI)"
    drawn = svg.text(8, 16, _HEADS[kind], **look)
    drawn += svg.text(layout.effect_x, 16, effect, text_anchor="end", **look)
    return Drawn(drawn + svg.line(8, 25, layout.width - 8, 25), 31)


def _guides(result: AnalysisResult, plot: Plot, top: float, bottom: float) -> str:
    drawn = null_line(plot, top, bottom + 4)
    if result.effect is None or not plot.shows(result.effect.estimate):
        return drawn
    x = plot.x(result.effect.estimate)
    return drawn + svg.line(x, top, x, bottom, stroke=svg.MUTED, stroke_dasharray="3 3")


def _line(line: ForestLine, y: float, plot: Plot, layout: _Layout) -> Drawn:
    look: dict[str, svg.Attribute] = {
        "font_weight": 600 if line.shape is Shape.DIAMOND or line.label.endswith(_TURNS) else 400
    }
    labels = svg.fitting(line.label, layout.label_room)
    base = y + LEADING
    drawn = svg.text_lines(8, base, labels, LEADING, **look)
    bottom = base + (len(labels) - 1) * LEADING
    if line.effect is None:
        return _without_effect(line, drawn, bottom, layout)
    drawn += svg.text(layout.effect_x, base, line.told, text_anchor="end", **look)
    middle = bottom + 14 if layout.stacked else (base + bottom) / 2 - 4.5
    if layout.stacked:
        drawn += null_line(plot, middle - 9, middle + 11)
    drawn += mark(plot, middle, line.effect, line.shape, None)
    return Drawn(drawn, middle + 16 if layout.stacked else bottom + 11)


def _without_effect(line: ForestLine, drawn: str, bottom: float, layout: _Layout) -> Drawn:
    """Say why there is nothing to draw, on paper that hides the lines behind."""
    look: dict[str, svg.Attribute] = {"font_style": "italic", "fill": svg.MUTED}
    if layout.stacked:
        why = svg.fitting(line.told, layout.width - 22)
        words = svg.text_lines(8, bottom + LEADING, why, LEADING, **look)
        return Drawn(drawn + words, bottom + len(why) * LEADING + 8)
    left = layout.label_room + 40
    why = svg.fitting(line.told, layout.right - left)
    height = len(why) * LEADING
    paper = svg.rect(left - 4, bottom - 13, layout.right - left + 4, height + 4, fill=svg.PAPER)
    words = svg.text_lines(left, bottom, why, LEADING, **look)
    return Drawn(drawn + paper + words, bottom + height - 4)
