"""Count a PRISMA 2020 flow: every record is in exactly one box, whatever the period. Pure.

A record counts for the version in whose period it was found, so that the boxes of all versions add
up to those of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.figures.flow_counts import Counted, FlowCounts
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


def flow_counts(found: FlowSource, since: str | None) -> FlowCounts:
    """Count the flow of the records found after an instant (of all, where it is None)."""
    records = [each for each in flow_records(found) if _is_new(each.stored.found_at, since)]
    boxes = Counter(box for each in records for box in boxes_of(each))
    sources = Counter(each.stored.record.source for each in records)
    return replace(
        _with_studies(_with_records(FlowCounts(), boxes), found, since),
        database_results=_counted(sources, lambda name: name not in found.registers),
        register_results=_counted(sources, lambda name: name in found.registers),
        dbr_excluded=_reasons(records),
    )


def _is_new(at: str, since: str | None) -> bool:
    return since is None or at > since


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


def _with_studies(counts: FlowCounts, found: FlowSource, since: str | None) -> FlowCounts:
    """Count studies by where they stand today: one that moved counts from when it was added."""
    places = Counter(each.place for each in found.studies if _is_new_study(each, since))
    included = [each for each in found.studies if each.place is StudyStatus.INCLUDED]
    ids = {each.study.id for each in included}
    reports = [each.found_at for each in found.records if _is_report(each, ids)]
    new_reports = sum(_is_new(at, since) for at in reports)
    earlier = sum(len(each.study.reports) for each in included if each.baseline)
    return replace(
        counts,
        previous_studies=len(included) - places[StudyStatus.INCLUDED],
        previous_reports=earlier + len(reports) - new_reports,
        new_studies=places[StudyStatus.INCLUDED],
        new_reports=new_reports,
        ongoing=places[StudyStatus.ONGOING],
        awaiting=places[StudyStatus.AWAITING],
        total_studies=len(included),
        total_reports=earlier + len(reports),
    )


def _is_new_study(stored: StoredStudy, since: str | None) -> bool:
    return not stored.baseline and _is_new(stored.added_at, since)


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
    return tuple(Counted(name, n) for name, n in sorted(counts.items()) if wanted(name))
