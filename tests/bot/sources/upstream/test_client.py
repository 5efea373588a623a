"""The client against a real server that misbehaves; waits are taken without waiting."""

from __future__ import annotations

import threading
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import format_datetime

import pytest

from bot.errors import (
    AnswerUnreadable,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn
from bot.sources.upstream.client import user_agent
from extraction.errors import RateLimited, RefusedPayload, UnreadablePayload
from tests.bot.stepped_time import NOW, SteppedTime
from tests.bot.upstreams import KEY, open_client

GOOD = b'{"count": "12", "ids": ["1", "2", "3"]}'
SECRETIVE = {"term": "mmn", "api_key": KEY}


def answer(seen: SeenRequest, kind: FaultKind | None) -> Answered:
    return Answered(GOOD, "application/json; charset=utf-8")


@contextmanager
def service(*faults: PlayedFault) -> Iterator[StandIn]:
    with StandIn("/ask", answer, faults) as stand_in:
        yield stand_in


def read(body: bytes) -> str:
    """Read as our readers do: only the whole good body is an answer."""
    if body != GOOD:
        raise UnreadablePayload("not what this service answers with")
    return body.decode()


ONCE, FOUR_TIMES = 1, 4

PASSING = [
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
]


@pytest.mark.parametrize("kind", PASSING, ids=str)
def test_a_fault_that_passes_is_waited_out(kind):
    waits = SteppedTime()
    with (
        service(PlayedFault(kind)) as upstream,
        open_client(upstream, waits) as client,
    ):
        reply = client.post(upstream.url, SECRETIVE, read)

    assert reply.value == GOOD.decode()
    assert waits.asked == [1.0]
    assert len(upstream.seen) == 2


LASTING = [
    (FaultKind.RESET, SourceUnavailable, FOUR_TIMES),
    (FaultKind.STALL, SourceUnavailable, FOUR_TIMES),
    (FaultKind.STALL_IN_BODY, SourceUnavailable, FOUR_TIMES),
    (FaultKind.DRIP, SourceUnavailable, FOUR_TIMES),
    (FaultKind.DRIP_HEADERS, SourceUnavailable, FOUR_TIMES),
    (FaultKind.TRUNCATED, SourceUnavailable, FOUR_TIMES),
    (FaultKind.TRUNCATED_GZIP, SourceUnavailable, FOUR_TIMES),
    (FaultKind.TOO_MANY, SourceUnavailable, FOUR_TIMES),
    (FaultKind.SERVER_ERROR, SourceUnavailable, FOUR_TIMES),
    (FaultKind.UNAVAILABLE, SourceUnavailable, FOUR_TIMES),
    (FaultKind.NO_CONTENT, AnswerUnreadable, FOUR_TIMES),
    (FaultKind.HTML, AnswerUnreadable, FOUR_TIMES),
    (FaultKind.EMPTY_BODY, AnswerUnreadable, FOUR_TIMES),
    (FaultKind.HALF_BODY, AnswerUnreadable, FOUR_TIMES),
    (FaultKind.GZIP_BOMB, AnswerUnreadable, ONCE),
    (FaultKind.BIG_BODY, AnswerUnreadable, ONCE),
    (FaultKind.FORBIDDEN, SourceForbidden, ONCE),
    (FaultKind.NOT_FOUND, SourceRejected, ONCE),
    (FaultKind.BAD_REQUEST, SourceRejected, ONCE),
    (FaultKind.REDIRECT, SourceRedirected, ONCE),
]


@pytest.mark.parametrize(("kind", "error", "asked"), LASTING, ids=str)
def test_a_fault_that_lasts_ends_in_the_error_that_says_what_to_do(kind, error, asked):
    lasting = PlayedFault(kind, times=99)
    with (
        service(lasting) as upstream,
        open_client(upstream) as client,
        pytest.raises(error) as caught,
    ):
        client.post(f"{upstream.url}?of=address", SECRETIVE, read)

    assert type(caught.value) is error
    assert len(upstream.seen) == asked
    assert str(caught.value).startswith(f"{upstream.url}: ")
    assert not any(secret in str(caught.value) for secret in (KEY, "mmn", "of=address", "secret"))


def test_a_busy_server_is_given_longer_each_time():
    waits = SteppedTime()
    with (
        service(PlayedFault(FaultKind.UNAVAILABLE, times=99)) as upstream,
        open_client(upstream, waits) as client,
        pytest.raises(SourceUnavailable, match="status 503") as caught,
    ):
        client.post(upstream.url, {}, read)

    assert waits.asked == [1.0, 2.0, 4.0]
    assert caught.value.retry_at is None


def test_waits_as_long_as_a_busy_server_asks_in_seconds():
    waits = SteppedTime()
    busy = PlayedFault(FaultKind.TOO_MANY, retry_after="7")
    with service(busy) as upstream, open_client(upstream, waits) as client:
        client.post(upstream.url, {}, read)

    assert waits.asked == [7.0]


def test_waits_until_the_date_that_a_busy_server_names():
    waits = SteppedTime()
    until = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    with (
        service(PlayedFault(FaultKind.UNAVAILABLE, retry_after=until)) as upstream,
        open_client(upstream, waits) as client,
    ):
        client.post(upstream.url, {}, read)

    assert waits.asked == [40.0]


def test_a_wait_beyond_patience_is_given_up_saying_when_to_come_back():
    waits = SteppedTime()
    busy = PlayedFault(FaultKind.TOO_MANY, retry_after="3600", times=99)
    with (
        service(busy) as upstream,
        open_client(upstream, waits) as client,
        pytest.raises(SourceUnavailable, match="until 2026-11-25 07:00:00 UTC") as caught,
    ):
        client.post(upstream.url, {}, read)

    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert waits.asked == []
    assert len(upstream.seen) == 1


@pytest.mark.parametrize("asked", ["1e300", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_that_nobody_can_mean_does_not_silence_a_source_for_years(asked):
    busy = PlayedFault(FaultKind.TOO_MANY, retry_after=asked, times=99)
    with (
        service(busy) as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceUnavailable) as caught,
    ):
        client.post(upstream.url, {}, read)

    assert caught.value.retry_at == NOW + timedelta(days=7)


def answering(status: int, **headers: str) -> StandIn:
    """Serve one answer with these headers; "_" stands for "-"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return StandIn("/ask", lambda seen, kind: Answered(GOOD, "application/json", status, named))


def test_a_budget_that_is_gone_is_not_asked_again_though_the_burst_would_be_over():
    gone = {"Retry_After": "1", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "54000"}
    waits = SteppedTime()
    with (
        answering(429, **gone) as upstream,
        open_client(upstream, waits) as client,
        pytest.raises(SourceUnavailable) as caught,
    ):
        client.get(upstream.url, {}, read)

    assert caught.value.retry_at == NOW + timedelta(hours=15)
    assert waits.asked == []


def test_a_burst_within_the_budget_is_waited_out_and_asked_again():
    burst = {"Retry_After": "2", "X_RateLimit_Remaining": "500", "X_RateLimit_Reset": "54000"}
    waits = SteppedTime()
    with (
        answering(429, **burst) as upstream,
        open_client(upstream, waits, attempts=2) as client,
        pytest.raises(SourceUnavailable),
    ):
        client.get(upstream.url, {}, read)

    assert waits.asked == [2.0]
    assert len(upstream.seen) == 2


@pytest.mark.parametrize("status", [200, 404])
def test_a_slower_pace_that_a_service_states_is_kept_whatever_it_answers(status):
    waits = SteppedTime()
    stated = {"X_Rate_Limit_Limit": "1", "X_Rate_Limit_Interval": "30s"}
    with answering(status, **stated) as upstream, open_client(upstream, waits) as client:
        for _ in range(2):
            with suppress(SourceRejected):
                client.get(upstream.url, {}, read)

    assert waits.asked == [30.0]


def test_a_key_in_a_header_arrives_and_is_in_no_address():
    with service() as upstream, open_client(upstream) as client:
        client.get(upstream.url, {"a": "b"}, read, headers={"Authorization": f"Bearer {KEY}"})

    (seen,) = upstream.seen
    assert seen.authorization == f"Bearer {KEY}"
    assert KEY not in seen.path + str(seen.fields)


@pytest.mark.parametrize("sign", ["\n", "\r\nX-Other: 1", "”", "\0"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(sign):
    headers = {"Authorization": f"Bearer {KEY}{sign}x"}
    with (
        service() as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceRejected, match="a header") as caught,
    ):
        client.get(upstream.url, {}, read, headers=headers)

    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert upstream.seen == []


def test_a_host_that_nobody_answers_at_is_unavailable():
    with service() as upstream:
        gone = upstream.url
    with open_client(None) as client, pytest.raises(SourceUnavailable, match="ConnectError"):
        client.post(gone, {}, read)


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/ask", "http://[broken/ask", "nowhere"])
def test_an_address_that_cannot_be_asked_is_a_fault_of_the_settings(address):
    with open_client(None) as client, pytest.raises(SourceRejected):
        client.post(address, {}, read)


def test_a_user_and_password_in_an_address_are_not_shown():
    with service(PlayedFault(FaultKind.NOT_FOUND)) as upstream, open_client(upstream) as client:
        url = upstream.url.replace("http://", f"http://user:{KEY}@")
        with pytest.raises(SourceRejected) as caught:
            client.post(url, {}, read)

    assert str(caught.value) == f"{upstream.url}: status 404"


def test_a_403_is_named_loudly_and_is_no_empty_answer():
    with (
        service(PlayedFault(FaultKind.FORBIDDEN)) as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceForbidden, match="403.*guard.*not an empty answer"),
    ):
        client.get(upstream.url, {}, read)


def test_a_redirect_names_the_host_and_nothing_else():
    with (
        service(PlayedFault(FaultKind.REDIRECT)) as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceRedirected, match="host 'elsewhere.invalid'") as caught,
    ):
        client.post(upstream.url, SECRETIVE, read)

    assert "taken" not in str(caught.value)
    assert len(upstream.seen) == 1


def test_what_a_service_without_keys_refuses_is_quoted():
    with (
        service(PlayedFault(FaultKind.BAD_REQUEST)) as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceRejected, match="status 400: Error parsing query") as caught,
    ):
        client.get(upstream.url, {"query.term": "(("}, read)

    assert caught.value.status == 400


def test_an_unreadable_answer_is_kept():
    with (
        service(PlayedFault(FaultKind.HTML, times=99)) as upstream,
        open_client(upstream) as client,
        pytest.raises(AnswerUnreadable, match="not what this service") as caught,
    ):
        client.post(upstream.url, {}, read)

    assert caught.value.media_type == "text/html"
    assert b"Maintenance" in caught.value.body


def test_a_rate_limit_inside_200_is_waited_out():
    waits, answers = SteppedTime(), iter([RateLimited("rate limit exceeded"), None])

    def limited(body: bytes) -> bytes:
        error = next(answers)
        if error is not None:
            raise error
        return body

    with service() as upstream, open_client(upstream, waits) as client:
        assert client.post(upstream.url, {}, limited).value == GOOD

    assert waits.asked == [1.0]


def test_a_refusal_inside_200_is_not_asked_again():
    def refuse(body: bytes) -> bytes:
        raise RefusedPayload("the query has an unmatched parenthesis")

    with (
        service() as upstream,
        open_client(upstream) as client,
        pytest.raises(SourceRejected, match="an unmatched parenthesis"),
    ):
        client.post(upstream.url, {}, refuse)

    assert len(upstream.seen) == 1


@pytest.mark.parametrize("kind", [FaultKind.GZIP_BOMB, FaultKind.BIG_BODY], ids=str)
def test_memory_stays_within_the_limit_whatever_is_sent(kind):
    limit = 2_000_000
    with (
        service(PlayedFault(kind)) as upstream,
        open_client(upstream, body_limit_bytes=limit) as client,
    ):
        tracemalloc.start()
        with pytest.raises(AnswerUnreadable):
            client.post(upstream.url, {}, read)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 5 * limit  # the stand-in's own blocks are counted as well


@pytest.mark.parametrize(
    "kind",
    [FaultKind.STALL, FaultKind.STALL_IN_BODY, FaultKind.DRIP, FaultKind.DRIP_HEADERS],
    ids=str,
)
def test_slowness_ends_at_the_deadline(kind):
    with (
        service(PlayedFault(kind)) as upstream,
        open_client(upstream, attempts=1) as client,
        pytest.raises(SourceUnavailable, match="within 600 s"),
    ):
        client.post(upstream.url, {}, read)


def test_the_payload_is_known_by_its_content():
    with service() as upstream, open_client(upstream) as client:
        payload = client.post(upstream.url, {}, read).payload

    assert payload.body == GOOD
    assert payload.media_type == "application/json"
    assert len(payload.sha256) == 64


def test_a_form_goes_in_the_body_and_parameters_in_the_address():
    with service() as upstream, open_client(upstream) as client:
        client.post(upstream.url, {"term": "a & b é"}, read)
        client.get(upstream.url, {"query.term": "a & b é"}, read)

    assert [seen.method for seen in upstream.seen] == ["POST", "GET"]
    assert upstream.seen[0].fields == {"term": "a & b é"}
    assert upstream.seen[1].fields == {"query.term": "a & b é"}


def test_every_request_sent_is_counted():
    sent: list[None] = []
    with (
        service(PlayedFault(FaultKind.SERVER_ERROR, times=2)) as upstream,
        open_client(upstream) as client,
    ):
        client.post(upstream.url, {}, read, count=lambda: sent.append(None))

    assert len(sent) == len(upstream.seen) == 3


def test_a_body_of_our_own_is_delivered_with_its_headers():
    with service(PlayedFault(FaultKind.NO_CONTENT)) as upstream, open_client(upstream) as client:
        client.post_body(upstream.url, b'{"version": 2}', {"Content-Type": "application/json"})

    assert len(upstream.seen) == 1


def test_requests_to_one_host_start_no_closer_than_the_pace_even_from_threads():
    interval_s = 2.5
    with service() as upstream, open_client(upstream, interval_s=interval_s) as client:
        asking = [
            threading.Thread(target=client.post, args=(upstream.url, {}, read)) for _ in range(5)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()

    starts = sorted(seen.at_s for seen in upstream.seen)
    gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
    assert gaps == [interval_s] * 4


def test_the_agent_opens_with_httpx_and_names_the_bot_and_the_contact():
    with service() as upstream, open_client(upstream) as client:
        client.get(upstream.url, {}, read)

    agent = upstream.seen[0].agent
    assert agent.startswith("python-httpx/0.")
    assert agent.endswith(" living-review-bot/1.2.3 (+mailto:team@review.test)")


def test_an_odd_contact_cannot_break_a_header():
    assert "\n" not in user_agent("1", "a\nb@review.test")
    assert user_agent("1", "zoë@review.test").isascii()


def test_every_error_is_a_source_error():
    assert issubclass(SourceForbidden, SourceRejected)
    for error in (SourceUnavailable, SourceRejected, AnswerUnreadable):
        assert issubclass(error, SourceError)
