"""Plain forest and funnel plots as SVG, for a notebook; a report has its own, with what it adds.

Everything is drawn on the pooled scale, so that the intervals of ratios are symmetrical, and
labelled on the reader's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from analysis.errors import NotEstimable
from analysis.planned_analysis import Group, MetaAnalysis, MetaRow
from analysis.results import Estimate, Limits, Measure, Scale

ROW, TOP, SIDE, PLOT = 22.0, 34.0, 250.0, 320.0
WIDTH = SIDE + PLOT + 230.0
INK, QUIET, POOLED = "#1a1a1a", "#767676", "#0b5563"
# The widest interval that sets the axis: one that is wider is cut, with an arrow.
WIDEST_OF_USUAL = 3.0
TICKS = 5
OF_ONE_GROUP = frozenset(
    {
        Measure.PROPORTION,
        Measure.LOG_PROPORTION,
        Measure.LOGIT_PROPORTION,
        Measure.ARCSINE_PROPORTION,
        Measure.FREEMAN_TUKEY_PROPORTION,
    }
)


class Drawing(str):
    """The text of an SVG, which a notebook shows as a picture; write it to a file to keep it."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class EffectAxis:
    """Where values of the pooled scale stand across the plot."""

    low: float
    high: float
    scale: Scale

    def x(self, value: float) -> float:
        """Return the place of a value, at the edge where it lies beyond."""
        share = (value - self.low) / (self.high - self.low)
        return SIDE + PLOT * min(max(share, 0.0), 1.0)

    def cuts(self, value: float) -> bool:
        """Whether a value lies beyond the plot."""
        return not self.low <= value <= self.high

    def ticks(self) -> list[float]:
        """Return some five round values of the reader's scale, on the pooled one."""
        if self.scale is Scale.LOG:
            return _log_ticks(self.low, self.high)
        return _even_ticks(self.low, self.high)


def forest_drawing(found: MetaAnalysis, name: str) -> Drawing:
    """Return the forest plot of an analysis. name: what the measure is called."""
    axis = _axis(found)
    parts, y = [_heading(found, name)], TOP
    for label, rows, group in _blocks(found):
        if label:
            y += ROW
            parts.append(_text(8, y, label, weight="bold"))
        for row in rows:
            y += ROW
            parts.append(_study(found, row, y, axis))
        if group is not None:
            y += ROW
            parts.append(_pooled(found, group, y, axis))
    overall = found.overall
    if overall is not None and overall.prediction is not None:
        y += ROW
        parts.append(_prediction(found, overall.prediction, y, axis))
    parts.append(_scale_line(axis, y + ROW))
    return _picture(f"Forest plot: {name}", WIDTH, y + 3 * ROW, parts)


def _blocks(found: MetaAnalysis) -> list[tuple[str, list[MetaRow], Group | None]]:
    """Return each subgroup with its rows and result, and last what all came to."""
    if not found.subgroups:
        return [("", list(found.rows), found.overall)]
    blocks: list[tuple[str, list[MetaRow], Group | None]] = [
        (group.label, [row for row in found.rows if row.subgroup == group.label], group)
        for group in found.subgroups
    ]
    return [*blocks, ("", [], found.overall)]


def _axis(found: MetaAnalysis) -> EffectAxis:
    """Return an axis that holds no effect, all estimates and the usual of the intervals."""
    shown = [row.estimate for row in found.rows if row.estimate is not None]
    pooled = _pooled_estimates(found)
    widths = [each.ci_upper - each.ci_lower for each in shown or pooled] or [1.0]
    usual = WIDEST_OF_USUAL * median(widths)
    ends = [end for each in (*shown, *pooled) for end in _ends(each, usual)]
    finite = [end for end in (*ends, *_predicted(found), *_null(found)) if math.isfinite(end)]
    low, high = min(finite, default=-1.0), max(finite, default=1.0)
    room = 0.04 * (high - low) or 1.0
    return EffectAxis(low - room, high + room, found.scale)


def _pooled_estimates(found: MetaAnalysis) -> list[Estimate]:
    groups = [group for group in (found.overall, *found.subgroups) if group is not None]
    return [group.estimate for group in groups if group.estimate is not None]


def _predicted(found: MetaAnalysis) -> tuple[float, ...]:
    limits = found.overall.prediction if found.overall is not None else None
    return () if limits is None else (limits.lower, limits.upper)


def _null(found: MetaAnalysis) -> tuple[float, ...]:
    """Return where no effect lies: 0 on the pooled scale of contrasts, nowhere for one group."""
    return () if found.plan.measure in OF_ONE_GROUP else (0.0,)


def _ends(each: Estimate, usual: float) -> tuple[float, ...]:
    wide = each.ci_upper - each.ci_lower > usual
    return (each.value,) if wide else (each.ci_lower, each.ci_upper)


def _heading(found: MetaAnalysis, name: str) -> str:
    level = f"{name} ({100 * found.plan.level:g}% CI)"
    return "".join(
        (
            _text(8, TOP - 6, "Study", weight="bold"),
            _text(SIDE + PLOT + 14, TOP - 6, level, weight="bold"),
        )
    )


def _study(found: MetaAnalysis, row: MetaRow, y: float, axis: EffectAxis) -> str:
    label = _text(8, y, row.label)
    if row.estimate is None:
        return label + _text(SIDE + PLOT + 14, y, f"not estimable: {row.left_out}", fill=QUIET)
    side = 4 + 10 * math.sqrt(row.weight or 0.0)
    x = axis.x(row.estimate.value)
    square = _rect(x - side / 2, y - 4 - side / 2, side, side)
    told = _told(found, row.estimate)
    interval = _interval(row.estimate.ci_lower, row.estimate.ci_upper, y, axis)
    return label + interval + square + _text(SIDE + PLOT + 14, y, told)


def _interval(lower: float, upper: float, y: float, axis: EffectAxis, **look: str) -> str:
    """Return a line between two values, with an arrow where it goes on beyond the plot."""
    left, right, middle = axis.x(lower), axis.x(upper), y - 4
    arrows = [
        _polygon([(x, middle), (x - to * 6, middle - 3.5), (x - to * 6, middle + 3.5)])
        for value, x, to in ((lower, left, -1), (upper, right, 1))
        if axis.cuts(value)
    ]
    return _line(left, middle, right, middle, **look) + "".join(arrows)


def _pooled(found: MetaAnalysis, group: Group, y: float, axis: EffectAxis) -> str:
    label = _text(8, y, f"Pooled ({group.studies})", weight="bold")
    if group.estimate is None:
        return label + _text(SIDE + PLOT + 14, y, f"none: {group.why}", fill=QUIET)
    each, middle = group.estimate, y - 4
    ends = [(axis.x(each.ci_lower), middle), (axis.x(each.ci_upper), middle)]
    tips = [(axis.x(each.value), middle - 6), (axis.x(each.value), middle + 6)]
    diamond = _polygon([ends[0], tips[0], ends[1], tips[1]], fill=POOLED)
    return label + diamond + _text(SIDE + PLOT + 14, y, _told(found, each), weight="bold")


def _prediction(found: MetaAnalysis, limits: Limits, y: float, axis: EffectAxis) -> str:
    shown = found.scale.shown
    told = f"{number(shown(limits.lower))} to {number(shown(limits.upper))}"
    line = _interval(limits.lower, limits.upper, y, axis, stroke=POOLED, dash="4 3")
    return _text(8, y, "Prediction interval") + line + _text(SIDE + PLOT + 14, y, told)


def _scale_line(axis: EffectAxis, y: float) -> str:
    parts = [_line(SIDE, y - 8, SIDE + PLOT, y - 8)]
    for tick in axis.ticks():
        x = axis.x(tick)
        parts.append(_line(x, y - 8, x, y - 3))
        parts.append(_text(x, y + 10, number(axis.scale.shown(tick)), anchor="middle"))
    if not axis.cuts(0.0):
        parts.append(_line(axis.x(0.0), TOP + 4, axis.x(0.0), y - 8, stroke=QUIET))
    return "".join(parts)


def funnel_drawing(found: MetaAnalysis, name: str) -> Drawing:
    """Return the funnel plot: each effect over its standard error, and where 95% would lie.

    Raises
    ------
    NotEstimable
        No study has an effect, or there is none for all.
    """
    shown = [row.estimate for row in found.rows if row.estimate is not None]
    pooled = found.overall.estimate if found.overall is not None else None
    if not shown or pooled is None:
        raise NotEstimable("a funnel plot needs studies with an effect, and a pooled one")
    worst = 1.05 * max(each.se for each in shown) or 1.0
    reach = max(1.96 * worst, *(abs(each.value - pooled.value) for each in shown))
    axis = EffectAxis(pooled.value - 1.05 * reach, pooled.value + 1.05 * reach, found.scale)
    height = 300.0
    parts = [
        *_triangle(pooled, worst, axis, height),
        *(_point(each, worst, axis, height) for each in shown),
        _line(SIDE, TOP, SIDE, TOP + height),
        _text(SIDE - 8, TOP + 8, "0", anchor="end"),
        _text(SIDE - 8, TOP + height, number(worst), anchor="end"),
        _text(SIDE - 8, TOP + height / 2, "standard error", anchor="end"),
        _text(SIDE + PLOT / 2, TOP + height + 46, name, anchor="middle"),
        _scale_line(axis, TOP + height + 8),
    ]
    return _picture(f"Funnel plot: {name}", SIDE + PLOT + 40, TOP + height + 60, parts)


def _triangle(pooled: Estimate, worst: float, axis: EffectAxis, height: float) -> Iterable[str]:
    top, bottom, x = TOP, TOP + height, axis.x(pooled.value)
    left, right = (axis.x(pooled.value + side * 1.96 * worst) for side in (-1, 1))
    yield _line(x, top, left, bottom, stroke=QUIET, dash="4 3")
    yield _line(x, top, right, bottom, stroke=QUIET, dash="4 3")
    yield _line(x, top, x, bottom, stroke=POOLED)


def _point(each: Estimate, worst: float, axis: EffectAxis, height: float) -> str:
    y = TOP + height * each.se / worst
    return f'<circle cx="{axis.x(each.value):.1f}" cy="{y:.1f}" r="4" fill="{INK}"/>'


def _told(found: MetaAnalysis, each: Estimate) -> str:
    shown = found.scale.shown
    lower, upper = number(shown(each.ci_lower)), number(shown(each.ci_upper))
    return f"{number(shown(each.value))} ({lower} to {upper})"


def number(value: float) -> str:
    """Write a number with two decimals, or two digits where it is small; minus as printed."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    small = 0 < abs(value) < 0.0995
    text = f"{value:.2g}" if small else f"{value:.2f}"
    return text.replace("-", "−")


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(low / math.log(10)), math.ceil(high / math.log(10)) + 1)
    each = [math.log(step) + at * math.log(10) for at in decades for step in (1, 2, 5)]
    inside = [tick for tick in each if low <= tick <= high]
    tens = [math.log(10) * at for at in decades if low <= math.log(10) * at <= high]
    fitting = inside if len(inside) <= 2 * TICKS or len(tens) < 2 else tens
    every = math.ceil(len(fitting) / (2 * TICKS)) or 1
    return fitting[::every]


def _even_ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= raw)
    first = math.ceil(low / step)
    return [at * step for at in range(first, math.floor(high / step) + 1)]


def _text(x: float, y: float, content: str, **look: str) -> str:
    weight = f' font-weight="{look["weight"]}"' if "weight" in look else ""
    anchor = f' text-anchor="{look["anchor"]}"' if "anchor" in look else ""
    fill = look.get("fill", INK)
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{weight}{anchor}>{escape(content)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, **look: str) -> str:
    dash = f' stroke-dasharray="{look["dash"]}"' if "dash" in look else ""
    at = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {at} stroke="{look.get("stroke", INK)}"{dash}/>'


def _rect(x: float, y: float, width: float, height: float) -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {at} fill="{INK}"/>'


def _polygon(points: Sequence[tuple[float, float]], fill: str = INK) -> str:
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{listed}" fill="{fill}"/>'


def _picture(title: str, width: float, height: float, parts: Sequence[str]) -> Drawing:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    look = 'font-family="sans-serif" font-size="13" role="img"'
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )
