from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.waits import Patience, asked_wait_s

NOW = datetime(2026, 11, 25, 6, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        (None, None, 0.0),
        ("7", None, 7.0),
        ("0", None, 0.0),
        ("-3", None, 0.0),
        ("soon", None, 0.0),
        ("", None, 0.0),
        ("nan", None, 0.0),
        ("inf", None, 0.0),
        ("Wed, 25 Nov 2026 06:01:30 GMT", None, 90.0),
        ("Wed, 25 Nov 2026 05:00:00 GMT", None, 0.0),
        ("Wed, 25 Nov 2026 06:01:30 -0000", None, 90.0),
        ("Sat, 01 Jan 2000 00:00:20 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", 20.0),
        ("Wed, 25 Nov 2026 06:00:10 GMT", "no date", 10.0),
        ("Wed, 99 Nov 2026 06:00:10 GMT", None, 0.0),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date_of_the_servers_clock(
    retry_after, date, seconds
):
    assert asked_wait_s(retry_after, date, NOW) == seconds


def test_waits_double_up_to_the_longest():
    patience = Patience(first_wait_s=1.0, longest_wait_s=5.0)

    assert [patience.wait_s(attempt, 1.0) for attempt in (1, 2, 3, 4, 50)] == [1, 2, 4, 5, 5]


def test_chance_takes_up_to_half_of_a_wait_away():
    patience = Patience(first_wait_s=8.0)

    assert patience.wait_s(1, 0.0) == 4.0
    assert patience.wait_s(1, 0.5) == 6.0
