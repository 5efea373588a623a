"""The flow: every record in one box of each column, columns that add up, relations that hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.figures.flow_counts import FlowCounts
from bot.report.flow import (
    BOXES,
    FlowSource,
    RecordBox,
    boxes_of,
    flow_counts,
    flow_records,
    flow_since,
)
from bot.report.prisma import RELATIONS, boxes_that_do_not_add_up, sums_that_fail
from extraction.model import Design, Report, Study
from state.facts.words import CandidateKind, CandidateOutcome
from state.screening import Answer, Decision, Ruling, Stage, StudyStatus, Verdict
from state.values import Candidate, ScreeningState, StageLog, StoredRecord, StoredStudy
from tests.bot.builders import a_trial
from tests.bot.report.sample import FLOW, FLOW_CUMULATIVE

DAYS = tuple(f"2026-11-{day:02d}T00:00:00.000000Z" for day in range(1, 29))
PEOPLE = ("ada", "ben")

seeds = st.integers(0, 2**64)
ends = st.sets(st.sampled_from(DAYS), min_size=1, max_size=4).map(lambda days: sorted(days))


@dataclass
class History:
    """A random history of dated steps, small enough to read; `at` says how it stood on a day."""

    seed: int
    steps: list[tuple[str, Step]] = field(default_factory=list)

    def __post_init__(self) -> None:
        random = Random(self.seed)
        known = Happened()
        for day in DAYS:
            for _ in range(random.choice([0, 0, 1, 2])):
                step = known.some_step(random)
                known = step(known)
                self.steps.append((day, step))

    def at(self, day: str) -> FlowSource:
        """Take the steps up to the end of a day."""
        happened = Happened()
        for when, step in self.steps:
            if when <= day:
                happened = step(happened)
        return happened.found()


Step = Callable[["Happened"], "Happened"]


@dataclass(frozen=True)
class Happened:
    """What the steps so far have come to."""

    records: Mapping[str, StoredRecord] = field(default_factory=dict)
    linked: frozenset[str] = frozenset()
    said: tuple[tuple[str, Stage, str, Answer], ...] = ()
    studies: Mapping[str, StoredStudy] = field(default_factory=lambda: dict(PUBLISHED))

    def some_step(self, random: Random) -> Step:
        """Choose what happens next among all that can."""
        opened = [key for key, each in self.records.items() if each.candidate == key]
        can: list[Step] = [a_record_comes(len(self.records), opened, random)]
        can += [someone_says(name, stage, random) for name in opened for stage in Stage]
        can += [a_person_links(name) for name in opened]
        can += [a_person_merges(key, random.choice(opened)) for key in self.records if opened]
        can += [a_person_splits(key) for key in self.records]
        can += [a_study_moves(name, random) for name in self.studies]
        return random.choice(can)

    def found(self) -> FlowSource:
        names = {each.candidate for each in self.records.values() if each.candidate}
        return FlowSource(
            tuple(self.records.values()),
            tuple(self._standing(name) for name in sorted(names)),
            tuple(self.studies.values()),
            frozenset({"ctgov"}),
        )

    def _standing(self, name: str) -> ScreeningState:
        linked = name in self.linked
        first, second = (self._log(name, stage) for stage in Stage)
        return ScreeningState(a_candidate(name, linked=linked), first, second)

    def _log(self, name: str, stage: Stage) -> StageLog:
        said = [
            (who, answer) for one, where, who, answer in self.said if (one, where) == (name, stage)
        ]
        decisions = tuple(Decision(who, answer) for who, answer in said if who in PEOPLE)
        rulings = tuple(Ruling(who, answer, True) for who, answer in said if who not in PEOPLE)
        return StageLog(stage, decisions, rulings if len(decisions) == len(PEOPLE) else ())


def a_study(name: str, *, baseline: bool, place: StudyStatus = StudyStatus.INCLUDED) -> StoredStudy:
    reports = (Report(f"{name}. A report."),) * 2 if baseline else ()
    study = Study(name, name, Design.PARALLEL, ("ivig", "placebo"), reports=reports)
    return StoredStudy(study, place, None, None, baseline, DAYS[0])


PUBLISHED: dict[str, StoredStudy] = {name: a_study(name, baseline=True) for name in ("s0", "s1")}


def a_record_comes(number: int, opened: Sequence[str], random: Random) -> Step:
    record = replace(a_trial(number + 1), source=random.choice(["pubmed", "ctgov"]))
    candidate = random.choice([record.key, record.key, None, *opened])
    stored = StoredRecord(record, candidate, None, candidate is None, DAYS[0], "0")
    return lambda past: replace(past, records={**past.records, record.key: stored})


def someone_says(name: str, stage: Stage, random: Random) -> Step:
    """A reader decides, or a third person rules; whoever has spoken does not speak again."""
    who = random.choice([*PEOPLE, "cy"])
    verdict = random.choice([Verdict.INCLUDE, Verdict.EXCLUDE])
    criterion = random.choice(["E1", "E2"]) if verdict is Verdict.EXCLUDE else None
    saying = (name, stage, who, Answer(verdict, criterion))

    def say(past: Happened) -> Happened:
        spoken = any(each[:3] == saying[:3] for each in past.said)
        return past if spoken else replace(past, said=(*past.said, saying))

    return say


def a_person_links(name: str) -> Step:
    """Confirm that a candidate is a report of a study, and give the study its records."""

    def link(past: Happened) -> Happened:
        if any(each[0] == name for each in past.said):
            return past
        theirs = {
            key: replace(each, study="s0")
            for key, each in past.records.items()
            if each.candidate == name
        }
        return replace(past, records={**past.records, **theirs}, linked=past.linked | {name})

    return link


def a_person_merges(key: str, other: str) -> Step:
    def merge(past: Happened) -> Happened:
        if past.records[key].known_report:
            return past
        where = past.records[other]
        moved = replace(past.records[key], candidate=where.candidate, study=where.study)
        return replace(past, records={**past.records, key: moved})

    return merge


def a_person_splits(key: str) -> Step:
    def split(past: Happened) -> Happened:
        if past.records[key].known_report:
            return past
        alone = replace(past.records[key], candidate=key, study=None)
        return replace(past, records={**past.records, key: alone})

    return split


def a_study_moves(name: str, random: Random) -> Step:
    """A known study goes elsewhere, or a new one comes in."""
    place, added = random.choice(tuple(StudyStatus)), f"t{random.randrange(3)}"

    def move(past: Happened) -> Happened:
        known = past.studies.get(added)
        new = a_study(added, baseline=False, place=place)
        moved = replace(past.studies[name], place=place)
        change = {name: moved} if known is not None else {added: new}
        return replace(past, studies={**past.studies, **change})

    return move


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


def columns_of(history: History, days: Sequence[str]) -> list[FlowCounts]:
    """The columns of the versions published on these days."""
    whole = [flow_counts(history.at(day)) for day in days]
    later = [flow_since(before, now) for before, now in pairwise(whole)]
    return [*whole[:1], *later]


@settings(deadline=None)
@given(seeds, st.sampled_from(DAYS))
def test_every_record_is_in_exactly_one_box_on_every_day(seed: int, day: str) -> None:
    records = flow_records(History(seed).at(day))

    assert [boxes_of(each) for each in records if len(boxes_of(each)) != 1] == []


@settings(deadline=None)
@given(seeds, ends)
def test_the_boxes_of_all_versions_add_up_to_those_of_the_whole(seed: int, days: list[str]) -> None:
    history = History(seed)
    whole = flow_counts(history.at(days[-1]))

    assert boxes_that_do_not_add_up(columns_of(history, days), whole) == ()


@settings(deadline=None)
@given(seeds, ends)
def test_every_relation_holds_in_every_version_and_over_all(seed: int, days: list[str]) -> None:
    history = History(seed)
    columns = columns_of(history, days)

    assert [sums_that_fail(each) for each in columns] == [()] * len(columns)
    assert sums_that_fail(flow_counts(history.at(days[-1]))) == ()


@settings(deadline=None)
@given(seeds, ends)
def test_a_version_begins_with_the_studies_that_the_one_before_ended_with(
    seed: int, days: list[str]
) -> None:
    for before, now in pairwise(columns_of(History(seed), days)):
        assert now.previous_studies == before.total_studies
        assert now.previous_reports == before.total_reports


def waiting_then_screened() -> tuple[FlowCounts, FlowCounts]:
    """Six records that are found before a release and screened after it."""
    records = tuple(a_record(number, a_trial(number).key) for number in range(1, 7))
    names = [each.record.key for each in records]
    queued, read = (tuple(state(name) for name in names) for state in (waiting, excluded))
    before, now = (FlowSource(records, each, (), frozenset()) for each in (queued, read))
    return flow_counts(before), flow_counts(now)


def test_records_found_before_a_release_and_screened_after_it_count_when_they_were_screened() -> (
    None
):
    first, whole = waiting_then_screened()
    second = flow_since(first, whole)

    assert (first.records_screened, first.records_waiting) == (0, 6)
    assert (second.records_screened, second.records_waiting) == (6, -6)
    assert boxes_that_do_not_add_up([first, second], whole) == ()


def test_a_step_that_counts_in_no_version_is_seen() -> None:
    first, whole = waiting_then_screened()
    found_in_its_time = flow_since(whole, whole)  # nothing was found since, so nothing counts

    assert boxes_that_do_not_add_up([first, found_in_its_time], whole) == (
        "records_excluded of all versions come to 0, in all to 6",
        "records_screened of all versions come to 0, in all to 6",
        "records_waiting of all versions come to 6, in all to 0",
    )


def test_a_box_that_is_lost_is_seen() -> None:
    first, whole = waiting_then_screened()
    lost = replace(flow_since(first, whole), records_waiting=0)

    assert sums_that_fail(lost) == (
        "records identified less those removed come to 0, records screened and waiting to 6",
    )


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


NO_FULL_TEXT = StageLog(Stage.FULL_TEXT, (), ())


def waiting(name: str) -> ScreeningState:
    return ScreeningState(a_candidate(name), StageLog(Stage.TITLE_ABSTRACT, (), ()), NO_FULL_TEXT)


def excluded(name: str) -> ScreeningState:
    no = Answer(Verdict.EXCLUDE, "E1")
    both = tuple(Decision(who, no) for who in PEOPLE)
    return ScreeningState(a_candidate(name), StageLog(Stage.TITLE_ABSTRACT, both, ()), NO_FULL_TEXT)


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
