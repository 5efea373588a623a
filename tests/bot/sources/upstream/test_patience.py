from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.sources.upstream.patience import (
    LONGEST_ASKED_S,
    Patience,
    asked_wait_s,
    budget_wait_s,
    stated_interval_s,
)

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
        ("54000", None, 54_000.0),
        ("1e300", None, LONGEST_ASKED_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, LONGEST_ASKED_S),
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


@pytest.mark.parametrize(
    ("remaining", "reset", "seconds"),
    [
        ("0", "58798", 58_798.0),
        ("-1", "58798", 58_798.0),
        ("989", "58798", 0.0),
        (None, "58798", 0.0),
        ("0", None, 0.0),
        ("0", "soon", 0.0),
        ("0", "-5", 0.0),
        ("0", "1790000000", 0.0),  # an instant, which this header is not
        ("0", "1e300", 0.0),
    ],
)
def test_a_budget_that_is_gone_says_when_it_is_renewed(remaining, reset, seconds):
    assert budget_wait_s(remaining, reset) == seconds


@pytest.mark.parametrize(
    ("limit", "interval", "seconds"),
    [
        ("5", "1s", 0.2),
        ("1", "1s", 1.0),
        ("50, 50", "1s, 1s", 0.02),
        ("1", "9999999s", 60.0),
        ("0", "1s", 0.0),
        ("-5", "1s", 0.0),
        ("5", None, 0.0),
        (None, "1s", 0.0),
        ("five", "a second", 0.0),
    ],
)
def test_the_pace_that_a_service_states_is_read(limit, interval, seconds):
    assert stated_interval_s(limit, interval) == seconds
