"""The report's section on where the reports of the included studies were found. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bot.errors import NotDrawn
from bot.figures.coverage_grid import GridRow, HeldMark, coverage_grid_svg
from bot.results.format import day
from bot.surveillance.coverage_words import (
    coverage_sentences,
    delay_in_words,
    in_words,
    origin_in_words,
)
from bot.surveillance.report_finds import FoundReport
from bot.surveillance.source_coverage import Brought, SearchedSource, SourceCoverage


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as the table shows it. found_by: the sources of each day, with the day."""

    label: str
    cited: str
    origin: str
    found_by: tuple[str, ...]
    delay: str


@dataclass(frozen=True, slots=True)
class CoverageSection:
    """What the section shows; without a picture where there is nothing to draw."""

    sentences: tuple[str, ...]
    sources: tuple[Brought, ...]
    reports: tuple[ReportRow, ...]
    wide: Markup | None
    narrow: Markup | None


def coverage_section(found: SourceCoverage) -> CoverageSection:
    """Say and draw where the reports were found."""
    return CoverageSection(
        tuple(coverage_sentences(found)),
        found.brought,
        tuple(_row(each, found) for each in found.reports),
        _drawn(found),
        _drawn(found, narrow=True),
    )


def _row(report: FoundReport, found: SourceCoverage) -> ReportRow:
    days: dict[str, list[str]] = {}
    for each in report.finds:
        days.setdefault(each.found_on, []).append(each.source)
    found_by = (f"{in_words(some, found.names)} on {day(on)}" for on, some in days.items())
    delay = delay_in_words(report.delay) if report.finds else ""
    origin = origin_in_words(report.origin)
    return ReportRow(report.label, report.cited, origin, tuple(found_by), delay)


def _drawn(found: SourceCoverage, *, narrow: bool = False) -> Markup | None:
    """Draw the sources that were searched; without any, or any report, there is no picture."""
    shown = [each.source for each in found.brought if each.source.searched]
    rows = [_grid_row(each, shown) for each in found.reports]
    try:
        return Markup(coverage_grid_svg(rows, [each.name for each in shown], narrow=narrow))
    except NotDrawn:
        return None


def _grid_row(report: FoundReport, sources: list[SearchedSource]) -> GridRow:
    label = f"{report.label}: {report.cited}"
    return GridRow(label, tuple(_held(report, each) for each in sources))


def _held(report: FoundReport, source: SearchedSource) -> HeldMark:
    if source.id in report.first:
        return HeldMark.FIRST
    if source.id in report.sources:
        return HeldMark.LATER
    return HeldMark.NOT if source.can_hold(report) else HeldMark.CANNOT
