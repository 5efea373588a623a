"""The clients by name, each opened when it is first asked for: most commands ask no service."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from bot.sources.source import Upstream
from bot.sources.upstream.times import Times
from state.late import late

if TYPE_CHECKING:  # what asks the world is loaded with the first client
    from bot.sources.upstream.client import UpstreamClient

CLIENT = "bot.sources.upstream.configured:configured_client"


class Clients:
    """One client to each upstream, whichever thread asks: its pace holds for all of them."""

    def __init__(self, upstreams: Mapping[str, tuple[Upstream, str | None]], times: Times) -> None:
        """Take each upstream's settings, with the contact that it is to be told."""
        self._upstreams = upstreams
        self._times = times
        self._opened: dict[str, UpstreamClient] = {}
        self._opening = Lock()

    def __getitem__(self, name: str) -> UpstreamClient:
        with self._opening:
            if name not in self._opened:
                upstream, contact = self._upstreams[name]
                self._opened[name] = late(CLIENT)(upstream, contact, times=self._times)
            return self._opened[name]

    def close(self) -> None:
        """Let go of what the clients hold open."""
        for client in self._opened.values():
            client.close()
