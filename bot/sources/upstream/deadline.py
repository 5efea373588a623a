"""A deadline for one exchange as a whole, whatever the server does."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from bot.sources.upstream.times import Times


class Deadline:
    """The connection of one request, cut when its deadline passes.

    httpx's own timeouts start anew with every byte, so a dripping server would hold us for days.
    """

    def __init__(self) -> None:
        self.passed = False
        self._socket: socket.socket | None = None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket (httpx tells of each connection it opens)."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.passed:
                self.expire()

    def expire(self) -> None:
        """End the exchange: a read that waits in another thread wakes up."""
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):  # closed already
                self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def deadline(seconds: float, times: Times) -> Iterator[Deadline]:
    """Give the limit that expires after so many seconds, unless the block has ended before."""
    limit = Deadline()
    call_off = times.alarm(seconds, limit.expire)
    try:
        yield limit
    finally:
        call_off()
