"""PubMed's search against a stand-in with its caps, its expiring histories and its faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree

from bot.demo.fiction import baseline_articles, fictional_trial
from bot.errors import (
    AnswerUnreadable,
    Incomplete,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.answer import Progress, SourceAnswer, silent
from bot.sources.pubmed.search import CAP, fetch_pubmed_by_ids, search_pubmed
from bot.sources.pubmed.stand_in import Article, PubmedStandIn
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import KEY, open_client

QUERY = "multifocal[tiab] AND motor[tiab]"
TODAY = date(2026, 11, 25)
UPSTREAM = Path(__file__).parents[5] / "shared" / "upstream" / "pubmed"


def articles(count: int, *, first_day: date = date(2020, 1, 1), a_day: int = 1) -> list[Article]:
    """Write many small records, so many created each day."""
    template = fictional_trial()
    return [
        Article(
            pmid=str(number),
            created_on=first_day + timedelta(days=(number - 1) // a_day),
            xml=_tiny(number) if count > 1000 else _renamed(template, number),
        )
        for number in range(1, count + 1)
    ]


def _renamed(template: Article, number: int) -> bytes:
    return template.xml.replace(template.pmid.encode(), str(number).encode())


def _tiny(number: int) -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{number}'
        '</PMID><Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate>'
        "<Year>2020</Year></PubDate></JournalIssue><Title>J</Title></Journal><ArticleTitle>T."
        '</ArticleTitle><Language>eng</Language><PublicationTypeList><PublicationType UI="D016428">'
        "Journal Article</PublicationType></PublicationTypeList></Article></MedlineCitation>"
        "</PubmedArticle>"
    ).encode()


def search(
    upstream: PubmedStandIn,
    *,
    waits: SteppedTime | None = None,
    batch_size: int = 4,
    progress: Progress = silent,
) -> SourceAnswer:
    with open_client(upstream, waits) as client:
        return search_pubmed(
            client,
            upstream.url,
            QUERY,
            email="team@review.test",
            api_key=KEY,
            tool="living-review-bot",
            today=TODAY,
            batch_size=batch_size,
            progress=progress,
        )


def pmids(answer: SourceAnswer) -> set[str]:
    return {record.source_id for record in answer.records}


def asked(upstream: PubmedStandIn, utility: str) -> list[dict[str, str]]:
    return [dict(seen.fields) for seen in upstream.seen if seen.path.endswith(f"{utility}.fcgi")]


def numbers(first: int, last: int) -> set[str]:
    return {str(number) for number in range(first, last + 1)}


def test_every_record_of_the_answer_is_returned_with_its_payload():
    with PubmedStandIn(baseline_articles()) as upstream:
        answer = search(upstream)

    assert pmids(answer) == {article.pmid for article in baseline_articles()}
    assert answer.found == len(answer.records) == 10
    assert (answer.pages, answer.requests) == (3, 4) == (3, len(upstream.seen))
    assert (answer.problems, answer.query) == ((), QUERY)
    kept = {payload.sha256 for payload in answer.payloads}
    assert len(kept) == 4
    assert {answer.payload_of[record.key] for record in answer.records} < kept


def test_credentials_travel_in_the_form_and_never_in_an_address():
    with PubmedStandIn(articles(3)) as upstream:
        search(upstream)

    for seen in upstream.seen:
        assert seen.method == "POST"
        assert seen.fields["db"] == "pubmed"
        assert seen.fields["tool"] == "living-review-bot"
        assert seen.fields["email"] == "team@review.test"
        assert seen.fields["api_key"] == KEY
    assert asked(upstream, "esearch")[0]["term"] == QUERY
    assert asked(upstream, "esearch")[0]["retmax"] == "9999"


def test_what_is_not_set_is_not_sent():
    with PubmedStandIn(articles(1)) as upstream, open_client(upstream) as client:
        search_pubmed(
            client, upstream.url.rstrip("/"), QUERY, email=None, api_key=None, tool="t", today=TODAY
        )

    assert not any({"email", "api_key"} & seen.fields.keys() for seen in upstream.seen)


def test_no_records_is_an_answer_only_with_a_count_of_nought():
    with PubmedStandIn() as upstream:
        answer = search(upstream)

    assert (answer.records, answer.found, answer.problems) == ((), 0, ())
    assert asked(upstream, "efetch") == []


def test_progress_is_told_page_by_page():
    told: list[tuple[str, int, int]] = []
    with PubmedStandIn(articles(9)) as upstream:
        search(upstream, progress=lambda *place: told.append(place))

    assert told == [("pubmed", 4, 9), ("pubmed", 8, 9), ("pubmed", 9, 9)]


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
    FaultKind.RATE_LIMIT_IN_200,
]


@pytest.mark.parametrize("utility", ["esearch", "efetch"])
@pytest.mark.parametrize("kind", WAITED_OUT, ids=str)
def test_a_fault_that_passes_costs_a_wait_and_no_record(kind, utility):
    waits = SteppedTime()
    with PubmedStandIn(articles(9), faults=[PlayedFault(kind, at=utility)]) as upstream:
        answer = search(upstream, waits=waits)

    assert pmids(answer) == numbers(1, 9)
    assert answer.problems == ()
    assert waits.asked == [1.0]
    assert answer.requests == len(upstream.seen) == 5


MENDED = [
    (FaultKind.WRONG_CONTENT_TYPE, "esearch", 4),  # a right body is believed whatever it is called
    (FaultKind.WRONG_CONTENT_TYPE, "efetch", 4),
    (FaultKind.SHORT_PAGE, "esearch", 5),  # fewer ids than counted: searched again
    (FaultKind.SHORT_PAGE, "efetch", 5),  # the missing one is asked for by id
    (FaultKind.HISTORY_EXPIRED, "efetch", 6),  # searched again, fetched from where it broke off
]


@pytest.mark.parametrize(("kind", "utility", "requests"), MENDED, ids=str)
def test_a_fault_of_content_is_mended_without_a_wait(kind, utility, requests):
    waits = SteppedTime()
    second_page = 1 if utility == "efetch" else 0
    with PubmedStandIn(articles(9), faults=[PlayedFault(kind, utility, second_page)]) as upstream:
        answer = search(upstream, waits=waits)

    assert pmids(answer) == numbers(1, 9)
    assert (answer.problems, waits.asked) == ((), [])
    assert len(upstream.seen) == requests


LASTING = [
    (FaultKind.RESET, "esearch", SourceUnavailable, 4),
    (FaultKind.TOO_MANY, "esearch", SourceUnavailable, 4),
    (FaultKind.RATE_LIMIT_IN_200, "esearch", SourceUnavailable, 4),
    (FaultKind.RATE_LIMIT_IN_200, "efetch", SourceUnavailable, 5),
    (FaultKind.HTML, "esearch", AnswerUnreadable, 4),
    (FaultKind.HTML, "efetch", AnswerUnreadable, 5),
    (FaultKind.EMPTY_BODY, "efetch", AnswerUnreadable, 5),
    (FaultKind.HALF_BODY, "efetch", AnswerUnreadable, 5),
    (FaultKind.GZIP_BOMB, "efetch", AnswerUnreadable, 2),
    (FaultKind.BIG_BODY, "esearch", AnswerUnreadable, 1),
    (FaultKind.FORBIDDEN, "esearch", SourceForbidden, 1),
    (FaultKind.REDIRECT, "efetch", SourceRedirected, 2),
    (FaultKind.BAD_REQUEST, "esearch", SourceRejected, 1),
    (FaultKind.SHORT_PAGE, "esearch", Incomplete, 3),
    (FaultKind.HISTORY_EXPIRED, "efetch", SourceUnavailable, 6),
]


@pytest.mark.parametrize(("kind", "utility", "error", "requests"), LASTING, ids=str)
def test_a_fault_that_lasts_fails_the_source_and_never_looks_like_no_results(
    kind, utility, error, requests
):
    with (
        PubmedStandIn(articles(9), faults=[PlayedFault(kind, utility, times=99)]) as upstream,
        pytest.raises(error) as caught,
    ):
        search(upstream)

    assert type(caught.value) is error
    assert len(upstream.seen) == requests
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("utility", ["esearch", "efetch"])
def test_an_error_inside_200_fails_the_source_in_the_services_words(utility):
    with (
        PubmedStandIn(
            articles(9), faults=[PlayedFault(FaultKind.ERROR_IN_200, utility, times=99)]
        ) as upstream,
        pytest.raises(SourceError, match="not available|Cannot process"),
    ):
        search(upstream)


def test_a_bomb_of_entities_is_refused_by_name():
    fault = PlayedFault(FaultKind.ENTITY_BOMB, "efetch", times=99)
    with (
        PubmedStandIn(articles(9), faults=[fault]) as upstream,
        pytest.raises(SourceError, match="entities"),
    ):
        search(upstream)


def test_a_page_that_came_twice_is_counted_once_and_the_missing_one_fetched():
    fault = PlayedFault(FaultKind.DUPLICATE_PAGE, at="efetch", after=1)
    with PubmedStandIn(articles(9), faults=[fault]) as upstream:
        answer = search(upstream)

    assert pmids(answer) == numbers(1, 9)
    assert answer.problems == ()
    assert set(asked(upstream, "efetch")[-1]["id"].split(",")) == numbers(2, 5)


def test_a_short_page_does_not_shift_where_the_next_one_starts():
    fault = PlayedFault(FaultKind.SHORT_PAGE, at="efetch")
    with PubmedStandIn(articles(9), faults=[fault]) as upstream:
        search(upstream)

    starts = [fields.get("retstart") for fields in asked(upstream, "efetch")]
    assert starts == ["0", "4", "8", None]


def test_records_that_are_never_delivered_are_a_problem_and_the_others_stay():
    fault = PlayedFault(FaultKind.SHORT_PAGE, at="efetch", times=99)
    with PubmedStandIn(articles(9), faults=[fault]) as upstream:
        answer = search(upstream)

    assert answer.problems == ("named but not delivered: PMID 1",)
    assert pmids(answer) == numbers(2, 9)
    assert answer.found == 9


def test_a_record_that_nobody_asked_for_is_left_out_and_named():
    fault = PlayedFault(FaultKind.STRAY_RECORD, at="efetch")
    with PubmedStandIn(articles(9), faults=[fault]) as upstream:
        answer = search(upstream)

    assert pmids(answer) == numbers(1, 9)
    assert answer.problems == ("delivered but not asked for, left out: PMID 99999998",)


def test_a_count_that_shrank_by_the_second_search_is_the_count():
    faults = [
        PlayedFault(FaultKind.HISTORY_EXPIRED, at="efetch", after=1),
        PlayedFault(FaultKind.SHRUNK_COUNT, at="esearch", after=1),
    ]
    with PubmedStandIn(articles(9), faults=faults) as upstream:
        answer = search(upstream)

    assert (answer.found, answer.problems) == (8, ())
    assert pmids(answer) == numbers(2, 9)


def test_records_that_appear_while_an_expired_history_is_renewed_are_found():
    newcomers = iter([articles(10)])
    with PubmedStandIn(articles(9)) as upstream:

        def grow(source: str, done: int, total: int) -> None:
            for found in newcomers:
                upstream.add(*found)
                upstream.forget_histories()

        answer = search(upstream, progress=grow)

    assert pmids(answer) == numbers(1, 10)
    assert answer.found == 10


def test_a_history_that_expires_after_every_other_page_still_delivers_all():
    every_other = [
        PlayedFault(FaultKind.HISTORY_EXPIRED, "efetch", after=2 * n) for n in range(1, 6)
    ]
    with PubmedStandIn(articles(20), faults=every_other) as upstream:
        answer = search(upstream)

    assert pmids(answer) == numbers(1, 20)
    assert len(asked(upstream, "esearch")) > 2


def test_an_answer_above_the_cap_is_split_by_create_date_until_it_fits():
    many = articles(CAP + 2_002, a_day=40)
    with PubmedStandIn(many) as upstream:
        answer = search(upstream, batch_size=6_000)

    assert answer.found == len(answer.records) == len(many)
    assert answer.problems == ()
    terms = [fields["term"] for fields in asked(upstream, "esearch")]
    assert terms[0] == QUERY
    assert all(term.startswith(f'({QUERY}) AND ("') for term in terms[1:])
    assert '"3000/12/31"[crdt])' in terms[2]


def test_an_answer_at_the_cap_is_not_split():
    with PubmedStandIn(articles(CAP, a_day=50)) as upstream:
        answer = search(upstream, batch_size=10_000)

    assert answer.found == len(answer.records) == CAP
    assert len(asked(upstream, "esearch")) == 1


def test_a_single_day_above_the_cap_is_a_failure_that_names_the_day():
    many = articles(CAP + 1, a_day=20_000)
    with (
        PubmedStandIn(many) as upstream,
        pytest.raises(Incomplete, match="10000 records were created on 2020-01-01"),
    ):
        search(upstream)


def test_halves_that_do_not_add_up_are_asked_again_and_then_refused():
    fault = PlayedFault(FaultKind.SHRUNK_COUNT, at="esearch", after=1, times=99)
    with (
        PubmedStandIn(articles(CAP + 2, a_day=50), faults=[fault]) as upstream,
        pytest.raises(Incomplete, match="records counted, halves give"),
    ):
        search(upstream)

    assert asked(upstream, "efetch") == []


def test_a_record_that_appears_between_the_halves_only_costs_another_search():
    fault = PlayedFault(FaultKind.SHRUNK_COUNT, at="esearch", after=1)
    with PubmedStandIn(articles(CAP + 1, a_day=50), faults=[fault]) as upstream:
        answer = search(upstream, batch_size=6_000)

    assert answer.found == len(answer.records) == CAP + 1


def by_ids(upstream: PubmedStandIn, wanted: Sequence[str]) -> SourceAnswer:
    with open_client(upstream) as client:
        return fetch_pubmed_by_ids(
            client, upstream.url, wanted, email=None, api_key=None, tool="t", batch_size=4
        )


def test_records_are_fetched_by_id_in_batches():
    with PubmedStandIn(articles(9)) as upstream:
        answer = by_ids(upstream, ["9", "1", "2", "3", "4", "5", "1"])

    assert [record.source_id for record in answer.records] == ["9", "1", "2", "3", "4", "5"]
    assert (answer.found, answer.problems, answer.requests) == (6, (), 2)


def test_an_unknown_id_is_a_problem_and_not_an_error():
    with PubmedStandIn(articles(2)) as upstream:
        answer = by_ids(upstream, ["1", "2", "999999999"])

    assert answer.problems == ("named but not delivered: PMID 999999999",)
    assert pmids(answer) == {"1", "2"}


@pytest.mark.parametrize("odd", ["", "PMC1", "12 34", "１２", "-1"])
def test_a_malformed_id_is_refused_before_it_is_sent(odd):
    with PubmedStandIn(articles(2)) as upstream, pytest.raises(SourceRejected, match="digits only"):
        by_ids(upstream, ["1", odd])

    assert upstream.seen == []


def test_no_ids_ask_nothing():
    with PubmedStandIn() as upstream:
        assert by_ids(upstream, []).records == ()

    assert upstream.seen == []


def real_articles() -> list[Article]:
    if not UPSTREAM.is_dir():
        pytest.skip("../shared/upstream is not here: the real payloads are tested where it is")
    found = {}
    for file in sorted((UPSTREAM / "metapub" / "pmid_xml").glob("*.xml")):
        for node in etree.parse(file).getroot():
            pmid = node.findtext("MedlineCitation/PMID") or node.findtext("BookDocument/PMID")
            if pmid:
                found[pmid] = Article(pmid, date(2020, 1, 1), etree.tostring(node))
    return list(found.values())


def test_real_payloads_come_through_whole():
    served = real_articles()
    with PubmedStandIn(served) as upstream:
        answer = search(upstream, batch_size=50)

    assert pmids(answer) == {article.pmid for article in served}
    assert answer.problems == ()
    assert len(answer.records) > 100


REAL_ERRORS = [
    ("esearch", "esearch_bad_query.json"),
    ("esearch", "esearch_expired_webenv.json"),
    ("esearch", "esearch_retstart_too_big.json"),
    ("esearch", "esearch_retstart_too_big.xml"),
    ("esearch", "rate_limit_429.json"),
    ("esearch", "www_error_500.html"),
    ("esearch", "esummary_expired_webenv.json"),
    ("efetch", "efetch_expired_webenv_http200.xml"),
    ("efetch", "rate_limit_429.json"),
    ("efetch", "www_error_500.html"),
]


@pytest.mark.parametrize(("utility", "name"), REAL_ERRORS)
def test_a_real_error_inside_200_is_a_failure_and_never_an_empty_answer(utility, name):
    file = UPSTREAM / "errors" / name
    if not file.is_file():
        pytest.skip("../shared/upstream is not here: the real errors are tested where it is")
    fault = PlayedFault(FaultKind.OTHER_BODY, utility, times=99, body=file.read_bytes())
    with PubmedStandIn(articles(9), faults=[fault]) as upstream, pytest.raises(SourceError):
        search(upstream)


def test_an_empty_set_where_records_were_named_is_a_problem_and_not_an_empty_answer():
    empty = b"<PubmedArticleSet></PubmedArticleSet>"
    fault = PlayedFault(FaultKind.OTHER_BODY, "efetch", times=99, body=empty)
    with PubmedStandIn(articles(2), faults=[fault]) as upstream:
        answer = search(upstream)

    assert (answer.records, answer.found) == ((), 2)
    assert answer.problems == ("named but not delivered: PMID 2, 1",)
