from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.app import WEBHOOK
from bot.sources.upstream.clients import Clients
from bot.sources.upstream.times import Times


@pytest.fixture
def clients() -> Clients:
    return Clients({"one": (WEBHOOK, None), "other": (WEBHOOK, "you@example.org")}, Times())


def test_threads_that_ask_at_once_share_one_client_and_so_its_pace(clients: Clients) -> None:
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(clients.__getitem__, ["one"] * 32))

    assert len(set(map(id, opened))) == 1
    assert clients["other"] is not opened[0]
    clients.close()


def test_nothing_that_was_not_asked_for_has_to_be_closed(clients: Clients) -> None:
    clients.close()


def test_an_upstream_that_nobody_named_is_an_error(clients: Clients) -> None:
    with pytest.raises(KeyError, match="third"):
        clients["third"]
