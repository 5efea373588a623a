"""The server on which tests keep reviews outlives a program that closed it in the same process."""

from __future__ import annotations

from contextlib import closing

from tests.engines import Engines


def test_who_asks_for_a_server_after_it_was_closed_gets_another() -> None:
    with closing(Engines()) as own:
        first = own.cluster
        own.close()

        assert own.cluster is not first
        assert own.cluster.tell("SELECT 1") == [(1,)]
