"""The numbers of a PRISMA 2020 flow, counted from the log's projections. Pure.

A record counts for the version in whose period it was found, so that versions add up to the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.figures.flow_counts import Counted, FlowCounts
from state.decisions import Standing
from state.extractions import StoredStudy
from state.likeness import DUPLICATE
from state.records import StoredRecord
from state.screening import Place, ScreeningStatus, Stage


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a flow is counted from."""

    records: Sequence[StoredRecord]
    standings: Sequence[Standing]
    studies: Sequence[StoredStudy]
    registers: frozenset[str]


def flow_counts(found: Found, since: str | None) -> FlowCounts:
    """Count the flow of the records found after an instant (of all, where it is None)."""
    records = [each for each in found.records if since is None or each.found_at > since]
    standings = [
        each
        for each in found.standings
        if each.candidate.outcome != DUPLICATE
        and (since is None or each.candidate.opened_at > since)
    ]
    screened = [each for each in standings if each.title_abstract.result.over]
    full_texts = [each for each in standings if each.stage is Stage.FULL_TEXT]
    assessed = [each for each in full_texts if each.full_text.result.over]
    sources = Counter(each.record.source for each in records)
    queued = [each for each in records if each.candidate is not None]
    baseline = [each for each in found.studies if each.baseline]
    added = [
        each
        for each in found.studies
        if not each.baseline and (since is None or each.added_at > since)
    ]
    included = [each for each in added if each.place is Place.INCLUDED]
    new_reports = sum(map(_is_new_report, records))
    before = len(found.studies) - len(added)
    baseline_reports = sum(len(each.study.reports) for each in baseline)
    earlier_reports = sum(map(_is_new_report, found.records)) - new_reports
    return FlowCounts(
        previous_studies=before,
        previous_reports=baseline_reports + earlier_reports,
        database_results=_counted(sources, lambda name: name not in found.registers),
        register_results=_counted(sources, lambda name: name in found.registers),
        duplicates=_joined(queued, found.standings),
        excluded_automatic=0,
        excluded_other=0,
        records_screened=len(screened),
        records_excluded=_excluded(each.title_abstract.result.status for each in screened),
        records_waiting=sum(
            not each.candidate.closed and each.stage is Stage.TITLE_ABSTRACT for each in standings
        ),
        dbr_sought_reports=len(full_texts),
        dbr_notretrieved_reports=None,
        dbr_assessed=len(assessed),
        dbr_excluded=_reasons(assessed),
        reports_waiting=len(full_texts) - len(assessed),
        new_studies=len(included),
        new_reports=new_reports,
        ongoing=sum(each.place is Place.ONGOING for each in added),
        awaiting=sum(each.place is Place.AWAITING for each in added),
        total_studies=before + len(included),
        total_reports=baseline_reports + earlier_reports + new_reports,
    )


def _counted(sources: Counter[str], wanted: Callable[[str], bool]) -> tuple[Counted, ...]:
    return tuple(Counted(name, n) for name, n in sorted(sources.items()) if wanted(name))


def _is_new_report(stored: StoredRecord) -> bool:
    """A record that was never queued is one that the review counts already."""
    return stored.study is not None and stored.candidate is not None


def _joined(queued: Sequence[StoredRecord], standings: Sequence[Standing]) -> int:
    opened = {each.candidate.id for each in standings if each.candidate.outcome != DUPLICATE}
    return sum(each.record.key not in opened for each in queued)


def _excluded(statuses: Iterable[ScreeningStatus]) -> int:
    return sum(status is ScreeningStatus.EXCLUDED for status in statuses)


def _reasons(assessed: Sequence[Standing]) -> tuple[Counted, ...]:
    reasons = Counter(
        each.full_text.result.answer.criterion or "no criterion"
        for each in assessed
        if each.full_text.result.status is ScreeningStatus.EXCLUDED
        and each.full_text.result.answer is not None
    )
    return tuple(Counted(name, n) for name, n in sorted(reasons.items()))
