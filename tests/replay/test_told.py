"""What a history came to: each figure with its denominator, limits, and goal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.facts.words import NoticeKind
from state.outbox import Delivery
from state.values import Notice
from tests.replay.told import all_met, digests, lines, messages, rate, share


def delivery(kind: NoticeKind, who: str, at: str) -> Delivery:
    return Delivery(Notice("k", kind, "s", "b"), who, "<id>", at, None, None)


def test_a_share_has_wilsons_limits_and_a_rate_poissons() -> None:
    one, other = share("a", 8, 8, "reports", goal="all"), rate("b", 10, 5.0, "years", goal=2)

    assert one.upper == 1
    assert one.lower == pytest.approx(0.6756, abs=1e-4)
    assert other.lower == pytest.approx(0.9591, abs=1e-4)
    assert other.upper == pytest.approx(3.678, abs=1e-3)
    assert all_met((one, other))


def test_no_event_has_limits_too_and_an_empty_denominator_meets_no_goal() -> None:
    assert rate("b", 0, 10.0, "years").lower == 0
    assert share("a", 0, 0, "reports", goal="all").met is False
    assert not all_met(())


def test_a_missed_goal_is_said_in_its_line() -> None:
    (line,) = lines([share("queued", 7, 8, "reports", goal="all", note="one late")])

    assert line.startswith("queued: 7 of 8 reports = 0.875 (0.529 to 0.978)")
    assert line.endswith("; GOAL MISSED; one late")
    assert not all_met([replace(rate("b", 30, 1.0, "years"), goal=12)])


def test_what_waits_leaves_once_a_day_and_a_digest_once_a_month() -> None:
    written = [
        delivery(NoticeKind.NEW_CANDIDATES, "ada", "2026-07-01T09:00:00Z"),
        delivery(NoticeKind.SECOND_REPORT, "ada", "2026-07-01T10:00:00Z"),
        delivery(NoticeKind.CORRECTED, "ada", "2026-07-01T10:00:00Z"),
        delivery(NoticeKind.NEW_CANDIDATES, "ben", "2026-07-01T09:00:00Z"),
        delivery(NoticeKind.NEW_CANDIDATES, "ben", "2026-08-01T09:00:00Z"),
    ]

    assert messages(written) == 4
    assert digests(written) == 3
