"""ClinicalTrials.gov's search against a stand-in with its tokens, its guard and its faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.demo.fiction import baseline_studies, entry, fictional_entry
from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import Progress, SourceAnswer, silent
from bot.sources.ctgov.search import search_ctgov
from bot.sources.ctgov.stand_in import CtgovStandIn
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.pace import Pace
from bot.sources.upstream.patience import Patience
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import open_client

QUERY = '"multifocal motor neuropathy" OR (MMN AND neuropathy)'
UPSTREAM = Path(__file__).parents[5] / "shared" / "upstream" / "ctgov" / "studies"


def studies(count: int) -> list[dict[str, Any]]:
    return [entry(f"NCT{number:08}", f"Study {number}", "MMN") for number in range(1, count + 1)]


def search(
    upstream: CtgovStandIn,
    *,
    waits: SteppedTime | None = None,
    page_size: int = 4,
    progress: Progress = silent,
) -> SourceAnswer:
    with open_client(upstream, waits) as client:
        return search_ctgov(client, upstream.url, QUERY, page_size=page_size, progress=progress)


def ids(answer: SourceAnswer) -> list[str]:
    return sorted(record.source_id for record in answer.records)


NINE = [f"NCT{number:08}" for number in range(1, 10)]


def test_every_entry_is_returned_page_by_page_with_its_payload():
    with CtgovStandIn(studies(9)) as upstream:
        answer = search(upstream)

    assert ids(answer) == NINE
    assert (answer.found, answer.pages, answer.requests) == (9, 3, 3)
    assert (answer.query, answer.problems) == (QUERY, ())
    assert {answer.payload_of[record.key] for record in answer.records} == {
        payload.sha256 for payload in answer.payloads
    }


def test_each_page_is_asked_for_with_the_same_parameters():
    with CtgovStandIn(studies(9)) as upstream:
        search(upstream)

    asked = [dict(seen.fields) for seen in upstream.seen]
    tokens = [fields.pop("pageToken", None) for fields in asked]
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["query.term"] == QUERY
    assert asked[0]["countTotal"] == "true"
    assert asked[0]["format"] == "json"
    assert asked[0]["sort"]
    assert tokens[0] is None
    assert None not in tokens[1:]
    assert [seen.path for seen in upstream.seen] == ["/api/v2/studies"] * 3


def test_a_base_address_without_its_last_slash_does_as_well():
    with CtgovStandIn(studies(2)) as upstream, open_client(upstream) as client:
        assert len(search_ctgov(client, upstream.url.rstrip("/"), QUERY).records) == 2


def test_no_entries_is_an_answer_only_with_a_count_of_nought():
    with CtgovStandIn() as upstream:
        answer = search(upstream)

    assert (answer.records, answer.found) == ((), 0)


def test_a_page_of_exactly_the_last_entries_ends_the_walk():
    with CtgovStandIn(studies(8)) as upstream:
        assert search(upstream).pages == 2


def test_a_page_size_above_the_services_own_is_cut_by_it_and_paged():
    with CtgovStandIn(studies(1_001)) as upstream:
        answer = search(upstream, page_size=5_000)

    assert (answer.found, answer.pages) == (1_001, 2)


def test_progress_is_told_page_by_page():
    told: list[tuple[str, int, int]] = []
    with CtgovStandIn(studies(9)) as upstream:
        search(upstream, progress=lambda *place: told.append(place))

    assert told == [("ctgov", 4, 9), ("ctgov", 8, 9), ("ctgov", 9, 9)]


SECOND_PAGE = 1

WAITED_OUT = [
    FaultKind.RESET,
    FaultKind.STALL,
    FaultKind.STALL_IN_BODY,
    FaultKind.DRIP,
    FaultKind.DRIP_HEADERS,
    FaultKind.TRUNCATED,
    FaultKind.TRUNCATED_GZIP,
    FaultKind.TOO_MANY,
    FaultKind.SERVER_ERROR,
    FaultKind.UNAVAILABLE,
    FaultKind.NO_CONTENT,
    FaultKind.HTML,
    FaultKind.EMPTY_BODY,
    FaultKind.HALF_BODY,
    FaultKind.ERROR_IN_200,
]


@pytest.mark.parametrize("page", [0, SECOND_PAGE])
@pytest.mark.parametrize("kind", WAITED_OUT, ids=str)
def test_a_fault_that_passes_costs_a_wait_and_no_entry(kind, page):
    waits = SteppedTime()
    with CtgovStandIn(studies(9), faults=[PlayedFault(kind, after=page)]) as upstream:
        answer = search(upstream, waits=waits)

    assert ids(answer) == NINE
    assert waits.asked == [1.0]
    assert answer.requests == len(upstream.seen) == 4


BEGUN_ANEW = [
    (FaultKind.TOKEN_EXPIRED, SECOND_PAGE, 5),
    (FaultKind.BAD_REQUEST, SECOND_PAGE, 5),
    (FaultKind.SHORT_PAGE, SECOND_PAGE, 6),
    (FaultKind.DUPLICATE_PAGE, SECOND_PAGE, 6),
    (FaultKind.SHRUNK_COUNT, 0, 6),
    (FaultKind.TOKEN_REPEATED, SECOND_PAGE, 5),
]


@pytest.mark.parametrize(("kind", "page", "requests"), BEGUN_ANEW, ids=str)
def test_pages_that_do_not_hold_together_are_asked_for_again_from_the_first(kind, page, requests):
    waits = SteppedTime()
    with CtgovStandIn(studies(9), faults=[PlayedFault(kind, after=page)]) as upstream:
        answer = search(upstream, waits=waits)

    assert ids(answer) == NINE
    assert waits.asked == []
    assert answer.requests == len(upstream.seen) == requests


def test_an_empty_page_with_a_token_goes_on():
    with CtgovStandIn(
        studies(9), faults=[PlayedFault(FaultKind.EMPTY_PAGE, after=SECOND_PAGE)]
    ) as upstream:
        answer = search(upstream)

    assert ids(answer) == NINE


def test_an_empty_first_page_with_a_token_is_not_an_empty_answer():
    with CtgovStandIn(studies(9), faults=[PlayedFault(FaultKind.EMPTY_PAGE)]) as upstream:
        answer = search(upstream)

    assert ids(answer) == NINE


LASTING = [
    (FaultKind.RESET, SourceUnavailable, 4),
    (FaultKind.TOO_MANY, SourceUnavailable, 4),
    (FaultKind.HTML, AnswerUnreadable, 4),
    (FaultKind.EMPTY_BODY, AnswerUnreadable, 4),
    (FaultKind.HALF_BODY, AnswerUnreadable, 4),
    (FaultKind.ERROR_IN_200, AnswerUnreadable, 4),
    (FaultKind.GZIP_BOMB, AnswerUnreadable, 1),
    (FaultKind.BIG_BODY, AnswerUnreadable, 1),
    (FaultKind.FORBIDDEN, SourceForbidden, 1),
    (FaultKind.BAD_REQUEST, SourceRejected, 1),
    (FaultKind.NOT_FOUND, SourceRejected, 1),
    (FaultKind.REDIRECT, SourceRedirected, 1),
    (FaultKind.OLD_SHAPE, SourceRejected, 1),
    (FaultKind.SHORT_PAGE, Incomplete, 9),
    (FaultKind.SHRUNK_COUNT, Incomplete, 9),
    (FaultKind.TOKEN_EXPIRED, Incomplete, 6),
    (FaultKind.TOKEN_REPEATED, Incomplete, 6),
    (FaultKind.EMPTY_PAGE, Incomplete, 6),
]


@pytest.mark.parametrize(("kind", "error", "requests"), LASTING, ids=str)
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_no_results(kind, error, requests):
    with (
        CtgovStandIn(studies(9), faults=[PlayedFault(kind, times=99)]) as upstream,
        pytest.raises(error) as caught,
    ):
        search(upstream)

    assert type(caught.value) is error
    assert len(upstream.seen) == requests


def test_the_reason_why_an_old_payload_is_refused_is_named():
    with (
        CtgovStandIn(studies(9), faults=[PlayedFault(FaultKind.OLD_SHAPE)]) as upstream,
        pytest.raises(SourceRejected, match=r"v1|old"),
    ):
        search(upstream)


def test_what_the_register_says_of_a_faulty_query_is_quoted():
    with (
        CtgovStandIn(studies(9), faults=[PlayedFault(FaultKind.BAD_REQUEST)]) as upstream,
        pytest.raises(SourceRejected, match="status 400: Error parsing query in EXPR"),
    ):
        search(upstream)


def test_a_name_that_the_guard_does_not_know_is_turned_away_loudly():
    client = UpstreamClient(Patience(), Pace(0.0), "living-review-bot/1")
    with CtgovStandIn(studies(9)) as upstream, pytest.raises(SourceForbidden, match="403"):
        search_ctgov(client, upstream.url, QUERY)
    client.close()


def test_entries_that_appear_on_the_way_expire_the_tokens_and_are_found():
    with CtgovStandIn(studies(9)) as upstream:

        def grow(source: str, done: int, total: int) -> None:
            if (done, total) == (4, 9):
                upstream.add(fictional_entry())

        answer = search(upstream, progress=grow)

    assert ids(answer) == [*NINE, "NCT99000001"]


def test_the_baseline_of_the_demonstration_is_readable():
    with CtgovStandIn((*baseline_studies(), fictional_entry())) as upstream:
        answer = search(upstream)

    made_up = next(record for record in answer.records if record.source_id == "NCT99000001")
    assert answer.found == 6
    assert made_up.entry is not None
    assert made_up.entry.has_results
    assert made_up.entry.enrolment == 24


def test_real_studies_come_through_whole():
    if not UPSTREAM.is_dir():
        pytest.skip("../shared/upstream is not here: the real payloads are tested where it is")
    payloads = [json.loads(file.read_text(encoding="utf-8")) for file in UPSTREAM.glob("*.json")]
    served = [study for study in payloads if "protocolSection" in study]
    with CtgovStandIn(served) as upstream:
        answer = search(upstream)

    numbers = {study["protocolSection"]["identificationModule"]["nctId"] for study in served}
    assert set(ids(answer)) == numbers
    assert answer.found == len(numbers) > 10
