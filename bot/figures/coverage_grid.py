"""Which source had which report: a row a report, a column a source, filled where it was first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.frame import SMALL, circle
from bot.results.format import counted, listed

_ROW = 22.0
_LEADING = 16.0
_RADIUS = 5.5
_HEAD = 26.0
_HOW = (
    "Filled: the source found the report first, or on the first day with others. Ring: it found it"
    " later. Line: it cannot hold such a report. Empty: no search of it has brought the report."
)


class HeldMark(StrEnum):
    """What a source had of a report."""

    FIRST = "first"
    LATER = "later"
    NOT = "not found"
    CANNOT = "cannot hold it"


@dataclass(frozen=True, slots=True)
class GridRow:
    """A report, and what each source had of it, in the order of the sources."""

    label: str
    held: tuple[HeldMark, ...]


def coverage_grid_svg(
    rows: Sequence[GridRow], sources: Sequence[str], *, narrow: bool = False
) -> str:
    """Draw which source had which report; the columns are numbered, their names stand below.

    Raises NotDrawn where there is no report or no source.
    """
    if not rows or not sources:
        raise NotDrawn("no report of an included study, or no source")
    width, words = (360.0, 150.0) if narrow else (980.0, 440.0)
    step = min(44.0, (width - words - 16) / len(sources))
    columns = [words + step * (at + 0.5) for at in range(len(sources))]
    drawn = [
        svg.text(x, 16, str(at), text_anchor="middle", font_weight=600)
        for at, x in enumerate(columns, 1)
    ]
    y = _HEAD
    for row in rows:
        lines = svg.fitting(row.label, words - 16, 12)
        drawn.append(_row(row, lines, columns, y, width))
        y += _height(lines)
    legend = _legend(sources, width)
    drawn.append(svg.text_lines(8, y + 18, legend, _LEADING, **SMALL))
    name = f"coverage{'-narrow' if narrow else ''}"
    told = ("Which source had which report", _description(rows, sources))
    return svg.picture(name, width, y + 18 + _LEADING * len(legend), told, "".join(drawn))


def _height(lines: Sequence[str]) -> float:
    return _ROW + _LEADING * (len(lines) - 1)


def _row(
    row: GridRow, lines: Sequence[str], columns: Sequence[float], top: float, width: float
) -> str:
    rule = svg.line(8, top, width - 8, top, stroke=svg.RULE)
    words = svg.text_lines(8, top + 15, lines, _LEADING, font_size=12)
    middle = top + _height(lines) / 2
    marks = (_mark(held, x, middle) for held, x in zip(row.held, columns, strict=True))
    return rule + words + "".join(marks)


def _mark(held: HeldMark, x: float, y: float) -> str:
    if held is HeldMark.FIRST:
        return circle(x, y, _RADIUS, fill=svg.ACCENT, stroke=svg.ACCENT)
    if held is HeldMark.LATER:
        return circle(x, y, _RADIUS, fill=svg.PAPER, stroke=svg.ACCENT, stroke_width=2)
    if held is HeldMark.CANNOT:
        return svg.line(x - 4, y, x + 4, y, stroke=svg.RULE)
    return ""


def _legend(sources: Sequence[str], width: float) -> list[str]:
    named = ", ".join(f"{at} {name}" for at, name in enumerate(sources, 1))
    return [line for text in (f"{named}.", _HOW) for line in svg.fitting(text, width - 16, 12)]


def _description(rows: Sequence[GridRow], sources: Sequence[str]) -> str:
    said = (
        f"{name} had {counted(_had(rows, at), 'report')} of {len(rows)}"
        for at, name in enumerate(sources)
    )
    none = [row.label for row in rows if not {HeldMark.FIRST, HeldMark.LATER} & set(row.held)]
    missing = f"; found by none: {listed(tuple(none))}" if none else ""
    return "; ".join(said) + missing


def _had(rows: Iterable[GridRow], at: int) -> int:
    return sum(row.held[at] in (HeldMark.FIRST, HeldMark.LATER) for row in rows)
