"""The deadline of one exchange as a whole."""

from __future__ import annotations

import socket
import threading

from bot.sources.upstream.deadline import deadline
from bot.sources.upstream.times import Times
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import stepped
from tests.safety import SAFETY_S


class Opened:
    """What httpx tells of a connection that it has opened."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line

    def get_extra_info(self, name: str) -> socket.socket | None:
        return self.line if name == "socket" else None


def test_a_connection_is_cut_when_the_time_has_passed_and_not_before():
    time = SteppedTime()
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline(10.0, stepped(time)) as limit:
        limit.watch("connection.connect_tcp.complete", {"return_value": Opened(ours)})
        time.wait(9.0)
        before = limit.passed
        time.wait(1.0)

        assert (before, limit.passed) == (False, True)
        assert theirs.recv(1) == b""


def test_a_connection_that_opens_after_the_time_has_passed_is_cut_at_once():
    time = SteppedTime()
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline(10.0, stepped(time)) as limit:
        time.wait(10.0)
        limit.watch("connection.connect_tcp.complete", {"return_value": Opened(ours)})

        assert theirs.recv(1) == b""


def test_an_exchange_that_has_ended_is_not_cut_any_more():
    time = SteppedTime()
    with deadline(10.0, stepped(time)) as limit:
        pass

    assert not time.wait(100.0)
    assert not limit.passed


def test_the_alarm_of_the_machine_rings_in_earnest():
    rung = threading.Event()

    Times().alarm(0.0, rung.set)

    assert rung.wait(SAFETY_S)


def test_an_alarm_of_the_machine_that_is_called_off_leaves_no_thread_waiting():
    before = threading.active_count()
    call_off = Times().alarm(SAFETY_S, lambda: None)
    (waiting,) = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]

    call_off()
    waiting.join(SAFETY_S)

    assert not waiting.is_alive()
    assert threading.active_count() == before
