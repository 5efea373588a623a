"""Where the included reports were found: asked of the log, counted by `source_coverage`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.sources.catalogue import SOURCES
from bot.sources.source import Asks
from bot.surveillance.report_finds import Find, FoundReport, found_reports
from bot.surveillance.searched import last_whole_search, made_at
from bot.surveillance.source_coverage import (
    ElsewhereReport,
    SearchedSource,
    SisterCoverage,
    SourceCoverage,
    coverage_of,
)
from extraction.model import Study
from state import alerts, extractions, likeness, records, runs
from state.elsewhere import sister_lists
from state.facts import ElsewhereItem, SearchRun
from state.facts.words import RunStatus
from state.screening import StudyStatus
from state.told_searches import told_of
from state.values import StoredRecord, StoredStudy


def source_coverage(app: App, connection: Connection) -> SourceCoverage:
    """Say of each included report which sources had it, and what they may all have missed."""
    sources = searched_sources(app, connection)
    sisters = tuple(sisters_covered(connection))
    return coverage_of(sources, reports_found(app, connection), sisters)


def searched_sources(app: App, connection: Connection) -> tuple[SearchedSource, ...]:
    """Return the sources of the protocol, and whether each was ever searched whole."""
    return tuple(
        SearchedSource(
            plan.id,
            plan.name,
            plan.is_register,
            is_asked_of_known(plan.kind),
            last_whole_search(app, connection, plan) is not None,
        )
        for plan in app.protocol.sources
    )


def sisters_covered(connection: Connection) -> Iterator[SisterCoverage]:
    """Yield what each other review includes, with the sources that whole searches asked and found.

    What an earlier list of a review had, and its newest has not, is not told.
    """
    lists = sister_lists(connection)
    if not lists:
        return
    asked: dict[tuple[str, str], dict[str, bool]] = {}
    for run in runs.search_runs(connection, status=RunStatus.OK):
        for check in run.elsewhere:
            for name in (*check.found, *(each.id for each in check.missing)):
                sources = asked.setdefault((check.sister, name), {})
                sources[run.source] = sources.get(run.source, False) or name in check.found
    for each in lists:
        held = (asked.get((each.sister, item.name), {}) for item in each.items)
        pairs = zip(each.items, held, strict=True)
        yield SisterCoverage(each.sister, tuple(_elsewhere(item, had) for item, had in pairs))


def _elsewhere(item: ElsewhereItem, had: Mapping[str, bool]) -> ElsewhereReport:
    found = tuple(sorted(source for source, is_found in had.items() if is_found))
    return ElsewhereReport(item.title, item.name, tuple(sorted(had)), found)


def is_asked_of_known(kind: str) -> bool:
    """Whether an automatic source is only asked about documents that are known already."""
    return kind in SOURCES and SOURCES[kind].asks is Asks.SEEDS


def reports_found(app: App, connection: Connection) -> tuple[FoundReport, ...]:
    """Return the reports of the included studies, each with the sources that had it."""
    published = extractions.studies_as_loaded(connection)
    searches = _searches(app, connection)
    return tuple(
        report
        for stored in extractions.studies(connection)
        if stored.place is StudyStatus.INCLUDED
        for report in _of_study(connection, stored, searches, published.get(stored.study.id))
    )


def _of_study(
    connection: Connection,
    stored: StoredStudy,
    searches: Mapping[str, _Search],
    published: Study | None,
) -> tuple[FoundReport, ...]:
    linked = records.records_of_study(connection, stored.study.id)
    keys = [each.record.key for each in linked]
    pairs = likeness.likenesses_of(connection, keys)
    same = {(each.record_key, each.other_key) for each in pairs if each.merged}
    finds = _finds(linked, records.found_by(connection, keys), searches)
    return found_reports(stored.study, finds, published=published, same=same)


def _finds(
    linked: Sequence[StoredRecord], found_by: Mapping[str, str], searches: Mapping[str, _Search]
) -> list[Find]:
    """Return what searches that stand gave, and alerts: one that was taken back is no search."""
    made = ((each.record, searches.get(found_by[each.record.key])) for each in linked)
    return [
        Find(record.source, record, search.day, search.at_first, is_asked_of_known(record.source))
        for record, search in made
        if search is not None
    ]


@dataclass(frozen=True, slots=True)
class _Search:
    """The day of a search, and whether it was the first of its source with its words."""

    day: str
    at_first: bool


def _searches(app: App, connection: Connection) -> dict[str, _Search]:
    plans = {plan.id: plan for plan in app.protocol.sources}
    asked: set[tuple[str, str]] = set()
    found: dict[str, _Search] = {}
    made = [(_made_at(plans, run), run) for run in runs.search_runs(connection)]
    for at, run in sorted(made, key=lambda each: (each[0], each[1].id)):
        words = _words(connection, plans, run)
        found[run.id] = _Search(at[:10], words not in asked)
        if run.status is RunStatus.OK:
            asked.add(words)
    return found | {
        each.alert.alert: _Search(each.alert.day, at_first=False)
        for each in alerts.all_alerts(connection)
    }


def _made_at(plans: Mapping[str, SourcePlan], run: SearchRun) -> str:
    return made_at(plans[run.source], run) if run.source in plans else run.finished_at


def _words(
    connection: Connection, plans: Mapping[str, SourcePlan], run: SearchRun
) -> tuple[str, str]:
    """Return what a search asked of which source: told, where it was made by hand."""
    told = told_of(connection, run.id)
    by_hand = run.source in plans and plans[run.source].kind not in SOURCES
    return run.source, told.search if told is not None else ("" if by_hand else run.query)
