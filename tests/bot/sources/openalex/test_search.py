"""Citation chasing against a stand-in of OpenAlex with its budget and its faults."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import SourceAnswer
from bot.sources.openalex.search import PAGE_SIZE, chase_openalex
from bot.sources.openalex.stand_in import OpenAlexStandIn, a_work
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import SeenRequest
from tests.bot.sources.fault_table import (
    BODIES,
    LASTING,
    LASTS,
    PASSING,
    assert_no_cut_is_taken_for_whole,
)
from tests.bot.stepped_time import NOW, SteppedTime
from tests.bot.upstreams import KEY, open_client

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
    waits: SteppedTime | None = None,
    **more: Any,
) -> SourceAnswer:
    with open_client(upstream, waits) as client:
        return chase_openalex(client, upstream.url, seeds, now=NOW, **more)


def ids(answer: SourceAnswer) -> list[str]:
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


@pytest.mark.parametrize("key", [None, KEY], ids=["without a key", "with a key"])
def test_long_lists_come_page_by_page(key: str | None) -> None:
    with OpenAlexStandIn(many(2 * PAGE_SIZE + 5)) as upstream:
        answer = chase(upstream, api_key=key)

    assert len(answer.records) == 2 * PAGE_SIZE + 5
    lists = [seen.fields for seen in upstream.seen if "filter" in seen.fields]
    assert {int(fields["per-page"]) for fields in lists} == {100}
    assert all(("cursor" in fields) == (key is not None) for fields in lists)
    assert not any("api_key" in fields for fields in lists)


def test_more_than_can_be_had_without_a_key_is_said_and_not_cut() -> None:
    meta = {"meta": {"count": 10_001}, "results": [{"id": "https://openalex.org/W5"}]}
    fault = PlayedFault(FaultKind.OTHER_BODY, after=1, body=json.dumps(meta).encode())
    with (
        OpenAlexStandIn(WORKS, faults=[fault]) as upstream,
        pytest.raises(Incomplete, match=r"10001 works, without a key 10000 .*openalex_api_key"),
    ):
        chase(upstream)


@pytest.mark.parametrize(
    ("key", "said"), [(None, "wants a free key"), (KEY, "does not take the key")]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_chase_that_is_not_allowed_says_what_it_wants(
    key: str | None, said: str, place: int
) -> None:
    with (
        OpenAlexStandIn(
            WORKS, faults=[PlayedFault(FaultKind.UNAUTHORIZED, after=place, times=LASTS)]
        ) as upstream,
        pytest.raises(SourceRejected, match=said) as caught,
    ):
        chase(upstream, api_key=key)

    assert KEY not in str(caught.value)


def test_a_seed_of_which_no_references_are_known_is_named() -> None:
    works = [*WORKS, a_work("W10", "Without references", doi="https://doi.org/10.1/bare")]
    with OpenAlexStandIn(works) as upstream:
        answer = chase(upstream, ["doi:10.1/bare", *SEEDS])

    (warning,) = answer.warnings
    assert "no references of doi:10.1/bare" in warning
    assert len(answer.records) == 4


def test_the_key_travels_in_a_header_only() -> None:
    with OpenAlexStandIn(WORKS) as upstream:
        chase(upstream, api_key=KEY)

    assert all(seen.authorization == f"Bearer {KEY}" for seen in upstream.seen)
    assert all(KEY not in str(seen.fields) + seen.path for seen in upstream.seen)


def test_a_list_that_the_budget_cannot_end_stops_at_once_and_says_when_to_go_on() -> None:
    with (
        OpenAlexStandIn(many(5 * PAGE_SIZE), budget=2, reset_s=3_600) as upstream,
        pytest.raises(SourceUnavailable, match="1 credits left, 5 are needed") as caught,
    ):
        chase(upstream)

    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert len(upstream.seen) == 2


def test_a_budget_that_is_gone_is_not_asked_again_until_it_is_renewed() -> None:
    waits = SteppedTime()
    with (
        OpenAlexStandIn(WORKS, budget=0, reset_s=54_000) as upstream,
        pytest.raises(SourceUnavailable) as caught,
    ):
        chase(upstream, waits=waits)

    assert caught.value.retry_at == NOW + timedelta(hours=15)
    assert waits.asked == []


def test_a_burst_that_was_too_fast_is_waited_out() -> None:
    waits = SteppedTime()
    with OpenAlexStandIn(
        WORKS, faults=[PlayedFault(FaultKind.TOO_MANY, after=1, retry_after="2")]
    ) as upstream:
        answer = chase(upstream, waits=waits)

    assert len(answer.records) == 4
    assert waits.asked == [2.0]


def test_the_budget_counts_the_lists_that_are_still_to_come() -> None:
    with (
        OpenAlexStandIn(WORKS, budget=1, reset_s=3_600) as upstream,
        pytest.raises(SourceUnavailable, match="1 credits left, 2 are needed") as caught,
    ):
        chase(upstream)

    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert upstream.budget == 1


def test_the_budget_is_counted_at_what_a_page_really_costs() -> None:
    with (
        OpenAlexStandIn(many(2 * PAGE_SIZE), budget=25, cost=10) as upstream,
        pytest.raises(SourceUnavailable, match="15 credits left, 20 are needed"),
    ):
        chase(upstream)


def test_a_budget_that_just_does_is_used_up() -> None:
    with OpenAlexStandIn(many(2 * PAGE_SIZE + 5), budget=4) as upstream:
        assert len(chase(upstream).records) == 2 * PAGE_SIZE + 5

    assert upstream.budget == 0


def test_credits_that_were_paid_for_outlast_the_days_budget() -> None:
    with OpenAlexStandIn(many(2 * PAGE_SIZE), budget=1, prepaid_usd=5) as upstream:
        assert len(chase(upstream).records) == 2 * PAGE_SIZE


def test_a_seed_named_twice_or_by_two_identifiers_is_chased_once() -> None:
    both = SEED | {"ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/99000001"}}
    with OpenAlexStandIn([both, *WORKS[1:]]) as upstream:
        chase(upstream, [*SEEDS, *SEEDS, "pmid:99000001"])

    assert [seen.path for seen in upstream.seen].count("/works/doi:10.1/trial") == 1
    assert upstream.seen[-1].fields["filter"] == "cited_by:W1"


def test_many_seeds_are_asked_for_in_batches() -> None:
    seeds = [a_work(f"W{n}", "A seed", doi=f"https://doi.org/10.1/{n}") for n in range(60)]
    citing = a_work("W100", "Cites the first and the last", cites=["W0", "W59"])
    with OpenAlexStandIn([*seeds, citing]) as upstream:
        answer = chase(upstream, [f"doi:10.1/{n}" for n in range(60)])

    assert ids(answer) == ["W100"]
    lists = [seen for seen in upstream.seen if seen.path == "/works"]
    assert [seen.fields["filter"].count("W") for seen in lists] == [50, 50, 10, 10]


def test_cited_works_that_are_not_listed_are_named() -> None:
    with OpenAlexStandIn([work for work in WORKS if work["id"][-2:] != "W8"]) as upstream:
        answer = chase(upstream)

    (warning,) = answer.warnings
    assert warning.endswith("does not list 1 of the 2 works that the documents cite: W8")


@pytest.mark.parametrize("name", ["10.1/a(b)<c>;d", "10.1/a?b#c", "10.1/a%2fb", "10.1/a b"])
def test_a_doi_of_odd_signs_arrives_as_it_is(name: str) -> None:
    with OpenAlexStandIn([a_work("W1", "Odd", doi=f"https://doi.org/{name}")]) as upstream:
        (warning,) = chase(upstream, [f"doi:{name}"]).warnings
    assert "no references of" in warning


def test_a_list_of_all_works_there_are_is_not_fetched() -> None:
    everything = b'{"meta": {"count": 327595274, "next_cursor": "p200"}, "results": [{"id": "W5"}]}'
    with (
        OpenAlexStandIn(
            WORKS, faults=[PlayedFault(FaultKind.OTHER_BODY, after=1, body=everything)]
        ) as upstream,
        pytest.raises(Incomplete, match="327595274 works"),
    ):
        chase(upstream)

    assert len(upstream.seen) == 2


def test_no_work_cites_and_none_is_cited_is_an_answer() -> None:
    with OpenAlexStandIn([a_work("W1", "Alone", doi="https://doi.org/10.1/trial")]) as upstream:
        answer = chase(upstream)

    assert (answer.found, answer.records) == (0, ())
    assert [each.partition(":")[0] for each in answer.warnings] == [
        "OpenAlex has no references of doi"
    ]


# ---- faults -------------------------------------------------------------------------------------

A_SEED, FIRST_LIST, SECOND_LIST = 0, 1, 2


@pytest.mark.parametrize("kind", PASSING, ids=str)
@pytest.mark.parametrize("place", [A_SEED, FIRST_LIST, SECOND_LIST])
def test_a_fault_that_passes_costs_a_wait_and_no_record(kind: FaultKind, place: int) -> None:
    waits = SteppedTime()
    with OpenAlexStandIn(WORKS, faults=[PlayedFault(kind, after=place)]) as upstream:
        answer = chase(upstream, waits=waits)

    assert ids(answer) == ["W2", "W3", "W7", "W8"]
    assert waits.asked == [1.0]


@pytest.mark.parametrize(("kind", "error", "asked"), LASTING, ids=str)
@pytest.mark.parametrize("place", [A_SEED, SECOND_LIST])
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_no_results(
    kind: FaultKind, error: type[SourceError], asked: int, place: int
) -> None:
    with (
        OpenAlexStandIn(WORKS, faults=[PlayedFault(kind, after=place, times=LASTS)]) as upstream,
        pytest.raises(error) as caught,
    ):
        chase(upstream, api_key=KEY)

    assert type(caught.value) is error
    assert len(upstream.seen) == place + asked
    assert KEY not in str(caught.value)


def test_a_403_is_said_loudly() -> None:
    with (
        OpenAlexStandIn(WORKS, faults=[PlayedFault(FaultKind.FORBIDDEN)]) as upstream,
        pytest.raises(SourceForbidden, match="403.*not an empty answer"),
    ):
        chase(upstream)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("place", [A_SEED, FIRST_LIST])
def test_an_answer_of_another_kind_is_refused(body: bytes, place: int) -> None:
    other = PlayedFault(FaultKind.OTHER_BODY, after=place, times=LASTS, body=body)
    with (
        OpenAlexStandIn(WORKS, faults=[other]) as upstream,
        pytest.raises(AnswerUnreadable, match="OpenAlex"),
    ):
        chase(upstream)


def test_an_answer_cut_anywhere_is_refused() -> None:
    with OpenAlexStandIn(many(100)) as upstream:
        assert_no_cut_is_taken_for_whole(upstream, lambda: chase(upstream))


def test_a_wrong_content_type_does_not_hide_a_right_answer() -> None:
    wrong = PlayedFault(FaultKind.WRONG_CONTENT_TYPE, times=LASTS)
    with OpenAlexStandIn(WORKS, faults=[wrong]) as upstream:
        assert len(chase(upstream).records) == 4


MOVING = [
    FaultKind.SHORT_PAGE,
    FaultKind.SHRUNK_COUNT,
    FaultKind.DUPLICATE_PAGE,
    FaultKind.TOKEN_EXPIRED,
    FaultKind.EMPTY_PAGE,
]


@pytest.mark.parametrize(
    ("kind", "key"),
    [*((kind, key) for kind in MOVING for key in (None, KEY)), (FaultKind.TOKEN_REPEATED, KEY)],
)
def test_a_list_that_moves_between_pages_is_begun_anew(kind: FaultKind, key: str | None) -> None:
    with OpenAlexStandIn(
        many(2 * PAGE_SIZE + 5), faults=[PlayedFault(kind, at="/works", after=2)]
    ) as upstream:
        answer = chase(upstream, api_key=key)

    assert len(answer.records) == 2 * PAGE_SIZE + 5
    first = [seen for seen in upstream.seen if "*" in seen.fields.values() or _is_first(seen)]
    assert len(first) == 3  # both lists, and one of them again


def _is_first(seen: SeenRequest) -> bool:
    return seen.fields.get("page") == "1"


def test_a_count_that_shrinks_to_what_has_come_is_not_believed() -> None:
    shrunk = {"meta": {"count": PAGE_SIZE + 1, "next_cursor": None}, "results": [{"id": "W90"}]}
    fault = PlayedFault(FaultKind.OTHER_BODY, after=2, body=json.dumps(shrunk).encode())
    with OpenAlexStandIn(many(2 * PAGE_SIZE), faults=[fault]) as upstream:
        answer = chase(upstream)

    assert len(answer.records) == 2 * PAGE_SIZE
    assert "W90" not in ids(answer)


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGE, FaultKind.EMPTY_PAGE], ids=str)
def test_a_list_that_never_settles_is_not_believed(kind: FaultKind) -> None:
    with (
        OpenAlexStandIn(
            WORKS, faults=[PlayedFault(kind, after=FIRST_LIST, times=LASTS)]
        ) as upstream,
        pytest.raises(Incomplete, match="4 works counted|2 works counted"),
    ):
        chase(upstream)

    assert len(upstream.seen) == 1 + 3
