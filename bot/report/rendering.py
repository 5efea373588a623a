"""Render a version as one page that needs nothing else: report.html."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.figures.flow_counts import Counted, FlowCounts
from bot.figures.flow_diagram import flow_svg
from bot.figures.forest import clipped_labels, forest_svg
from bot.figures.forest_lines import told
from bot.figures.svg import slug
from bot.report import notice_words, prose, search_words, signal_words
from bot.report.coverage_section import coverage_section
from bot.report.document import (
    ReviewDocument,
    ScheduleLine,
    SearchLine,
    ShownStatus,
    StudyLine,
    ValueLine,
)
from bot.report.outcome_reporting import reporting_rows, reporting_sentences
from bot.report.robustness_section import Robustness, robustness_of
from bot.report.summary import outcomes_without_result, summary_of_findings
from bot.results import format
from bot.results.diff import Change, changes
from bot.results.direction import direction_in_words
from bot.results.model import AnalysisResult
from bot.results.ways import short_names
from bot.review.protocol import Outcome, ReviewProtocol

_TEMPLATES = Environment(
    loader=PackageLoader("bot.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "instant": format.instant,
    "day": format.day,
    "plain": format.plain,
    "number": format.count,
    "listed": format.listed,
    "interval": format.interval,
    "slug": slug,
}


@dataclass(frozen=True, slots=True)
class Derivation:
    """How numbers were derived, and the labels of the studies they are of."""

    studies: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A forest plot with the words around it."""

    result: AnalysisResult
    direction: str
    wide: Markup
    narrow: Markup
    clipped: str
    derivations: tuple[Derivation, ...]
    notices: tuple[str, ...]
    robust: Robustness


@dataclass(frozen=True, slots=True)
class MovedResult:
    """A change as the report shows it: old and new, and the studies that made it."""

    change: Change
    old: str
    new: str


def render_report(document: ReviewDocument) -> bytes:
    """Render a version; the same document gives the same bytes."""
    moved = _changes_of(document)
    included = [each for each in document.studies if each.status is ShownStatus.INCLUDED]
    page = _TEMPLATES.get_template("report.html").render(
        document=document,
        protocol=document.protocol,
        heading=prose.heading(document.protocol),
        rated_in=format.listed(_distinct(each.rated_in for each in document.certainty)),
        designs=prose.DESIGNS,
        kind=prose.kind_in_short(document),
        statuses=prose.STATUSES,
        included=included,
        searched_sources=sum(each.last_searched_at is not None for each in document.schedules),
        oldest_search=oldest_search(document.schedules),
        not_since=search_words.not_since(document),
        searched=search_words.searched(document),
        standing_notices=notice_words.standing_notices(document),
        not_in_results=prose.incorporation(document),
        whats_new=prose.whats_new(document, moved),
        opening=prose.opening(document),
        conclusion=prose.conclusion(document),
        signed=prose.signed(document),
        summary=summary_of_findings(document, moved),
        without_result=outcomes_without_result(document),
        short_names=short_names(document.results),
        figures=_figures_of(document),
        moved=[_moved(each) for each in moved],
        compared_with=signal_words.compared_with(document),
        not_looked_at=signal_words.NOT_LOOKED_AT,
        more_than_one=signal_words.MORE_THAN_ONE,
        amendments=prose.amendments_since(document),
        flow_wide=_flow(document),
        flow_narrow=_flow(document, narrow=True),
        limitations=prose.limitations(document),
        methods=prose.methods(document),
        reporting=reporting_rows(document),
        reporting_sentences=reporting_sentences(document),
        people=people_in(included),
        study_labels=_labels(document.studies),
        outcome_labels=_labels(document.protocol.outcomes),
        arms_named=lambda text: prose.arms_named(document.protocol, text),
        source_names=document.protocol.source_names,
        derivations=_distinct(each.how for each in document.values),
        queries=distinct_queries(document.searches),
        by_hand=told_by_hand(document.searches),
        coverage=coverage_section(document.coverage) if document.coverage is not None else None,
    )
    return page.encode()


def _changes_of(document: ReviewDocument) -> tuple[Change, ...]:
    return () if document.previous is None else changes(document.previous.results, document.results)


def _figures_of(document: ReviewDocument) -> list[Figure]:
    earlier = () if document.previous is None else document.previous.results
    before = {each.id: each for each in earlier}
    return [_figure(document, each, before.get(each.id)) for each in document.results]


def _flow(document: ReviewDocument, *, narrow: bool = False) -> Markup:
    this, cumulative = (
        _named_sources(document.protocol, each)
        for each in (document.flow, document.flow_cumulative)
    )
    return Markup(flow_svg(this, cumulative, narrow=narrow))


def _labels(named: Iterable[StudyLine] | Iterable[Outcome]) -> dict[str, str]:
    return {each.id: each.label for each in named}


def people_in(studies: Sequence[StudyLine]) -> str:
    """Add up the people of studies; say in how many the number is not reported."""
    known = [each.participants for each in studies if each.participants is not None]
    missing = len(studies) - len(known)
    if not known and studies:
        return "people not reported"
    said = format.counted(sum(known), "person", "people")
    if not missing:
        return said
    return f"{said}; in {format.counted(missing, 'study', 'studies')} not reported"


def oldest_search(schedules: Sequence[ScheduleLine]) -> str | None:
    """Return when the source was searched that was searched longest ago; None: one never was."""
    instants = [each.last_searched_at for each in schedules]
    found = [each for each in instants if each is not None]
    return min(found) if found and len(found) == len(instants) else None


def told_by_hand(searches: tuple[SearchLine, ...]) -> tuple[SearchLine, ...]:
    """Return the searches that a person made and told of, those taken back left out."""
    return tuple(each for each in searches if each.by_hand is not None and not each.withdrawn)


def distinct_queries(searches: tuple[SearchLine, ...]) -> tuple[SearchLine, ...]:
    """Return the first search that sent each query, so that a query is printed once."""
    first: dict[tuple[str, str], SearchLine] = {}
    for each in searches:
        first.setdefault((each.source, each.query), each)
    return tuple(first.values())


def _figure(
    document: ReviewDocument, result: AnalysisResult, previous: AnalysisResult | None
) -> Figure:
    return Figure(
        result=result,
        direction=direction_in_words(result),
        wide=Markup(forest_svg(result, previous)),
        narrow=Markup(forest_svg(result, previous, narrow=True)),
        clipped=format.listed(tuple(clipped_labels(result, previous))),
        derivations=_derivations(document.values, result),
        notices=notice_words.banners(document, result),
        robust=robustness_of(
            result, document.protocol.signal_rules, document.protocol.thresholds(result.id)
        ),
    )


def _derivations(values: tuple[ValueLine, ...], result: AnalysisResult) -> tuple[Derivation, ...]:
    """Say how the derived numbers of an analysis were found, once for each way."""
    labels = {row.study: row.label for row in result.rows if row.derived}
    place = (result.outcome, result.time_point)
    derived = [
        each for each in values if each.study in labels and (each.outcome, each.time_point) == place
    ]
    return tuple(
        Derivation(_distinct(labels[each.study] for each in derived if each.how == how), how)
        for how in _distinct(each.how for each in derived)
    )


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in texts if each is not None))


def _moved(change: Change) -> MovedResult:
    old, new = (
        "not in this version" if each is None else f"{each.measure} {told(each)}"
        for each in (change.old, change.new)
    )
    return MovedResult(change, old, new)


def _named_sources(protocol: ReviewProtocol, counts: FlowCounts) -> FlowCounts:
    databases, registers = (
        tuple(Counted(prose.source_name(protocol, each.name), each.n) for each in side)
        for side in (counts.database_results, counts.register_results)
    )
    return replace(counts, database_results=databases, register_results=registers)
