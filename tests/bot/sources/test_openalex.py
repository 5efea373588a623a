"""Citation chasing against a stand-in of OpenAlex with its budget and its faults."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.demo.faults import Fault, FaultKind
from bot.demo.openalex import OpenAlexStandIn, a_work
from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import Answer
from bot.sources.openalex import PAGE_SIZE, chase_openalex
from tests.bot.upstreams import KEY, NOW, Waits, open_door

SEED = a_work("W1", "The trial", doi="https://doi.org/10.1/trial", cites=["W7", "W8"])
WORKS = [
    SEED,
    a_work("W2", "Cites it", cites=["W1"], publication_date="2022-05-01"),
    a_work("W3", "Cites it early", cites=["W1", "W9"], publication_date="1999-01-01"),
    a_work("W4", "Has nothing to do with it", cites=["W9"]),
    a_work("W7", "Is cited"),
    a_work("W8", "Is cited too"),
    a_work("W9", "Is cited by others"),
]
SEEDS = ["doi:10.1/trial"]


def many(count: int) -> list[dict[str, Any]]:
    return [SEED, *(a_work(f"W{n}", f"Cites {n}", cites=["W1"]) for n in range(100, 100 + count))]


def chase(
    upstream: OpenAlexStandIn,
    seeds: list[str] = SEEDS,
    *,
    waits: Waits | None = None,
    deadline_s: float = 5.0,
    **more: Any,
) -> Answer:
    with open_door(waits, deadline_s=deadline_s) as door:
        return chase_openalex(door, upstream.url, seeds, now=NOW, **more)


def ids(answer: Answer) -> list[str]:
    return sorted(record.source_id for record in answer.records)


def test_those_that_cite_and_those_that_are_cited_are_found() -> None:
    with OpenAlexStandIn(WORKS) as upstream:
        answer = chase(upstream)

    assert ids(answer) == ["W2", "W3", "W7", "W8"]
    assert answer.query == "doi:10.1/trial"
    assert answer.found == 4


def test_a_day_leaves_out_earlier_documents_that_cite_and_none_that_is_cited() -> None:
    with OpenAlexStandIn(WORKS) as upstream:
        answer = chase(upstream, citing_since=date(2020, 4, 20))

    assert ids(answer) == ["W2", "W7", "W8"]


def test_a_seed_that_is_not_known_is_named_and_the_others_are_chased() -> None:
    with OpenAlexStandIn(WORKS) as upstream:
        answer = chase(upstream, ["pmid:404", *SEEDS])

    assert answer.warnings == ("OpenAlex does not know pmid:404",)
    assert len(answer.records) == 4


def test_no_known_seed_at_all_is_a_failure_and_no_empty_answer() -> None:
    with (
        OpenAlexStandIn(WORKS) as upstream,
        pytest.raises(SourceRejected, match="none of the 2 documents"),
    ):
        chase(upstream, ["pmid:404", "doi:10.1/none"])


def test_long_lists_come_page_by_page() -> None:
    with OpenAlexStandIn(many(2 * PAGE_SIZE + 5)) as upstream:
        answer = chase(upstream)

    assert len(answer.records) == 2 * PAGE_SIZE + 5


def test_the_key_travels_in_a_header_only() -> None:
    with OpenAlexStandIn(WORKS) as upstream:
        chase(upstream, api_key=KEY)

    assert all(KEY not in str(seen.fields) + seen.path for seen in upstream.seen)


def test_a_list_that_the_budget_cannot_end_stops_at_once_and_says_when_to_go_on() -> None:
    with (
        OpenAlexStandIn(many(5 * PAGE_SIZE), budget=2, reset_s=3_600) as upstream,
        pytest.raises(SourceUnavailable, match="1 credits left, 4 are needed") as caught,
    ):
        chase(upstream)

    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert len(upstream.seen) == 2


def test_a_budget_that_is_gone_is_not_asked_again_until_it_is_renewed() -> None:
    waits = Waits()
    with (
        OpenAlexStandIn(WORKS, budget=0, reset_s=54_000) as upstream,
        pytest.raises(SourceUnavailable) as caught,
    ):
        chase(upstream, waits=waits)

    assert caught.value.retry_at == NOW + timedelta(hours=15)
    assert waits.asked == []


def test_a_burst_that_was_too_fast_is_waited_out() -> None:
    waits = Waits()
    with OpenAlexStandIn(
        WORKS, faults=[Fault(FaultKind.TOO_MANY, after=1, retry_after="2")]
    ) as upstream:
        answer = chase(upstream, waits=waits)

    assert len(answer.records) == 4
    assert waits.asked == [2.0]


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET,
        FaultKind.STALL,
        FaultKind.DRIP,
        FaultKind.TRUNCATED,
        FaultKind.TRUNCATED_GZIP,
        FaultKind.UNAVAILABLE,
        FaultKind.HTML,
        FaultKind.EMPTY_BODY,
        FaultKind.HALF_BODY,
        FaultKind.ERROR_IN_200,
    ],
    ids=str,
)
@pytest.mark.parametrize("request_number", [0, 1, 2])
def test_a_fault_that_passes_costs_a_wait_and_no_record(
    kind: FaultKind, request_number: int
) -> None:
    waits = Waits()
    with OpenAlexStandIn(WORKS, faults=[Fault(kind, after=request_number)]) as upstream:
        answer = chase(upstream, waits=waits, deadline_s=0.4)

    assert ids(answer) == ["W2", "W3", "W7", "W8"]
    assert waits.asked == [1.0]


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGE, FaultKind.SHRUNK_COUNT], ids=str)
def test_a_list_that_does_not_add_up_is_asked_for_again(kind: FaultKind) -> None:
    with OpenAlexStandIn(WORKS, faults=[Fault(kind, after=1)]) as upstream:
        assert len(chase(upstream).records) == 4


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RESET, SourceUnavailable),
        (FaultKind.UNAVAILABLE, SourceUnavailable),
        (FaultKind.HTML, AnswerUnreadable),
        (FaultKind.HALF_BODY, AnswerUnreadable),
        (FaultKind.ERROR_IN_200, AnswerUnreadable),
        (FaultKind.GZIP_BOMB, AnswerUnreadable),
        (FaultKind.FORBIDDEN, SourceForbidden),
        (FaultKind.REDIRECT, SourceRedirected),
        (FaultKind.BAD_REQUEST, SourceRejected),
        (FaultKind.SHORT_PAGE, Incomplete),
    ],
    ids=str,
)
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_no_results(
    kind: FaultKind, error: type[SourceError]
) -> None:
    with (
        OpenAlexStandIn(WORKS, faults=[Fault(kind, times=99)]) as upstream,
        pytest.raises(error) as caught,
    ):
        chase(upstream)

    assert type(caught.value) is error
