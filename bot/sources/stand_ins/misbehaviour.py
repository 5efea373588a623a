"""The ways in which an upstream may misbehave, as a list that a stand-in plays."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What a stand-in does instead of answering well."""

    # on the line
    RESET = "reset"  # the connection ends before a byte
    STALL = "stall"  # connected, then silence
    STALL_IN_BODY = "stall in body"  # half the body, then silence
    DRIP = "drip"  # the body, a byte at a time
    DRIP_HEADERS = "drip headers"  # a header that never ends
    TRUNCATED = "truncated"  # half the body, then the connection ends
    TRUNCATED_GZIP = "truncated gzip"  # half a packed body, with a length that fits the half
    # of HTTP
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    BAD_REQUEST = "400"
    TOO_MANY = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    REDIRECT = "redirect"
    NO_CONTENT = "204"
    # in a body with status 200
    HTML = "html"
    EMPTY_BODY = "empty body"
    OTHER_BODY = "other body"  # the one that the fault brings
    HALF_BODY = "half body"  # cut, with a length that fits the half
    ERROR_IN_200 = "error in 200"
    RATE_LIMIT_IN_200 = "rate limit in 200"
    WRONG_CONTENT_TYPE = "wrong content type"  # the right body, called text/html
    GZIP_BOMB = "gzip bomb"
    ENTITY_BOMB = "entity bomb"
    BIG_BODY = "big body"
    # in what the answer says
    SHORT_PAGE = "short page"  # the last record of a page is left out
    DUPLICATE_PAGE = "duplicate page"  # the first page again
    STRAY_RECORD = "stray record"  # a record that nobody asked for
    SHRUNK_COUNT = "shrunk count"  # one fewer than there are
    HISTORY_EXPIRED = "history expired"
    TOKEN_EXPIRED = "token expired"
    TOKEN_REPEATED = "token repeated"
    EMPTY_PAGE = "empty page"  # no record, but a token to go on with
    OLD_SHAPE = "v1 payload"


@dataclass(frozen=True, slots=True)
class PlayedFault:
    """A fault played `times` times at requests whose path holds `at`, after letting some pass."""

    kind: FaultKind
    at: str = ""
    after: int = 0
    times: int = 1
    retry_after: str | None = None
    body: bytes = b""


class FaultList:
    """Hands out the planned faults, one a request. Safe to add to while a server runs."""

    def __init__(self, faults: Iterable[PlayedFault] = ()) -> None:
        self._lock = threading.Lock()
        self._waiting = [_Waiting(fault) for fault in faults]

    def add(self, fault: PlayedFault) -> None:
        """Plan one more fault."""
        with self._lock:
            self._waiting.append(_Waiting(fault))

    def forget(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._waiting.clear()

    def next_for(self, path: str) -> PlayedFault | None:
        """Return the fault to play at this request, if one is due."""
        with self._lock:
            return next((w.fault for w in self._waiting if w.due(path)), None)


class _Waiting:
    """A fault and how often it was met."""

    def __init__(self, fault: PlayedFault) -> None:
        self.fault = fault
        self._met = 0

    def due(self, path: str) -> bool:
        if self.fault.at not in path or self._met >= self.fault.after + self.fault.times:
            return False
        self._met += 1
        return self._met > self.fault.after
