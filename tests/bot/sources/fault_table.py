"""The ways in which a JSON service may misbehave, and what a source makes of each.

The same table is held against every source whose answers are JSON: a fault that passes costs a
wait and nothing else; one that lasts ends in the error that says what to do; nothing that is not
a whole answer is ever taken for one.
"""

from __future__ import annotations

from collections.abc import Callable

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
from bot.sources.stand_ins.server import StandIn

ONCE, EVERY_ATTEMPT = 1, 4
LASTS = 99
CUT_EVERY = 1_000

PASSING = (
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
)
# fault, error, how often the service is asked before that
LASTING: tuple[tuple[FaultKind, type[SourceError], int], ...] = (
    (FaultKind.RESET, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.STALL, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.STALL_IN_BODY, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.DRIP, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.DRIP_HEADERS, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.TRUNCATED, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.TRUNCATED_GZIP, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.TOO_MANY, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.SERVER_ERROR, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.UNAVAILABLE, SourceUnavailable, EVERY_ATTEMPT),
    (FaultKind.NO_CONTENT, AnswerUnreadable, EVERY_ATTEMPT),
    (FaultKind.HTML, AnswerUnreadable, EVERY_ATTEMPT),
    (FaultKind.EMPTY_BODY, AnswerUnreadable, EVERY_ATTEMPT),
    (FaultKind.HALF_BODY, AnswerUnreadable, EVERY_ATTEMPT),
    (FaultKind.ERROR_IN_200, AnswerUnreadable, EVERY_ATTEMPT),
    (FaultKind.GZIP_BOMB, AnswerUnreadable, ONCE),
    (FaultKind.BIG_BODY, AnswerUnreadable, ONCE),
    (FaultKind.FORBIDDEN, SourceForbidden, ONCE),
    (FaultKind.REDIRECT, SourceRedirected, ONCE),
    (FaultKind.BAD_REQUEST, SourceRejected, ONCE),
)
# Bodies with status 200 that are no answer of any of these services.
BODIES = {
    "deep JSON": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a wrong charset": '{"title": "Léger", "DOI": "10.5555/é"}'.encode("latin-1"),
    "bytes that are no text": bytes(range(256)) * 40,
    "JSON of another kind": b'{"hello": "world"}',
    "an error in words": b'{"error": "the service is down for maintenance"}',
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "a number": b"12",
    "a text": b'"ok"',
    "a number without end": b'{"meta": {"count": 1e999}, "results": NaN}',
    "parts of another kind": b'{"meta": [], "results": {}, "message": 1, "id": [], "DOI": {}}',
    "XML": b'<?xml version="1.0"?><works><count>0</count></works>',
    "a sentence": b"Resource not found.",
}


def assert_no_cut_is_taken_for_whole(upstream: StandIn, ask: Callable[[], object]) -> None:
    """Cut each answer of a good search at every CUT_EVERYth byte and its last: it must fail."""
    upstream.answered.clear()
    ask()
    bodies = [each.body for each in upstream.answered]
    for place, body in enumerate(bodies):
        for end in (*range(0, len(body) - 1, CUT_EVERY), len(body) - 1):
            upstream.faults.forget()
            cut = PlayedFault(FaultKind.OTHER_BODY, after=place, times=LASTS, body=body[:end])
            upstream.faults.add(cut)
            with pytest.raises(AnswerUnreadable):
                ask()
