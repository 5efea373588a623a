"""Europe PMC's search against a stand-in with its cursors and its faults."""

from __future__ import annotations

import pytest

from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import SourceAnswer
from bot.sources.europepmc.search import LONGEST_ADDRESS, search_europepmc
from bot.sources.europepmc.stand_in import EuropePmcStandIn, a_result
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import open_client

QUERY = 'TITLE_ABS:"multifocal motor neuropathy"'
NINE = [f"MED:{number}" for number in range(1, 10)]


def results(count: int) -> list[dict[str, object]]:
    return [a_result("MED", str(number), f"Report {number}") for number in range(1, count + 1)]


def search(
    upstream: EuropePmcStandIn,
    query: str = QUERY,
    *,
    waits: SteppedTime | None = None,
) -> SourceAnswer:
    with open_client(upstream, waits) as client:
        return search_europepmc(client, upstream.url, query, page_size=4)


def ids(answer: SourceAnswer) -> list[str]:
    return sorted(record.source_id for record in answer.records)


def test_every_record_is_returned_page_by_page_with_its_payload() -> None:
    with EuropePmcStandIn(results(9)) as upstream:
        answer = search(upstream)

    assert ids(answer) == NINE
    assert (answer.found, answer.query) == (9, QUERY)
    assert set(answer.payload_of.values()) <= {each.sha256 for each in answer.payloads}


def test_no_records_is_an_answer_only_with_a_count_of_nought() -> None:
    with EuropePmcStandIn() as upstream:
        assert search(upstream).records == ()


def test_a_short_query_goes_in_the_address_and_a_long_one_is_posted() -> None:
    with EuropePmcStandIn(results(1)) as upstream:
        search(upstream)
        search(upstream, "a OR " * LONGEST_ADDRESS)

    methods = {(each.method, each.path.rpartition("/")[2]) for each in upstream.seen}
    assert methods == {("GET", "search"), ("POST", "searchPOST")}


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET,
        FaultKind.STALL,
        FaultKind.STALL_IN_BODY,
        FaultKind.DRIP,
        FaultKind.TRUNCATED,
        FaultKind.TRUNCATED_GZIP,
        FaultKind.TOO_MANY,
        FaultKind.UNAVAILABLE,
        FaultKind.HTML,
        FaultKind.EMPTY_BODY,
        FaultKind.HALF_BODY,
        FaultKind.ERROR_IN_200,
    ],
    ids=str,
)
@pytest.mark.parametrize("page", [0, 1])
def test_a_fault_that_passes_costs_a_wait_and_no_record(kind: FaultKind, page: int) -> None:
    waits = SteppedTime()
    with EuropePmcStandIn(results(9), faults=[PlayedFault(kind, after=page)]) as upstream:
        answer = search(upstream, waits=waits)

    assert ids(answer) == NINE
    assert waits.asked == [1.0]


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.TOKEN_EXPIRED,
        FaultKind.SHORT_PAGE,
        FaultKind.DUPLICATE_PAGE,
        FaultKind.SHRUNK_COUNT,
        FaultKind.TOKEN_REPEATED,
    ],
    ids=str,
)
def test_pages_that_do_not_hold_together_are_asked_for_again_from_the_first(
    kind: FaultKind,
) -> None:
    with EuropePmcStandIn(results(9), faults=[PlayedFault(kind, after=1)]) as upstream:
        answer = search(upstream)

    assert ids(answer) == NINE


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RESET, SourceUnavailable),
        (FaultKind.TOO_MANY, SourceUnavailable),
        (FaultKind.UNAVAILABLE, SourceUnavailable),
        (FaultKind.HTML, AnswerUnreadable),
        (FaultKind.HALF_BODY, AnswerUnreadable),
        (FaultKind.ERROR_IN_200, AnswerUnreadable),
        (FaultKind.GZIP_BOMB, AnswerUnreadable),
        (FaultKind.BIG_BODY, AnswerUnreadable),
        (FaultKind.FORBIDDEN, SourceForbidden),
        (FaultKind.REDIRECT, SourceRedirected),
        (FaultKind.NOT_FOUND, SourceRejected),
        (FaultKind.SHORT_PAGE, Incomplete),
        (FaultKind.TOKEN_EXPIRED, Incomplete),
    ],
    ids=str,
)
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_no_results(
    kind: FaultKind, error: type[SourceError]
) -> None:
    with (
        EuropePmcStandIn(results(9), faults=[PlayedFault(kind, times=99)]) as upstream,
        pytest.raises(error) as caught,
    ):
        search(upstream)

    assert type(caught.value) is error


def test_what_the_service_says_of_a_faulty_request_is_quoted() -> None:
    with (
        EuropePmcStandIn(results(1)) as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceRejected, match="Invalid page size"),
    ):
        search_europepmc(client, upstream.url, QUERY, page_size=1_001)


def test_records_that_appear_on_the_way_are_found() -> None:
    with EuropePmcStandIn(results(9)) as upstream, open_client(upstream) as client:
        grown = [a_result("PPR", "PPR1", "A preprint")]

        def grow(source: str, done: int, total: int) -> None:
            if grown:
                upstream.add(grown.pop())

        answer = search_europepmc(client, upstream.url, QUERY, page_size=4, progress=grow)

    assert ids(answer) == [*NINE, "PPR:PPR1"]
