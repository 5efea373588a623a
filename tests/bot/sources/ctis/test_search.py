"""CTIS: lines of words, whole lists, each trial's own entry, and nothing of persons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import Incomplete, SourceForbidden
from bot.sources.answer import SourceAnswer
from bot.sources.ctis.read import read_again
from bot.sources.ctis.search import search_ctis
from bot.sources.ctis.stand_in import CtisStandIn, a_trial
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from extraction.model import Record
from extraction.readers.ctis import read_list, read_trial
from tests.bot.upstreams import open_client

BY_NAME = a_trial("2025-599001-11-00", "Lamps in multifocal motor neuropathy")
WIDER = a_trial("2025-599002-12-00", "Immunoglobulin in chronic polyneuropathy")
OTHER = a_trial("2025-599003-13-00", "Candles in migraine")
LINES = "multifocal motor neuropathy\npolyneuropathy immunoglobulin\n"
RUNNING: dict[str, Any] = {
    "numbers": {"nctNumber": {"number": "NCT99000001"}},
    "eudract": {"eudraCtCode": "2020-099001-11"},
    "information": {
        "trialObjective": {"mainObjective": "To compare strength at week 24."},
        "eligibilityCriteria": {
            "principalInclusionCriteria": [
                {"principalInclusionCriteria": "Adults"},
                {"principalInclusionCriteria": "Weakness"},
            ]
        },
        "endPoint": {"primaryEndPoints": [{"endPoint": "Grip strength"}]},
    },
    "products": [{"productName": "Immunoglobulin"}],
    "parts": [{"recruitmentSubjectCount": 20}, {"recruitmentSubjectCount": 12}],
}
ENDED: dict[str, Any] = {
    "ended": {"trialEndDate": "2026-02-01"},
    "results": {"summaryResults": [{"id": 1, "submissionDate": "2026-08-01T10:00:00.1"}]},
}


def find(upstream: CtisStandIn, query: str = LINES, **more: Any) -> SourceAnswer:
    with open_client(upstream) as client:
        return search_ctis(client, upstream.url, query, **more)


def only(answer: SourceAnswer) -> Record:
    (record,) = answer.records
    return record


def test_each_line_is_searched_alone_and_what_any_finds_is_taken_once() -> None:
    both = a_trial(
        "2025-599004-14-00", "Immunoglobulin: polyneuropathy, multifocal motor neuropathy"
    )
    with CtisStandIn([BY_NAME, WIDER, OTHER, both], by_words=True) as upstream:
        answer = find(upstream)
        asked = [json.loads(seen.body)["searchCriteria"] for seen in upstream.seen if seen.body]

    assert sorted(each.source_id[5:11] for each in answer.records) == ["599001", "599002", "599004"]
    assert asked == [
        {"containAll": "multifocal motor neuropathy"},
        {"containAll": "polyneuropathy immunoglobulin"},
    ]
    assert answer.found == 3


def test_long_lists_come_page_by_page_from_page_1() -> None:
    trials = [a_trial(f"2025-599{n:03}-11-00", f"Trial {n}") for n in range(25)]
    with CtisStandIn(trials) as upstream:
        answer = find(upstream, "trial", page_size=10)
        pages = [json.loads(seen.body)["pagination"]["page"] for seen in upstream.seen if seen.body]

    assert len(answer.records) == 25
    assert pages == [1, 2, 3]


def test_an_entry_says_more_than_its_row() -> None:
    with CtisStandIn([{**BY_NAME, "entry": RUNNING}]) as upstream:
        record = only(find(upstream, "lamps"))

    assert record.ids.register == ("2025-599001-11-00", "2020-099001-11", "NCT99000001")
    assert record.abstract is not None
    assert record.abstract.splitlines() == [
        "OBJECTIVE: To compare strength at week 24.",
        "INCLUSION: Adults; Weakness",
        "PRIMARY OUTCOME: Grip strength",
    ]
    assert record.entry is not None
    assert record.entry.overall_status == "Ongoing, recruiting"
    assert (record.entry.enrolment, record.entry.interventions) == (32, ("Immunoglobulin",))
    assert (record.published_on, record.entry.last_update_on) == ("2026-06-24", "2026-09-03")
    assert (record.entry.has_results, record.entry.completion_on) == (False, None)


def test_the_end_of_a_trial_and_its_results_are_read() -> None:
    ended = {**BY_NAME, "ctStatus": 8, "entry": ENDED}
    with CtisStandIn([ended]) as upstream:
        entry = only(find(upstream, "lamps")).entry

    assert entry is not None
    assert (entry.overall_status, entry.completion_on) == ("Ended", "2026-02-01")
    assert (entry.has_results, entry.results_posted_on) == (True, "2026-08-01")


def test_a_trial_without_an_entry_is_as_the_list_has_it_and_is_said() -> None:
    row = {**BY_NAME, "entry": None, "lastUpdated": "02/09/2026", "totalNumberEnrolled": "40"}
    with CtisStandIn([row]) as upstream:
        answer = find(upstream, "lamps")

    record = only(answer)
    assert record.entry is not None
    assert (record.entry.last_update_on, record.entry.enrolment) == ("2026-09-02", 40)
    (warning,) = answer.warnings
    assert "gives no entry" in warning


@pytest.mark.parametrize("kind", [FaultKind.NOT_FOUND, FaultKind.BAD_REQUEST])
def test_an_entry_that_is_refused_leaves_the_trial(kind: FaultKind) -> None:
    with CtisStandIn([BY_NAME], faults=[PlayedFault(kind, at="/retrieve/")]) as upstream:
        answer = find(upstream, "lamps")

    assert len(answer.records) == len(answer.warnings) == 1


def test_a_403_ends_the_search() -> None:
    fault = PlayedFault(FaultKind.FORBIDDEN, at="/retrieve/")
    with CtisStandIn([BY_NAME], faults=[fault]) as upstream, pytest.raises(SourceForbidden):
        find(upstream, "lamps")


def test_what_is_known_of_persons_is_not_kept() -> None:
    with CtisStandIn([BY_NAME]) as upstream:
        answer = find(upstream, "lamps")
        assert any(b"nobody" in each.body for each in upstream.answered)

    assert not any(b"nobody" in each.body for each in answer.payloads)
    again = read_again({each.sha256: each.body for each in answer.payloads})
    assert again.records == {each.key: each for each in answer.records}


def test_more_trials_than_can_be_had_are_no_answer() -> None:
    many = {"pagination": {"totalRecords": 10_505}, "data": []}
    fault = PlayedFault(FaultKind.OTHER_BODY, body=json.dumps(many).encode())
    with CtisStandIn(faults=[fault]) as upstream, pytest.raises(Incomplete, match="10505.*10000"):
        find(upstream, "trial")


@pytest.mark.parametrize(
    "kind", [FaultKind.SHORT_PAGE, FaultKind.EMPTY_PAGE, FaultKind.DUPLICATE_PAGE]
)
def test_a_list_that_is_not_as_counted_is_asked_for_anew_and_then_not_believed(
    kind: FaultKind,
) -> None:
    trials = [a_trial(f"2025-599{n:03}-11-00", f"Trial {n}") for n in range(25)]
    once = PlayedFault(kind, at="/search", after=1)
    with CtisStandIn(trials, faults=[once]) as upstream:
        assert len(find(upstream, "trial", page_size=10).records) == 25

    always = PlayedFault(kind, at="/search", times=99)
    with CtisStandIn(trials, faults=[always]) as upstream, pytest.raises(Incomplete):
        find(upstream, "trial", page_size=10)


def test_nothing_found_is_an_answer() -> None:
    with CtisStandIn([OTHER], by_words=True) as upstream:
        answer = find(upstream)

    assert (answer.found, answer.records, answer.warnings) == (0, (), ())


def test_a_status_that_nobody_knows_keeps_its_code() -> None:
    body = {"pagination": {"totalRecords": 1}, "data": [{**BY_NAME, "ctStatus": 99}]}

    (record,) = read_list(json.dumps(body).encode()).records

    assert record.entry is not None
    assert record.entry.overall_status == "status 99, which is not in the portal's list"


def test_an_entry_of_which_little_is_public_has_its_number_and_no_title() -> None:
    body = b'{"ctNumber": "2025-599001-11-00", "authorizedApplication": {"authorizedPartI": {}}}'

    assert read_trial(body).title == "[no title]"
