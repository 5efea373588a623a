"""Which counts of a source are believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surveillance.plausibility import FEWEST_RUNS, Bounds, believed, bounds


def test_too_few_runs_tell_nothing() -> None:
    assert bounds([81, 81]) is None


@given(st.integers(0, 100_000), st.integers(FEWEST_RUNS, 40))
def test_a_constant_count_is_believed(count: int, runs: int) -> None:
    found = bounds([count] * runs)
    assert found is not None
    assert found.hold(count)


@given(st.integers(0, 5_000), st.lists(st.integers(0, 10), min_size=FEWEST_RUNS, max_size=40))
def test_slow_growth_is_believed(start: int, steps: list[int]) -> None:
    counts = [start]
    for step in steps:
        counts.append(counts[-1] + step)
    found = bounds(counts[:-1])
    assert found is None or found.hold(counts[-1])


@given(st.integers(10, 100_000), st.integers(FEWEST_RUNS, 40))
def test_nothing_and_half_of_many_are_not_believed(count: int, runs: int) -> None:
    found = bounds([count] * runs)
    assert found is not None
    assert not found.hold(0)
    assert not found.hold(count // 2)


@given(st.integers(100, 100_000))
def test_twice_as_many_is_not_believed(count: int) -> None:
    found = bounds([count] * 5)
    assert found is not None
    assert not found.hold(2 * count)


@given(st.integers(0, 5_000), st.integers(FEWEST_RUNS, 20), st.integers(1, 30))
def test_steady_growth_of_any_pace_is_believed_once_it_was_seen(
    start: int, runs: int, step: int
) -> None:
    counts = [start + step * place for place in range(runs + 1)]
    found = bounds(counts[:-1])
    assert found is not None
    assert found.hold(counts[-1])


@given(st.integers(40, 100_000), st.integers(FEWEST_RUNS, 20), st.integers(1, 40))
def test_an_outage_is_not_believed_however_often_it_comes(
    count: int, runs: int, outages: int
) -> None:
    history = believed([(count, False)] * runs + [(0, False)] * outages)
    assert history == [count] * runs


def test_a_count_that_a_person_judged_is_history() -> None:
    history = believed([(100, False)] * 5 + [(50, True)])

    found = bounds(history)
    assert found is not None
    assert found.hold(50)
    assert not found.hold(25)


def test_the_way_back_up_after_an_outage_that_was_judged_widens_nothing() -> None:
    steady, interrupted = [100] * 6, [100] * 4 + [0, 100]

    assert bounds(believed((count, True) for count in interrupted)) == bounds(steady)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([2, 2, 2], Bounds(0, 12, 3)),  # the floors: 2 may go, there is room for 10
        ([81, 81, 81], Bounds(77, 108, 3)),  # 5 % may go; three times the square root
        ([10, 20, 40], Bounds(38, 100, 3)),  # three times the largest growth
        ([1000] * 4, Bounds(950, 1095, 4)),  # rounded up
        ([500, *[100] * 12], Bounds(95, 130, 12)),  # only the newest twelve
    ],
)
def test_the_bounds_are_those_of_the_formula(history: list[int], expected: Bounds) -> None:
    assert bounds(history) == expected
