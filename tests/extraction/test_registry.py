"""What a register entry's changes mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extraction.model import RegisterEntry
from extraction.registry import FieldChange, field_changes

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
