"""Draw an analysis as a forest plot: wide for a page, narrow for a phone."""

from __future__ import annotations

from bot.figures import forest_narrow, forest_wide, svg
from bot.figures.forest_lines import ForestContent, ForestLine, Shape, forest_content
from bot.figures.forest_parts import plot_of
from bot.figures.marks import is_clipped
from bot.results.direction import direction_in_words
from bot.results.format import percent
from bot.results.model import AnalysisResult
from bot.results.ways import measure_name


def forest_svg(
    result: AnalysisResult, previous: AnalysisResult | None = None, *, narrow: bool = False
) -> str:
    """Draw an analysis: its studies, then computed, paired, published and previous results.

    previous: the same analysis in the version before; its studies tell which are new.
    narrow: a layout 360 units wide, two lines of text to a study, for a phone.
    """
    content = forest_content(result, previous)
    width, drawn = (forest_narrow.narrow if narrow else forest_wide.wide)(content)
    name = f"forest-{svg.slug(result.id)}{'-narrow' if narrow else ''}"
    title = f"Forest plot {result.id}: {result.outcome_label}, {result.comparison_label}"
    return svg.picture(name, width, drawn.bottom, (title, _description(content)), drawn.markup)


def clipped_labels(result: AnalysisResult, previous: AnalysisResult | None = None) -> list[str]:
    """Name the lines whose interval runs beyond the axis of the plot."""
    content = forest_content(result, previous)
    plot = plot_of(content, 0, 1)
    return [
        each.label
        for each in content.lines
        if each.effect is not None and is_clipped(plot, each.effect)
    ]


def _description(content: ForestContent) -> str:
    """Say the whole picture in words."""
    result = content.result
    told = "; ".join(_told(each) for each in content.lines if each.shape is not Shape.HEADING)
    head = ", ".join(filter(None, [measure_name(result.measure), direction_in_words(result)]))
    return f"{head}. {told}."


def _told(each: ForestLine) -> str:
    arms = " v ".join(filter(None, [each.arm_1, each.arm_2]))
    arms = f"{arms}, " if each.arm_1 else ""
    share = "" if each.weight is None else f", weight {percent(each.weight, 1)}"
    return f"{each.label}: {arms}{each.told}{share}"
