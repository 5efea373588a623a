"""Count a PRISMA 2020 flow: bookkeeping of records, reports and studies. Pure.

At any moment every record is in exactly one box: that is the column of all. The column of a version
is what its time added to each box, the column of all less that of the version before. So a step
counts on the day it was taken, whenever its record was found; the columns of all versions add up to
the last column of all; and every sum that holds in the one holds in the other. Fewer than before
(records that waited and were screened, a study that was moved) is a number below nought.
What the review had and has (`previous_…`, `total_…`) are no steps: they are balances, carried over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from bot.figures.flow_counts import BALANCES, Counted, FlowCounts
from state.facts.words import CandidateOutcome
from state.screening import ScreeningStatus, Stage, StageResult, StudyStatus
from state.values import ScreeningState, StoredRecord, StoredStudy


@dataclass(frozen=True, slots=True)
class FlowSource:
    """Everything a flow is counted from. registers: which sources are registers."""

    records: Sequence[StoredRecord]
    standings: Sequence[ScreeningState]
    studies: Sequence[StoredStudy]
    registers: frozenset[str]


class RecordBox(StrEnum):
    """Where a record's way through the flow ends, as far as it has come."""

    ALREADY_KNOWN = "already_known"
    DUPLICATE = "duplicate"
    LINKED = "linked"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"
    EXCLUDED = "excluded"
    REPORT_WAITING = "report_waiting"
    REPORT_EXCLUDED = "report_excluded"
    ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """A record as the flow sees it.

    speaks_for: the candidate that is screened in this record's name; None for a record that
    another one speaks for, or that was never queued.
    """

    stored: StoredRecord
    speaks_for: ScreeningState | None

    @property
    def title_abstract(self) -> StageResult | None:
        """How its candidate's first stage ended; None before."""
        return _ended(self.speaks_for, Stage.TITLE_ABSTRACT)

    @property
    def full_text(self) -> StageResult | None:
        """How its candidate's second stage ended; None before."""
        reached = self.speaks_for is not None and self.speaks_for.stage is Stage.FULL_TEXT
        return _ended(self.speaks_for, Stage.FULL_TEXT) if reached else None

    @property
    def withdrawn(self) -> bool:
        """Whether the import that brought it was taken back, and nobody has judged it."""
        return (
            self.speaks_for is not None
            and self.speaks_for.candidate.outcome is CandidateOutcome.IMPORT_WITHDRAWN
        )

    @property
    def linked(self) -> bool:
        """Whether it was never screened because a person confirmed it as a report of a study."""
        return (
            self.speaks_for is not None
            and self.speaks_for.candidate.outcome is CandidateOutcome.REPORT_OF
            and self.title_abstract is None
        )


def _ended(standing: ScreeningState | None, stage: Stage) -> StageResult | None:
    if standing is None:
        return None
    result = standing.at(stage).result
    return result if result.over else None


@dataclass(frozen=True, slots=True)
class BoxRule:
    """A box: its name, the words for it, and which records are in it."""

    box: RecordBox
    words: str
    holds: Callable[[FlowRecord], bool]


BOXES = (
    BoxRule(
        RecordBox.ALREADY_KNOWN,
        "found again: a report that the review counts already",
        lambda each: each.stored.candidate is None,
    ),
    BoxRule(
        RecordBox.DUPLICATE,
        "the same as another record, which is screened for both",
        lambda each: each.stored.candidate is not None and each.speaks_for is None,
    ),
    BoxRule(
        RecordBox.LINKED,
        "confirmed as a report of a study that the review has",
        lambda each: each.linked,
    ),
    BoxRule(
        RecordBox.WITHDRAWN,
        "its import was taken back before anybody judged it",
        lambda each: each.withdrawn,
    ),
    BoxRule(
        RecordBox.WAITING,
        "title and abstract wait for people",
        lambda each: (
            each.speaks_for is not None
            and each.title_abstract is None
            and not each.linked
            and not each.withdrawn
        ),
    ),
    BoxRule(
        RecordBox.EXCLUDED,
        "excluded by title and abstract",
        lambda each: _status(each.title_abstract) is ScreeningStatus.EXCLUDED,
    ),
    BoxRule(
        RecordBox.REPORT_WAITING,
        "the full text waits for people",
        lambda each: (
            _status(each.title_abstract) is ScreeningStatus.TO_FULL_TEXT and each.full_text is None
        ),
    ),
    BoxRule(
        RecordBox.REPORT_EXCLUDED,
        "excluded by full text, with the criterion",
        lambda each: _status(each.full_text) is ScreeningStatus.EXCLUDED,
    ),
    BoxRule(
        RecordBox.ELIGIBLE,
        "eligible: included, ongoing or awaiting classification",
        lambda each: _status(each.full_text) is ScreeningStatus.INCLUDED,
    ),
)


def _status(result: StageResult | None) -> ScreeningStatus | None:
    return result.status if result is not None else None


def boxes_of(record: FlowRecord) -> tuple[RecordBox, ...]:
    """Return the boxes that a record is in: always exactly one."""
    return tuple(rule.box for rule in BOXES if rule.holds(record))


def flow_records(found: FlowSource) -> tuple[FlowRecord, ...]:
    """See every record as the flow does."""
    standings = {each.candidate.id: each for each in found.standings}
    speakers = _speakers(found.records)
    return tuple(
        FlowRecord(each, standings[each.candidate] if each.record.key in speakers else None)
        if each.candidate is not None
        else FlowRecord(each, None)
        for each in found.records
    )


def _speakers(records: Iterable[StoredRecord]) -> frozenset[str]:
    """Return the records that are screened for all of their candidate.

    It is the oldest: a record that comes later changes the box of none that was counted before.
    """
    held: dict[str, list[StoredRecord]] = {}
    for each in records:
        if each.candidate is not None:
            held.setdefault(each.candidate, []).append(each)
    return frozenset(
        min(
            group, key=lambda each: (each.found_at, each.record.key != name, each.record.key)
        ).record.key
        for name, group in held.items()
    )


def flow_counts(found: FlowSource) -> FlowCounts:
    """Count the column of all: everything that is known at a moment."""
    records = flow_records(found)
    boxes = Counter(box for each in records for box in boxes_of(each))
    sources = Counter(each.stored.record.source for each in records)
    return replace(
        _with_studies(_with_records(FlowCounts(), boxes), found),
        database_results=_counted(sources, lambda name: name not in found.registers),
        register_results=_counted(sources, lambda name: name in found.registers),
        dbr_excluded=_reasons(records),
    )


def flow_since(before: FlowCounts, now: FlowCounts) -> FlowCounts:
    """Return the column of a version: what came to each box since the version before.

    before, now: the columns of all of the two
    """
    steps = {
        each.name: _added(getattr(before, each.name), getattr(now, each.name))
        for each in fields(FlowCounts)
        if each.name not in BALANCES
    }
    return FlowCounts(
        **steps,
        previous_studies=before.total_studies,
        previous_reports=before.total_reports,
        total_studies=now.total_studies,
        total_reports=now.total_reports,
    )


Box = int | None | tuple[Counted, ...]


def _added(before: Box, now: Box) -> Any:
    if isinstance(before, tuple) and isinstance(now, tuple):
        counts = Counter({each.name: each.n for each in now})
        counts.subtract({each.name: each.n for each in before})
        return _counted(counts, lambda _: True)
    if isinstance(before, int) and isinstance(now, int):
        return now - before
    return None  # nobody reported it


def _with_records(counts: FlowCounts, boxes: Mapping[RecordBox, int]) -> FlowCounts:
    """Add the boxes of records up to those of the template."""

    def of(*names: RecordBox) -> int:
        return sum(boxes.get(name, 0) for name in names)

    assessed = (RecordBox.REPORT_EXCLUDED, RecordBox.ELIGIBLE)
    sought = (RecordBox.REPORT_WAITING, *assessed)
    return replace(
        counts,
        duplicates=of(RecordBox.DUPLICATE),
        excluded_automatic=0,  # nothing is left out by a machine
        excluded_other=of(RecordBox.WITHDRAWN),
        already_known=of(RecordBox.ALREADY_KNOWN),
        records_linked=of(RecordBox.LINKED),
        records_screened=of(RecordBox.EXCLUDED, *sought),
        records_excluded=of(RecordBox.EXCLUDED),
        records_waiting=of(RecordBox.WAITING),
        dbr_sought_reports=of(*sought),
        dbr_notretrieved_reports=None,  # nobody is asked for it
        dbr_assessed=of(*assessed),
        reports_waiting=of(RecordBox.REPORT_WAITING),
        reports_eligible=of(RecordBox.ELIGIBLE),
    )


def _with_studies(counts: FlowCounts, found: FlowSource) -> FlowCounts:
    """Count studies by where they stand: those of the published review, and those added since."""
    included = [each for each in found.studies if each.place is StudyStatus.INCLUDED]
    places = Counter(each.place for each in found.studies)
    ids = {each.study.id for each in included}
    later = sum(_is_report(each, ids) for each in found.records)
    return replace(
        _with_published(counts, found),
        new_studies=sum(not each.baseline for each in included),
        new_reports=later,
        ongoing=places[StudyStatus.ONGOING],
        awaiting=places[StudyStatus.AWAITING],
        total_studies=len(included),
        total_reports=later + _listed(each for each in included if each.baseline),
    )


def _with_published(counts: FlowCounts, found: FlowSource) -> FlowCounts:
    published = [each for each in found.studies if each.baseline]
    removed = [each for each in published if each.place is not StudyStatus.INCLUDED]
    return replace(
        counts,
        previous_studies=len(published),
        previous_reports=_listed(published),
        studies_removed=len(removed),
        reports_removed=_listed(removed),
    )


def _listed(studies: Iterable[StoredStudy]) -> int:
    """Count the reports that studies of the published review came with."""
    return sum(len(each.study.reports) for each in studies)


def _is_report(stored: StoredRecord, studies: Collection[str]) -> bool:
    """Whether a record is a report of these; one never queued is in a study's own list."""
    return stored.candidate is not None and stored.study in studies


def _reasons(records: Iterable[FlowRecord]) -> tuple[Counted, ...]:
    reasons = Counter(
        result.answer.criterion or "no criterion"
        for each in records
        if (result := each.full_text) is not None
        and result.status is ScreeningStatus.EXCLUDED
        and result.answer is not None
    )
    return _counted(reasons, lambda _: True)


def _counted(counts: Mapping[str, int], wanted: Callable[[str], bool]) -> tuple[Counted, ...]:
    return tuple(Counted(name, n) for name, n in sorted(counts.items()) if n and wanted(name))
