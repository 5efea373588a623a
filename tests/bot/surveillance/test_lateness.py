"""The one rule of lateness, rung by rung."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.review.schedule import late_by
from bot.surveillance.lateness import (
    REMINDED_AFTER_DAYS,
    RULES,
    Lateness,
    LatenessRule,
    Light,
    certificate_is_late,
    is_late,
    lateness,
    lateness_of,
    light,
    next_round_by,
)
from bot.surveillance.owed_searches import reminder

LONDON = "Europe/London"
MONTHLY = "0 6 1 * *"
LAST = datetime(2026, 11, 10, tzinfo=UTC)
SLOT = datetime(2026, 12, 1, 6, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def days_after_the_slot(days: float) -> datetime:
    return SLOT + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-21, Lateness.ON_TIME),
        (0, Lateness.ON_TIME),
        (0.01, Lateness.DUE),
        (1, Lateness.DUE),
        (2, Lateness.DUE),
        (2.01, Lateness.LATE),
        (7, Lateness.LATE),
        (30, Lateness.LATE),
        (30.01, Lateness.LONG_LATE),
        (365, Lateness.LONG_LATE),
    ],
)
def test_a_source_is_as_late_as_its_slot_has_waited(days: float, expected: Lateness) -> None:
    now = days_after_the_slot(days)

    assert lateness(MONTHLY, LONDON, last=LAST, now=now) is expected


def test_a_source_that_was_never_searched_is_late_whatever_its_schedule() -> None:
    found = lateness(MONTHLY, LONDON, last=None, now=SLOT)

    assert found is Lateness.NEVER
    assert is_late(found)


def test_how_late_a_source_is_counts_from_the_first_slot_that_was_missed() -> None:
    two_slots_later = datetime(2027, 1, 3, 6, tzinfo=UTC)

    assert late_by(MONTHLY, LONDON, last=LAST, now=two_slots_later) == timedelta(days=33)
    assert late_by(MONTHLY, LONDON, last=SLOT, now=SLOT + A_SECOND) == timedelta(0)
    assert late_by(MONTHLY, LONDON, last=LAST, now=SLOT - A_SECOND) == timedelta(0)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.lateness)
def test_every_rung_says_why_and_holds_up_to_its_end(rule: LatenessRule) -> None:
    assert rule.reason
    if rule.until is not None:
        assert lateness_of(rule.until) is rule.lateness
        assert lateness_of(rule.until + A_SECOND) is not rule.lateness


@pytest.mark.parametrize(
    ("found", "failed", "missing", "expected"),
    [
        (Lateness.ON_TIME, False, False, Light.GREEN),
        (Lateness.DUE, False, False, Light.GREEN),
        (Lateness.LATE, False, False, Light.AMBER),
        (Lateness.LONG_LATE, False, False, Light.RED),
        (Lateness.NEVER, False, False, Light.RED),
        (Lateness.ON_TIME, True, False, Light.AMBER),
        (Lateness.ON_TIME, False, True, Light.AMBER),
        (Lateness.LONG_LATE, True, True, Light.RED),
    ],
)
def test_a_light_is_green_only_where_nothing_speaks_against_the_silence(
    found: Lateness, failed: bool, missing: bool, expected: Light
) -> None:
    assert light(found, failed=failed, missing=missing) is expected


def test_the_next_certificate_is_due_once_the_slowest_source_is_late() -> None:
    by = next_round_by([SLOT - timedelta(days=9), SLOT], LAST)

    assert not certificate_is_late(by, by)
    assert not is_late(lateness(MONTHLY, LONDON, last=LAST, now=by))
    assert certificate_is_late(by, by + A_SECOND)
    assert is_late(lateness(MONTHLY, LONDON, last=LAST, now=by + A_SECOND))


def test_nobody_is_reminded_of_a_search_that_is_not_late() -> None:
    assert all(is_late(lateness_of(timedelta(days=day))) for day in REMINDED_AFTER_DAYS)
    assert reminder(SLOT, days_after_the_slot(REMINDED_AFTER_DAYS[0])) == REMINDED_AFTER_DAYS[0]
