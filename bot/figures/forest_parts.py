"""What the wide and the narrow forest plot share: the scale, the axis and the notes below."""

from __future__ import annotations

from dataclasses import dataclass

from bot.figures import svg
from bot.figures.axis import axis_for
from bot.figures.forest_lines import (
    ForestContent,
    ForestLine,
    Shape,
    between_in_words,
    heterogeneity_in_words,
    kind_of_rows,
)
from bot.figures.marks import Plot, ticks
from bot.results.direction import Sides, direction_in_words, sides
from bot.results.model import AnalysisResult, ShownEffect
from bot.results.ways import measure_name, method_in_words
from bot.review.planned import OutcomeKind

LEADING = 15
_NUMBERS = {
    OutcomeKind.EVENTS: "events / people",
    OutcomeKind.CONTINUOUS: "mean (SD), n",
    OutcomeKind.GENERIC: "people",
    OutcomeKind.O_E: "events / people",
    OutcomeKind.RATES: "events in time",
    OutcomeKind.PROPORTION: "events / people",
}
_BOLD: dict[str, svg.Attribute] = {"font_size": 12, "font_weight": 600}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of a picture, and the height at which the next may begin."""

    markup: str
    bottom: float


def plot_of(content: ForestContent, left: float, right: float) -> Plot:
    """Put the scale that the lines need between two ends."""
    whole = (*content.summaries, *(each for each in content.studies if each.shape is Shape.DIAMOND))
    single = tuple(each for each in content.studies if each.shape is not Shape.DIAMOND)
    return Plot(axis_for(content.result.measure, _effects(whole), _effects(single)), left, right)


def name_of(line: ForestLine) -> str:
    """Return a line's label, a new study marked."""
    return f"{line.label} (new)" if line.is_new else line.label


def numbers_in_words(result: AnalysisResult) -> str:
    """Say what the numbers of an arm are."""
    return _NUMBERS[kind_of_rows(result)]


def foot(result: AnalysisResult, plot: Plot, y: float) -> Drawn:
    """Draw the axis, and under it which arm each side favours."""
    found = sides(result)
    words = _direction(result, plot, y) if found is None else _favours(found, plot, y)
    return Drawn(ticks(plot, y) + words.markup, words.bottom)


def notes(result: AnalysisResult, x: float, y: float, room: float) -> Drawn:
    """Write method and heterogeneity."""
    sentences = (
        f"{measure_name(result.measure)}, {method_in_words(result)}.",
        heterogeneity_in_words(result),
        between_in_words(result),
        *result.cautions,
        *_footnotes(result),
    )
    said = tuple(line for each in sentences if each for line in svg.fitting(each, room, 12))
    drawn = svg.text_lines(x, y, said, LEADING, font_size=12, fill=svg.MUTED)
    return Drawn(drawn, y + len(said) * LEADING)


def _footnotes(result: AnalysisResult) -> tuple[str, ...]:
    """Say what was done with the numbers of single rows."""
    found: dict[str, list[str]] = {}
    for row in result.rows:
        for note in row.notes:
            found.setdefault(note, []).append(row.label)
    return tuple(f"{', '.join(labels)}: {note}." for note, labels in found.items())


def _effects(lines: tuple[ForestLine, ...]) -> list[ShownEffect]:
    return [each.effect for each in lines if each.effect is not None]


def _favours(found: Sides, plot: Plot, y: float) -> Drawn:
    null = plot.x(plot.axis.null)
    room = null - plot.left - 22
    left, right = (
        svg.fitting(f"Favours {each}", room, 12, bold=True) for each in (found.below, found.above)
    )
    drawn = (
        svg.text_lines(null - 10, y + 38, left, LEADING, text_anchor="end", **_BOLD),
        svg.text_lines(null + 10, y + 38, right, LEADING, **_BOLD),
        svg.line(null, y + 26, null, y + 42, stroke=svg.RULE),
        svg.arrow_head(plot.left, y + 34, "left", 7),
        svg.arrow_head(plot.right, y + 34, "right", 7),
    )
    return Drawn("".join(drawn), y + 36 + max(len(left), len(right)) * LEADING)


def _direction(result: AnalysisResult, plot: Plot, y: float) -> Drawn:
    """Write a direction that names no side, as the protocol says it."""
    said = svg.fitting(direction_in_words(result), plot.right - plot.left, 12)
    middle = (plot.left + plot.right) / 2
    drawn = svg.text_lines(middle, y + 38, said, LEADING, text_anchor="middle", **_BOLD)
    return Drawn(drawn, y + 36 + len(said) * LEADING)
