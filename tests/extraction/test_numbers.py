"""Numbers in texts: read, or refused with the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extraction.errors import UnclearNumber
from extraction.numbers import (
    Interval,
    Mean,
    Proportion,
    Spread,
    read_interval,
    read_mean,
    read_number,
    read_proportion,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [("3.1", 3.1), ("−31.38", -31.38), ("-.5", -0.5), ("1.2e-3", 0.0012), ("3·1", 3.1), ("0", 0)],
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "events", "total"),
    [
        ("12/45 (26.7%)", 12, 45),
        ("12 of 45", 12, 45),
        ("12 out of 45 [27%]", 12, 45),
        ("0/9", 0, 9),
        ("1,234/5,678", 1234, 5678),
    ],
)
def test_a_proportion_is_read(text: str, events: int, total: int) -> None:
    assert read_proportion(text) == Proportion(events, total)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.1 (0.4)", Mean(3.1, 0.4)),
        ("3.1 ± 0.4", Mean(3.1, 0.4)),
        ("3.1 (SD 0.4)", Mean(3.1, 0.4, Spread.SD)),
        ("mean 3.1 (SE: 0.4)", Mean(3.1, 0.4, Spread.SE)),
        ("−2.1 ± 0.4 SEM", Mean(-2.1, 0.4, Spread.SE)),
    ],
)
def test_a_mean_is_read_and_its_spread_named_only_where_it_is(text: str, expected: Mean) -> None:
    assert read_mean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("95% CI 1.2–3.4", Interval(1.2, 3.4, 95)),
        ("(−0.84, 1.00)", Interval(-0.84, 1.0)),
        ("1.2 to 3.4", Interval(1.2, 3.4)),
        ("[-3.6; 10.9]", Interval(-3.6, 10.9)),
        ("-3.6--1.2", Interval(-3.6, -1.2)),
        ("99 % confidence interval: 0.07 - 0.54", Interval(0.07, 0.54, 99)),
    ],
)
def test_an_interval_is_read(text: str, expected: Interval) -> None:
    assert read_interval(text) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_number, "<0.001"),
        (read_number, "NA"),
        (read_number, "nan"),
        (read_number, "3,1"),
        (read_number, "1.2.3"),
        (read_number, "1e999"),
        (read_number, ""),
        (read_proportion, "12 (26.7%)"),
        (read_proportion, "46/45"),
        (read_proportion, "0/0"),
        (read_proportion, "12/45 (36.7%)"),
        (read_proportion, "12.5/45"),
        (read_mean, "3.1 (-0.4)"),
        (read_mean, "3.1 (1.2-4.5)"),
        (read_mean, "3.1"),
        (read_interval, "3.4 to 1.2"),
        (read_interval, "1.2"),
        (read_interval, "1.2–3.4–5.6"),
    ],
)
def test_an_unclear_text_is_refused_with_the_text_in_the_message(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(UnclearNumber, match="expected") as refusal:
        read(text)

    assert f"'{text}'" in str(refusal.value)
