"""The one client for the outside: HTTP with a deadline, a limit, patience, and one pace per host.

Redirects are never followed (a 307 would hand the key to another host). A status 403 is never
asked again. Bodies are never logged and never part of a message, save where a service without
keys says why it refused. The reader of a body is called here, so that a busy or broken answer
inside HTTP 200 is waited out with the same patience as a status 503.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx

from bot.errors import (
    AnswerUnreadable,
    BodyCut,
    BodyRefused,
    SourceError,
    SourceForbidden,
    SourceRedirected,
    SourceRejected,
    SourceUnavailable,
)
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.deadline import Deadline, deadline
from bot.sources.upstream.decoding import ACCEPTED_ENCODING, BodyDecoder
from bot.sources.upstream.pace import HostPaces, Pace, Pause
from bot.sources.upstream.patience import (
    Patience,
    asked_wait_s,
    budget_wait_s,
    stated_interval_s,
)
from bot.sources.upstream.reply import Payload, Reply
from bot.sources.upstream.times import Times
from extraction.errors import RateLimited, RefusedPayload, UnreadablePayload

T = TypeVar("T")

# 408 Request Timeout, 425 Too Early, 429 Too Many Requests; every 5xx as well.
_BUSY = {408, 425, 429}
# Loopback is never reached through a proxy of the environment.
_DIRECT = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}
_QUOTED_CHARS = 200


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    fields: Mapping[str, str]
    quote_refusal: bool = False
    body: bytes | None = None  # in place of fields
    delivers: bool = False  # a message of our own: any status of the 200s will do
    headers: Mapping[str, str] = field(default_factory=dict)
    count: Callable[[], None] = lambda: None

    @property
    def address(self) -> str:
        """The address that may be shown."""
        return shown_address(self.url)


class _Again(Exception):
    """This attempt failed in a way that another may not; `error` is what it is if none is left."""

    def __init__(self, error: SourceError, asked_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.asked_s = asked_s


def user_agent(version: str, contact: str | None) -> str:
    """Return how the bot names itself.

    It opens with httpx's own token: the guard of ClinicalTrials.gov turns unknown names away.
    """
    mail = f" (+mailto:{quote(contact, safe='@+')})" if contact else ""
    return f"python-httpx/{httpx.__version__} living-review-bot/{version}{mail}"


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom every client trusts: reading the list of authorities for each costs as much as
    asking."""
    return httpx.create_ssl_context()


class UpstreamClient:
    """Asks services, politely and within limits. Safe to share between threads."""

    def __init__(
        self, patience: Patience, pace: Pace, agent: str, *, times: Times | None = None
    ) -> None:
        self._patience = patience
        self._times = times or Times()
        self._paces = HostPaces(pace, self._times)
        self._client = httpx.Client(
            follow_redirects=False,
            headers={"User-Agent": agent, "Accept-Encoding": ACCEPTED_ENCODING},
            # A kept connection that the server closed meanwhile would look like a failure.
            limits=httpx.Limits(max_keepalive_connections=0),
            mounts=_DIRECT,
            verify=_trusted(),
            timeout=patience.deadline_s,
        )

    def close(self) -> None:
        """Let go of what the client holds open."""
        self._client.close()

    def post(
        self,
        url: str,
        form: Mapping[str, str],
        read: Callable[[bytes], T],
        *,
        count: Callable[[], None] = lambda: None,
    ) -> Reply[T]:
        """POST a form and read the answer; a key in the form stays out of every address.

        Waits out what may pass (no connection, a deadline, 429, 5xx, a broken body) and never less
        than Retry-After asks. Raises SourceUnavailable when patience ends, SourceRejected at once
        for what asking again will not change, AnswerUnreadable for what `read` cannot read.
        `count` is called at every request sent.
        """
        return self._ask(_Request("POST", url, form, count=count), read)

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        read: Callable[[bytes], T],
        *,
        headers: Mapping[str, str] | None = None,
        count: Callable[[], None] = lambda: None,
    ) -> Reply[T]:
        """GET with parameters that hold no secret, and read the answer; raises as `post` does.

        What a refusal says (a fault in the search's text, say) is quoted in SourceRejected. A key
        belongs into `headers`.
        """
        request = _Request(
            "GET", url, params, quote_refusal=True, headers=headers or {}, count=count
        )
        return self._ask(request, read)

    def post_body(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """POST a body of our own (a signed webhook); any answer of the 200s means delivered.

        Waits and raises as `post` does.
        """
        self._ask(_Request("POST", url, {}, body=body, headers=headers, delivers=True), len)

    def post_json(
        self,
        url: str,
        value: object,
        read: Callable[[bytes], T],
        *,
        count: Callable[[], None] = lambda: None,
    ) -> Reply[T]:
        """POST a question that is JSON, and read the answer; waits and raises as `post` does."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        body = json.dumps(value, ensure_ascii=False).encode()
        return self._ask(_Request("POST", url, {}, body=body, headers=headers, count=count), read)

    def _ask(self, request: _Request, read: Callable[[bytes], T]) -> Reply[T]:
        host = _host(request.url)
        if not host:
            raise SourceRejected(request.address, "names no host that can be asked")
        for attempt in range(1, self._patience.attempts + 1):
            try:
                payload, headers = self._attempt(request, host)
                return Reply(_read(request, payload, read), payload, headers)
            except _Again as again:
                last = attempt == self._patience.attempts
                if last or again.asked_s > self._patience.longest_wait_s:
                    raise again.error from again.__cause__
                own_s = self._patience.wait_s(attempt, self._times.chance())
                self._times.sleep(max(own_s, again.asked_s))
        raise ValueError("patience without a single attempt")

    def _attempt(self, request: _Request, host: str) -> tuple[Payload, Mapping[str, str]]:
        most_s = self._patience.deadline_s
        with self._paces.turn(host) as pause, deadline(most_s, self._times) as limit:
            request.count()
            try:
                came = self._exchange(request, limit, pause)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise SourceRejected(request.address, f"cannot be asked: {error}") from error
            except (httpx.LocalProtocolError, UnicodeEncodeError):  # either would quote the key
                reason = "cannot be asked: a header (a key?) holds a sign that none may hold"
                raise SourceRejected(request.address, reason) from None
            except (httpx.TransportError, BodyCut) as error:
                raise self._unavailable(request, self._reason(error, limit)) from error
            except BodyRefused as error:
                raise AnswerUnreadable(request.address, str(error), media_type="") from error
            if limit.passed:  # a body without a length ends early without an error
                raise self._unavailable(request, self._reason(None, limit))
        return came

    def _exchange(
        self, request: _Request, limit: Deadline, pause: Pause
    ) -> tuple[Payload, Mapping[str, str]]:
        fields = dict(request.fields)
        form = request.method == "POST" and request.body is None
        with self._client.stream(
            request.method,
            request.url,
            params=fields if request.method == "GET" else None,
            data=fields if form else None,
            content=request.body,
            headers=dict(request.headers),
            extensions={"trace": limit.watch},
        ) as response:
            pause.at_least(_stated_pace_s(response.headers))
            delivered = request.delivers and response.is_success
            if response.status_code != httpx.codes.OK and not delivered:
                raise self._refusal(request, response)
            payload = _payload(response, self._patience.body_limit_bytes)
            return payload, dict(response.headers)

    def _refusal(self, request: _Request, response: httpx.Response) -> SourceError | _Again:
        status = response.status_code
        if status == httpx.codes.FORBIDDEN:
            reason = (
                "status 403: the service's guard turned this program away, by its address or its "
                "User-Agent. This is not an empty answer; this run does not ask again"
            )
            return SourceForbidden(request.address, reason, status=status)
        if 300 <= status < 400:
            return SourceRedirected(request.address, _whither(request, response), status=status)
        if status in _BUSY or status >= 500:
            asked_s = _asked_s(response.headers, self._times.now())
            return self._unavailable(request, f"status {status}", asked_s)
        if status < 300:
            reason = f"status {status}, expected 200"
            return _Again(AnswerUnreadable(request.address, reason, media_type=""))
        said = _quoted(response) if request.quote_refusal else ""
        return SourceRejected(request.address, f"status {status}{said}", status=status)

    def _unavailable(self, request: _Request, reason: str, asked_s: float = 0.0) -> _Again:
        if not asked_s:
            return _Again(SourceUnavailable(request.address, reason))
        retry_at = self._times.now() + timedelta(seconds=asked_s)
        reason = f"{reason}, asks to wait until {retry_at:%Y-%m-%d %H:%M:%S} UTC"
        return _Again(SourceUnavailable(request.address, reason, retry_at=retry_at), asked_s)

    def _reason(self, error: Exception | None, limit: Deadline) -> str:
        if limit.passed or isinstance(error, httpx.TimeoutException):
            return f"no whole answer within {self._patience.deadline_s:g} s"
        return f"{type(error).__name__}: {error}"


def _asked_s(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long to stay away: a budget that is gone outlasts the wait after a burst."""
    return max(
        asked_wait_s(headers.get("Retry-After"), headers.get("Date"), now),
        budget_wait_s(headers.get("X-RateLimit-Remaining"), headers.get("X-RateLimit-Reset")),
    )


def _stated_pace_s(headers: Mapping[str, str]) -> float:
    return stated_interval_s(
        headers.get("X-Rate-Limit-Limit"), headers.get("X-Rate-Limit-Interval")
    )


def _read(request: _Request, payload: Payload, read: Callable[[bytes], T]) -> T:
    """Read a body, telling what may pass from what will not; other errors are the asker's."""
    try:
        return read(payload.body)
    except RateLimited as error:
        raise _Again(SourceUnavailable(request.address, str(error))) from error
    except UnreadablePayload as error:
        kept = AnswerUnreadable(
            request.address, str(error), media_type=payload.media_type, body=payload.body
        )
        raise _Again(kept) from error
    except RefusedPayload as error:
        raise SourceRejected(request.address, str(error)) from error


def _payload(response: httpx.Response, limit: int) -> Payload:
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyRefused(f"body of {declared} bytes, the limit is {limit}")
    body = BodyDecoder(response.headers.get("Content-Encoding", ""), limit)
    for raw in response.iter_raw():
        body.feed(raw)
    whole = body.whole()
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Payload(hashlib.sha256(whole).hexdigest(), media_type, whole)


def _whither(request: _Request, response: httpx.Response) -> str:
    host = _host(response.headers.get("Location", "")) or _host(request.url)
    return f"status {response.status_code}: sends us to host '{host}', which is not followed"


def _host(url: str) -> str:
    """Return the host and port of an address, "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _quoted(response: httpx.Response) -> str:
    with suppress(BodyRefused, BodyCut, httpx.TransportError):
        payload = _payload(response, limit=64 * 1024)
        if payload.media_type == "text/plain":
            text = " ".join(payload.body.decode("utf-8", "replace").split())
            return f": {text[:_QUOTED_CHARS]}"
    return ""
