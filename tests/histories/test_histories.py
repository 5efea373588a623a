"""The short form of `python -m tests.histories`: a few histories and planted faults."""

from __future__ import annotations

import pytest

from tests.histories import __main__ as program
from tests.histories import faults
from tests.histories.chance import Chance
from tests.histories.events import KINDS, Event, drawn
from tests.histories.invariants import EVERY
from tests.histories.playing import History, Outcome, a_history, play
from tests.histories.shrink import shrunk

SEEDS, EVENTS = (4, 6), 40
SHOWN = ("a hand missing", "a step dated wrongly", "a version that says what did not happen")


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_to_a_review_its_promises_hold(seed: int) -> None:
    played = play(a_history(seed, EVENTS))

    assert [str(each) for each in played.failures] == []


@pytest.mark.parametrize("fault", SHOWN)
def test_a_planted_fault_is_seen_and_nothing_without_it(fault: str) -> None:
    shown = faults.show(fault)

    assert shown["seen"]
    assert shown["clean"]


def test_every_fault_breaks_a_promise_that_is_looked_at_by_kinds_that_are_drawn() -> None:
    for fault in faults.FAULTS.values():
        assert set(fault.sees) <= set(EVERY)
        assert set(fault.script) <= set(KINDS)


def test_the_same_history_is_played_the_same_again() -> None:
    history = a_history(3, 12)

    first, second = (play(history, ()) for _ in range(2))

    assert first.told == second.told


def test_an_event_that_is_taken_out_leaves_the_others_what_they_were() -> None:
    events = (Event("search brings", 1), Event("days pass", 2), Event("verdict by anybody", 3))

    whole, part = (play(History(5, each), ()).told for each in (events, events[1:]))

    assert whole[1].words == part[0].words
    assert whole[2].event == part[1].event


def test_a_choice_stays_where_what_was_not_chosen_is_taken_away() -> None:
    things = [f"record {number}" for number in range(20)]
    chosen = Chance(4).pick(things)

    fewer = [each for each in things if each == chosen or each > "record 14"]

    assert Chance(4).pick(fewer) == chosen


def test_a_failing_list_of_events_is_shrunk_to_what_makes_it_fail() -> None:
    events = drawn(1, 60)
    needed = {events[13], events[41]}

    left = shrunk(events, lambda some: needed <= set(some), longest_s=60)

    assert set(left) == needed


def test_the_time_for_shrinking_is_kept() -> None:
    events = drawn(1, 60)

    assert shrunk(events, lambda _: False, longest_s=0) == events


def test_a_kind_of_event_that_never_comes_about_fails(capsys: pytest.CaptureFixture[str]) -> None:
    status = program.main(["--n", "1", "--events", "1", "--seed", "1", "--processes", "1"])

    assert status == 1
    assert "never came about: person retires" in capsys.readouterr().out


def test_events_of_a_kind_without_occasion_do_nothing() -> None:
    (told,) = play(History(1, (Event("value ruled", 1),)), ()).told

    assert told.outcome is Outcome.IDLE
