"""What a register entry's changes mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from extraction.model import RegisterEntry
from extraction.registry import (
    FOLLOWS,
    FieldChange,
    field_changes,
    may_follow,
    results_due_on,
    unusual_changes,
)

BEFORE = RegisterEntry(
    overall_status="RECRUITING",
    primary_completion_on="2026-06",
    completion_on="2026-12",
    enrolment=154,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"overall_status": "TERMINATED"},
            ("overall status", "RECRUITING", "TERMINATED", "status terminated: stopped early"),
        ),
        (
            {"overall_status": "NEW_WORD"},
            ("overall status", "RECRUITING", "NEW_WORD", "status changed"),
        ),
        (
            {"primary_completion_on": "2026-09"},
            ("primary completion", "2026-06", "2026-09", "primary completion moved later"),
        ),
        (
            {"completion_on": "2026-11-30"},
            ("completion", "2026-12", "2026-11-30", "completion moved earlier"),
        ),
        (
            {"completion_on": "2026-12-15"},
            ("completion", "2026-12", "2026-12-15", "completion given more exactly"),
        ),
        ({"completion_on": None}, ("completion", "2026-12", None, "completion removed")),
        ({"enrolment": 100}, ("enrolment", "154", "100", "enrolment cut")),
        ({"enrolment": 160}, ("enrolment", "154", "160", "enrolment raised")),
        ({"enrolment": None}, ("enrolment", "154", None, "enrolment removed")),
        (
            {"has_results": True, "results_posted_on": "2027-01-05"},
            ("results", None, "posted 2027-01-05", "results posted"),
        ),
    ],
)
def test_a_change_is_told_with_both_values_and_its_meaning(
    change: dict[str, Any], expected: tuple[str, str | None, str | None, str]
) -> None:
    assert field_changes(BEFORE, replace(BEFORE, **change)) == (FieldChange(*expected),)


def test_results_that_go_are_told_too() -> None:
    posted = replace(BEFORE, has_results=True, results_posted_on="2027-01-05")

    (gone,) = field_changes(posted, BEFORE)

    assert (gone.old, gone.new, gone.meaning) == ("posted 2027-01-05", None, "results removed")


def test_an_update_that_changes_no_watched_field_is_no_news() -> None:
    assert field_changes(BEFORE, replace(BEFORE, last_update_on="2026-08-01")) == ()


LEGAL = {
    ("NOT_YET_RECRUITING", "RECRUITING"),
    ("RECRUITING", "ACTIVE_NOT_RECRUITING"),
    ("ACTIVE_NOT_RECRUITING", "COMPLETED"),
    ("RECRUITING", "TERMINATED"),
    ("SUSPENDED", "RECRUITING"),
    ("NOT_YET_RECRUITING", "WITHDRAWN"),
    ("UNKNOWN", "COMPLETED"),
    ("RECRUITING", "UNKNOWN"),
    ("AVAILABLE", "NO_LONGER_AVAILABLE"),
}
UNUSUAL = {
    ("COMPLETED", "RECRUITING"),
    ("TERMINATED", "RECRUITING"),
    ("WITHDRAWN", "COMPLETED"),
    ("RECRUITING", "NOT_YET_RECRUITING"),
    ("RECRUITING", "WITHDRAWN"),
    ("ACTIVE_NOT_RECRUITING", "RECRUITING"),
    ("COMPLETED", "TERMINATED"),
    ("NO_LONGER_AVAILABLE", "AVAILABLE"),
}


@pytest.mark.parametrize("pair", sorted(LEGAL))
def test_what_entries_do_is_usual(pair: tuple[str, str]) -> None:
    assert may_follow(*pair)


@pytest.mark.parametrize("pair", sorted(UNUSUAL))
def test_what_entries_do_not_do_is_unusual(pair: tuple[str, str]) -> None:
    assert not may_follow(*pair)


def test_every_pair_of_words_is_judged_or_left_alone() -> None:
    words = [*FOLLOWS, "UNKNOWN", "WITHHELD", "Not Recruiting", None]
    for old, new in product(words, repeat=2):
        assert may_follow(old, new) in (True, False)
        assert may_follow(old, old)
        assert may_follow("Not Recruiting", new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"has_results": True}, {}, "posted results have vanished"),
        ({}, {"primary_completion_on": "2026-01"}, "primary completion moved back"),
        ({}, {"primary_completion_on": "2027-09"}, "primary completion moved by more than a year"),
        ({}, {"completion_on": None}, "completion 2026-12 was removed"),
        ({}, {"enrolment": 100}, "enrolment cut from 154 to 100"),
        ({"arms": ("A", "B")}, {"arms": ("A",)}, "arms changed from A; B to A"),
        ({"allocation": "RANDOMIZED"}, {"allocation": "NON_RANDOMIZED"}, "allocation changed"),
        ({"overall_status": "COMPLETED"}, {"overall_status": "RECRUITING"}, "RECRUITING after"),
    ],
)
def test_the_unusual_is_named(old: dict[str, Any], new: dict[str, Any], said: str) -> None:
    before = replace(BEFORE, **old)
    found = unusual_changes(before, replace(BEFORE, **new))

    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    "new",
    [
        {"primary_completion_on": "2026-06-30"},
        {"primary_completion_on": "2026-12"},
        {"enrolment": 150},
        {"enrolment": 300},
        {"has_results": True},
        {"arms": ("A", "B")},
        {"overall_status": "ACTIVE_NOT_RECRUITING"},
    ],
)
def test_the_usual_is_not_put_to_a_person(new: dict[str, Any]) -> None:
    assert unusual_changes(BEFORE, replace(BEFORE, **new)) == ()


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        ("2025-06-15", date(2026, 6, 15)),
        ("2025-06", date(2026, 6, 30)),
        ("2024-02", date(2025, 2, 28)),
        ("2025", date(2026, 12, 31)),
        ("2024-02-29", date(2025, 2, 28)),
        ("soon", None),
        (None, None),
    ],
)
def test_results_are_due_a_year_after_the_latest_day_it_can_have_ended(
    ended: str | None, due: date | None
) -> None:
    assert results_due_on(RegisterEntry(primary_completion_on=ended)) == due


@pytest.mark.parametrize("change", [{"has_results": True}, {"overall_status": "WITHDRAWN"}])
def test_nothing_is_due_where_results_are_posted_or_nobody_took_part(
    change: dict[str, Any],
) -> None:
    entry = replace(RegisterEntry(primary_completion_on="2020-01"), **change)

    assert results_due_on(entry) is None
