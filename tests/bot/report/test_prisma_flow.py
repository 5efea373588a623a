"""The flow: every record in one box of each column, columns that add up, relations that hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.figures.flow_counts import FlowCounts
from bot.report.flow import BOXES, FlowSource, RecordBox, boxes_of, flow_counts, flow_records
from bot.report.prisma import RELATIONS, sums_that_fail
from extraction.model import Design, Study
from state.facts.words import CandidateKind, CandidateOutcome
from state.screening import Answer, Decision, Ruling, Stage, StudyStatus, Verdict
from state.values import Candidate, ScreeningState, StageLog, StoredRecord, StoredStudy
from tests.bot.builders import a_trial
from tests.bot.report.sample import FLOW, FLOW_CUMULATIVE

DAYS = tuple(f"2026-11-{day:02d}T00:00:00.000000Z" for day in range(1, 29))
NOT_YET = StageLog(Stage.TITLE_ABSTRACT, (), ())

days = st.sampled_from(DAYS)
seeds = st.integers(0, 2**64)


class History:
    """A random history: records that were known, opened a candidate, joined or left one."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        records: list[StoredRecord] = []
        opened: list[str] = []
        for number in range(self._random.randrange(13)):
            records.append(self._record(number, opened))
        self.found = FlowSource(
            tuple(records),
            tuple(self._standing(name) for name in opened),
            tuple(self._study(f"s{number}") for number in range(3)),
            frozenset({"ctgov"}),
        )

    def _record(self, number: int, opened: list[str]) -> StoredRecord:
        record = replace(a_trial(number + 1), source=self._random.choice(["pubmed", "ctgov"]))
        if self._random.random() < 0.6:
            opened.append(record.key)
        candidate = self._random.choice([None, *opened, *opened, *opened])
        study = self._random.choice([None, "s0", "s1", "s2"])
        day = self._random.choice(DAYS)
        return StoredRecord(record, candidate, study, candidate is None, day, "0")

    def _standing(self, name: str) -> ScreeningState:
        """A candidate that was screened, linked or left."""
        title_abstract = self._log(Stage.TITLE_ABSTRACT)
        linked = not title_abstract.decisions and self._random.random() < 0.5
        day = self._random.choice(DAYS)
        return ScreeningState(
            a_candidate(name, day, linked=linked), title_abstract, self._log(Stage.FULL_TEXT)
        )

    def _log(self, stage: Stage) -> StageLog:
        """What two readers, and perhaps a third person, said at a stage."""
        count = self._random.choice([0, 1, 2, 2, 2, 2])
        decisions = tuple(Decision(who, self._answer()) for who in "ab"[:count])
        rule = count == 2 and self._random.random() < 0.5
        ruling = Ruling("c", self._answer(Verdict.INCLUDE, Verdict.EXCLUDE), True)
        return StageLog(stage, decisions, (ruling,) if rule else ())

    def _answer(self, *among: Verdict) -> Answer:
        verdict = self._random.choice(among or tuple(Verdict))
        excluded = verdict is Verdict.EXCLUDE
        return Answer(verdict, self._random.choice(["E1", "E2"]) if excluded else None)

    def _study(self, name: str) -> StoredStudy:
        place, baseline = self._random.choice(tuple(StudyStatus)), self._random.random() < 0.5
        study = Study(name, name, Design.PARALLEL, ("ivig", "placebo"))
        return StoredStudy(study, place, None, None, baseline, self._random.choice(DAYS))


def a_candidate(name: str, day: str = DAYS[0], *, linked: bool = False) -> Candidate:
    return Candidate(
        id=name,
        kind=CandidateKind.NEW,
        opened_at=day,
        score=0,
        lane="",
        reasons=(),
        flags=(),
        study=None,
        link_reason=None,
        link_settled=linked,
        closed=linked,
        outcome=CandidateOutcome.REPORT_OF if linked else None,
    )


def as_it_was(found: FlowSource, until: str) -> FlowSource:
    """The same history without the records that came after an instant."""
    return replace(found, records=[each for each in found.records if each.found_at <= until])


def numbers(counts: FlowCounts) -> Counter[str]:
    """Every number of a column that counts records, the named ones under their names."""
    found: Counter[str] = Counter()
    for name, value in asdict(counts).items():
        if isinstance(value, tuple):
            found.update({f"{name}: {each['name']}": each["n"] for each in value})
        elif isinstance(value, int) and "studies" not in name and name not in NOT_OF_RECORDS:
            found[name] = value
    return +found


NOT_OF_RECORDS = ("previous_reports", "total_reports", "ongoing", "awaiting")


@settings(deadline=None)
@given(seeds)
def test_every_record_is_in_exactly_one_box(seed: int) -> None:
    found = History(seed).found

    assert all(len(boxes_of(each)) == 1 for each in flow_records(found))


@settings(deadline=None)
@given(seeds, st.sets(days, min_size=1, max_size=4))
def test_the_boxes_of_all_versions_add_up_to_those_of_the_whole(seed: int, cuts: set[str]) -> None:
    found = History(seed).found
    ends = sorted({*cuts, DAYS[-1]})
    starts = [None, *ends[:-1]]

    versions = [
        flow_counts(as_it_was(found, end), start) for start, end in zip(starts, ends, strict=True)
    ]

    added: Counter[str] = sum((numbers(each) for each in versions), Counter())
    assert added == numbers(flow_counts(found, None))


@settings(deadline=None)
@given(seeds, st.none() | days)
def test_every_relation_holds_whatever_happened(seed: int, since: str | None) -> None:
    assert sums_that_fail(flow_counts(History(seed).found, since)) == ()


@settings(deadline=None)
@given(seeds, days)
def test_all_included_studies_are_those_of_the_table(seed: int, since: str) -> None:
    found = History(seed).found
    included = sum(each.place is StudyStatus.INCLUDED for each in found.studies)

    assert flow_counts(found, since).total_studies == included


@pytest.mark.parametrize(
    ("relation", "broken"),
    [
        ("F2", replace(FLOW, already_known=1)),
        ("F3", replace(FLOW, records_excluded=7)),
        ("F4", replace(FLOW, reports_waiting=1)),
        ("F5", replace(FLOW, reports_eligible=3)),
        ("F9", replace(FLOW, previous_studies=7)),
        ("F10", replace(FLOW, total_reports=12)),
    ],
)
def test_each_relation_sees_what_breaks_it(relation: str, broken: FlowCounts) -> None:
    failing = [each.id for each in RELATIONS if each.fault(broken) is not None]

    assert failing == [relation]
    assert sums_that_fail(FLOW) == sums_that_fail(FLOW_CUMULATIVE) == ()


def test_every_box_has_words_and_stands_once_in_the_table() -> None:
    assert [rule.box for rule in BOXES] == list(RecordBox)
    assert all(rule.words for rule in BOXES)


def a_record(number: int, candidate: str | None, day: int = 0) -> StoredRecord:
    return StoredRecord(a_trial(number), candidate, None, candidate is None, DAYS[day], "0")


def boxes(records: Sequence[StoredRecord], *queued: ScreeningState) -> list[RecordBox]:
    found = FlowSource(records, queued, (), frozenset())
    return [box for each in flow_records(found) for box in boxes_of(each)]


def waiting(name: str) -> ScreeningState:
    return ScreeningState(a_candidate(name), NOT_YET, StageLog(Stage.FULL_TEXT, (), ()))


def test_a_report_that_was_found_again_is_neither_a_duplicate_nor_lost() -> None:
    name = a_trial(1).key

    assert boxes([a_record(1, name), a_record(2, None)], waiting(name)) == [
        RecordBox.WAITING,
        RecordBox.ALREADY_KNOWN,
    ]


def test_where_a_candidates_first_record_was_moved_away_the_oldest_left_speaks_for_it() -> None:
    name = a_trial(1).key
    left = [a_record(2, name, day=2), a_record(3, name, day=1)]

    assert boxes(left, waiting(name)) == [RecordBox.DUPLICATE, RecordBox.WAITING]
