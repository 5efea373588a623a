"""A real HTTP server on loopback that logs what it is asked and can misbehave on the line."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import parse_qsl, urlsplit

from bot.sources.stand_ins.misbehaviour import FaultKind, FaultList, PlayedFault

log = logging.getLogger("livingreview.stand_ins")

BOMB_BYTES = 200 * 1024 * 1024
FOR_EVER_S = threading.TIMEOUT_MAX
_DRIP_S = 60.0  # a few bytes outlast every deadline, and each arrives in time to be waited for
_AS_HTML = "text/html"
_HTML = b"<html><head><title>Maintenance</title></head><body>Back soon.</body></html>"


class ServerTime(Protocol):
    """What a server knows of time: the machine's, or that of a test."""

    def now(self) -> datetime:
        """Return the instant that answers are dated with."""

    def monotonic(self) -> float:
        """Return the seconds that requests are counted by."""

    def wait(self, seconds: float) -> bool:
        """Let time pass; return whether nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class RealTime:
    """The machine's time; `closing` ends every wait."""

    closing: threading.Event

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait in earnest."""
        return self.closing.wait(seconds)


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as the server saw it; `at_s` is on the server's monotonic clock."""

    at_s: float
    method: str
    path: str
    fields: Mapping[str, str]
    agent: str
    authorization: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back: a status, a body, its media type and further headers."""

    body: bytes
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn:
    """A context manager that serves `answer` at `url` until it is left.

    `answer` gets each request and the fault planned for it; the faults of the line and of HTTP
    are played here, after it. Slowness is played on `time`: a test that gives a clock of its own
    before the first request need not wait.
    """

    def __init__(
        self,
        base_path: str,
        answer: Callable[[SeenRequest, FaultKind | None], Answered],
        faults: Iterable[PlayedFault] = (),
    ) -> None:
        self.faults = FaultList(faults)
        self.seen: list[SeenRequest] = []
        self.answered: list[Answered] = []
        self._answer = answer
        self._closing = threading.Event()
        self.time: ServerTime = RealTime(self._closing)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{base_path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name http.server looks for
                stand_in._serve(self, urlsplit(self.path).query)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length).decode()
                stand_in._serve(self, body, body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(stand_in.time.now().timestamp())

            def log_message(self, format: str, *args: object) -> None:
                log.debug(format, *args)

        return Handler

    def _serve(self, handler: BaseHTTPRequestHandler, fields: str, body: str = "") -> None:
        path = urlsplit(handler.path).path
        seen = SeenRequest(
            at_s=self.time.monotonic(),
            method=handler.command,
            path=path,
            fields=dict(parse_qsl(fields, keep_blank_values=True)),
            agent=handler.headers.get("User-Agent", ""),
            authorization=handler.headers.get("Authorization", ""),
            body=body,
        )
        self.seen.append(seen)
        fault = self.faults.next_for(path)
        answered = self._answer(seen, fault.kind if fault else None)
        self.answered.append(answered)
        play(handler, _of_http(answered, fault), fault.kind if fault else None, self.time)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # leaving waits for every answer; stalls wake up first

    def handle_error(self, request: object, client_address: object) -> None:
        """Say that a client left early only to those who listen closely: it is no error here."""
        log.debug("a client left before its answer was whole", exc_info=True)


Played = Callable[[Answered, PlayedFault], Answered]


def _of_http(answered: Answered, fault: PlayedFault | None) -> Answered:
    """Return what goes back under a fault of HTTP; else the answer as it was."""
    played = _PLAYED.get(fault.kind) if fault is not None else None
    return played(answered, fault) if fault is not None and played is not None else answered


def _instead(body: bytes, media_type: str, status: int = 200, *, waits: bool = False) -> Played:
    """Answer this, whatever was asked. waits: the fault may say when to ask again."""

    def played(_: Answered, fault: PlayedFault) -> Answered:
        wait = {"Retry-After": fault.retry_after} if waits and fault.retry_after else {}
        return Answered(body, media_type, status, wait)

    return played


def _elsewhere(_: Answered, __: PlayedFault) -> Answered:
    headers = {"Location": "http://elsewhere.invalid/taken?api_key=secret"}
    return Answered(b"", _AS_HTML, 307, headers)


def _empty(answered: Answered, _: PlayedFault) -> Answered:
    return Answered(b"", answered.media_type)


def _other(answered: Answered, fault: PlayedFault) -> Answered:
    return Answered(fault.body, answered.media_type)


def _half(answered: Answered, _: PlayedFault) -> Answered:
    return Answered(answered.body[: len(answered.body) // 2], answered.media_type)


def _mistyped(answered: Answered, _: PlayedFault) -> Answered:
    return Answered(answered.body, _AS_HTML, answered.status, answered.headers)


def _bombed(answered: Answered, _: PlayedFault) -> Answered:
    return Answered(_bomb(), answered.media_type, headers={"Content-Encoding": "gzip"})


def _cut_short(answered: Answered, _: PlayedFault) -> Answered:
    packed = gzip.compress(answered.body)
    half = packed[: len(packed) // 2]
    return Answered(half, answered.media_type, headers={"Content-Encoding": "gzip"})


_PLAYED: dict[FaultKind, Played] = {
    FaultKind.UNAUTHORIZED: _instead(b'{"error": "Unauthorized"}', "application/json", 401),
    FaultKind.FORBIDDEN: _instead(b"<html>Forbidden</html>", _AS_HTML, 403),
    FaultKind.NOT_FOUND: _instead(b"not found", "text/plain", 404),
    FaultKind.BAD_REQUEST: _instead(b"Error parsing query in EXPR", "text/plain", 400),
    FaultKind.TOO_MANY: _instead(b"{}", "application/json", 429, waits=True),
    FaultKind.SERVER_ERROR: _instead(_HTML, _AS_HTML, 500, waits=True),
    FaultKind.UNAVAILABLE: _instead(_HTML, _AS_HTML, 503, waits=True),
    FaultKind.REDIRECT: _elsewhere,
    FaultKind.NO_CONTENT: _instead(b"", _AS_HTML, 204),
    FaultKind.HTML: _instead(_HTML, _AS_HTML),
    FaultKind.EMPTY_BODY: _empty,
    FaultKind.OTHER_BODY: _other,
    FaultKind.HALF_BODY: _half,
    FaultKind.WRONG_CONTENT_TYPE: _mistyped,
    FaultKind.GZIP_BOMB: _bombed,
    FaultKind.TRUNCATED_GZIP: _cut_short,
}


def _bomb() -> bytes:
    """Pack BOMB_BYTES of spaces into one stream; its end is missing, nobody should get there."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = b" " * (1024 * 1024)
    first, again = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (BOMB_BYTES // len(block) - 1)


def play(
    handler: BaseHTTPRequestHandler,
    answered: Answered,
    kind: FaultKind | None,
    time: ServerTime,
) -> None:
    """Send an answer, or break off in the way the fault says."""
    if kind is FaultKind.RESET:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        handler.connection.close()
    elif kind is FaultKind.STALL:
        time.wait(FOR_EVER_S)
    elif kind is FaultKind.DRIP_HEADERS:
        _drip(handler, b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 100_000, time)
    elif kind is FaultKind.BIG_BODY:
        _send_head(handler, answered, length=None)
        _send_big(handler)
    else:
        _send_head(handler, answered, length=len(answered.body))
        _send_body(handler, answered.body, kind, time)


def _send_head(handler: BaseHTTPRequestHandler, answered: Answered, *, length: int | None) -> None:
    handler.send_response(answered.status)
    handler.send_header("Content-Type", answered.media_type)
    for name, value in answered.headers.items():
        handler.send_header(name, value)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def _send_body(
    handler: BaseHTTPRequestHandler, body: bytes, kind: FaultKind | None, time: ServerTime
) -> None:
    half = body[: len(body) // 2]
    if kind is FaultKind.DRIP:
        _drip(handler, body, time)
    elif kind is FaultKind.TRUNCATED:
        handler.wfile.write(half)
    elif kind is FaultKind.STALL_IN_BODY:
        handler.wfile.write(half)
        handler.wfile.flush()
        time.wait(FOR_EVER_S)
    else:
        handler.wfile.write(body)


def _drip(handler: BaseHTTPRequestHandler, body: bytes, time: ServerTime) -> None:
    for place in range(len(body)):
        handler.wfile.write(body[place : place + 1])
        handler.wfile.flush()
        if time.wait(_DRIP_S):
            return


def _send_big(handler: BaseHTTPRequestHandler) -> None:
    block = b" " * (1024 * 1024)
    for _ in range(BOMB_BYTES // len(block)):
        handler.wfile.write(block)
