"""The funnel plot: effects against their standard errors, over contours of significance."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.errors import NotEstimable
from analysis.pooling import estimate_of
from analysis.results import Estimate, StudyEffects
from analysis.small_study import ADVISED, require_enough
from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.axis import axis_for
from bot.figures.frame import SMALL, Frame, Point, between, circle, left_axis, span
from bot.figures.marks import Plot, ticks
from bot.results.format import counted, decimal, effect_number
from bot.results.model import ShownEffect

# Two-sided p at the edges of the bands, widest first, and the grey beyond the edge before.
_BANDS = ((0.99, "#e2e7eb"), (0.95, "#b9c2cb"), (0.90, svg.PAPER))
_LEGEND = (("p > 0.10", svg.PAPER), ("p 0.05 to 0.10", "#b9c2cb"), ("p 0.01 to 0.05", "#e2e7eb"))
_LEADING = 16


@dataclass(frozen=True, slots=True)
class _Shape:
    width: float
    height: float
    left: float


_WIDE, _NARROW = _Shape(760, 400, 70), _Shape(360, 300, 44)


def funnel_svg(
    studies: StudyEffects, pooled: Estimate, told: tuple[str, str], *, narrow: bool = False
) -> str:
    """Draw the studies of an analysis around their pooled effect.

    told: the analysis's id and title
    Shades say how significant a study there would be against no effect. Raises NotDrawn below
    three effects; below ten the picture says that it tells little.
    """
    try:
        require_enough(studies)
    except NotEstimable as error:
        raise NotDrawn(error.reason) from error
    shape = _NARROW if narrow else _WIDE
    plot, frame = _scales(studies, pooled, shape)
    drawn = (
        _bands(studies, plot, frame),
        _pooled(studies, pooled, plot, frame),
        _points(studies, plot, frame),
        left_axis(frame, "Standard error (precise studies on top)"),
        ticks(plot, frame.bottom),
    )
    said, height = _words(studies, shape, frame)
    name = f"funnel-{svg.slug(told[0])}{'-narrow' if narrow else ''}"
    title = f"Funnel plot {told[0]}: {told[1]}"
    alternative = (title, _description(studies, pooled))
    return svg.picture(name, shape.width, height, alternative, "".join(drawn) + said)


def _scales(studies: StudyEffects, pooled: Estimate, shape: _Shape) -> tuple[Plot, Frame]:
    deepest = float(studies.variances.max()) ** 0.5
    depth = span(0, deepest * 1.05, 4)
    edges = [_shown(studies, estimate_of(0.0, depth.high, level=_BANDS[0][0]))]
    edges.append(_shown(studies, estimate_of(pooled.value, depth.high, level=0.95)))
    effects = [
        _shown(studies, estimate_of(float(each), deepest, level=0.95)) for each in studies.effects
    ]
    axis = axis_for(str(studies.measure), edges, effects)
    plot = Plot(axis, shape.left, shape.width - 14)
    return plot, Frame(depth, depth, plot.left, 34, plot.right, shape.height - 60, falls=True)


def _shown(studies: StudyEffects, estimate: Estimate) -> ShownEffect:
    numbers = (estimate.value, estimate.ci_lower, estimate.ci_upper)
    return ShownEffect(*(studies.scale.shown(each) for each in numbers))


def _triangle(effect: ShownEffect, plot: Plot, frame: Frame) -> list[Point]:
    """Return a region that opens downwards from its tip at standard error 0."""
    corners = (
        (_x(plot, effect.estimate), frame.top),
        (_x(plot, effect.ci_upper), frame.bottom),
        (_x(plot, effect.ci_lower), frame.bottom),
    )
    return between(corners, plot.left, plot.right)


def _x(plot: Plot, value: float) -> float:
    """Return where a value is drawn, beyond the ends too."""
    return plot.left + max(-99.0, min(99.0, plot.axis.share(value))) * (plot.right - plot.left)


def _bands(studies: StudyEffects, plot: Plot, frame: Frame) -> str:
    drawn = ""
    for level, fill in _BANDS:
        edge = _shown(studies, estimate_of(0.0, frame.y.high, level=level))
        drawn += svg.polygon(_triangle(edge, plot, frame), fill=fill, stroke=svg.RULE)
    x = plot.x(plot.axis.null)
    return drawn + svg.line(x, frame.top, x, frame.bottom, stroke=svg.MUTED)


def _pooled(studies: StudyEffects, pooled: Estimate, plot: Plot, frame: Frame) -> str:
    around = _shown(studies, estimate_of(pooled.value, frame.y.high, level=0.95))
    dashes: dict[str, svg.Attribute] = {"stroke": svg.INK, "stroke_dasharray": "5 3"}
    x = plot.x(around.estimate)
    cone = svg.polygon(_triangle(around, plot, frame), fill="none", **dashes)
    return cone + svg.line(x, frame.top, x, frame.bottom, **dashes)


def _points(studies: StudyEffects, plot: Plot, frame: Frame) -> str:
    drawn = ""
    for effect, variance in zip(studies.effects.tolist(), studies.variances.tolist(), strict=True):
        y = frame.at(0, variance**0.5)[1]
        x = plot.x(studies.scale.shown(effect))
        drawn += circle(x, y, 4.5, fill=svg.ACCENT, stroke=svg.PAPER)
    return drawn


def _words(studies: StudyEffects, shape: _Shape, frame: Frame) -> tuple[str, float]:
    """Write the legend and what to know of the picture; return the height it ends at."""
    y, x = frame.bottom + 40, frame.left
    drawn = svg.text(8, y, str(studies.measure), **SMALL)
    for words, fill in _LEGEND:
        if x + svg.width_of(words, 12) + 22 > shape.width:
            x, y = frame.left, y + 20
        drawn += svg.rect(x, y - 10, 14, 12, fill=fill, stroke=svg.MUTED)
        drawn += svg.text(x + 20, y, words, **SMALL)
        x += svg.width_of(words, 12) + 42
    said = svg.fitting(_note(len(studies)), shape.width - 16, 12)
    drawn += svg.text_lines(8, y + 22, said, _LEADING, **SMALL)
    return drawn, y + 22 + len(said) * _LEADING


def _note(k: int) -> str:
    drawn = (
        "Shades: the p-value a study there has against no effect; beyond them it is below 0.01."
        " Dashed: the pooled effect, and where 95% of studies would lie if they did not differ."
    )
    if k >= ADVISED:
        return drawn
    return f"{drawn} {k} studies: below {ADVISED} a funnel plot tells little."


def _description(studies: StudyEffects, pooled: Estimate) -> str:
    measure, scale = str(studies.measure), studies.scale
    points = "; ".join(
        f"{label}: {measure} {effect_number(scale.shown(effect), measure)},"
        f" standard error {decimal(variance**0.5)}"
        for label, effect, variance in zip(
            studies.labels, studies.effects.tolist(), studies.variances.tolist(), strict=True
        )
    )
    around = effect_number(scale.shown(pooled.value), measure)
    found = counted(len(studies), "study", "studies")
    return f"{found} around a pooled {measure} of {around}. {points}. {_note(len(studies))}"
