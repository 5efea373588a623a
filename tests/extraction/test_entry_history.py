"""The past of an entry: which versions must be read, and what each changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction.entry_history import HistoricEntry, ListedVersion, needed, steps_of
from extraction.errors import UnreadablePayload
from extraction.model import HistoryChange, RegisterEntry
from extraction.readers.ctgov_history import read_changes, read_version
from extraction.readers.ctis_history import read_course


def version(number: int, *labels: str, on: str = "2025-06-02") -> ListedVersion:
    return ListedVersion(number, on, labels)


def text(*outcomes: str, **entry: str) -> HistoricEntry:
    return HistoricEntry(RegisterEntry(**entry), outcomes)  # type: ignore[arg-type]


def test_versions_that_touch_nothing_watched_need_not_be_read() -> None:
    listed = [
        version(0, "Study Status"),
        version(1, "Contacts/Locations"),
        version(2, "Outcome Measures", "References"),
        version(3, "A label that nobody knows"),
        version(4, "References"),
    ]

    assert needed(listed) == [0, 2, 3, 4]


def test_a_version_without_a_label_is_read() -> None:
    assert needed([version(0), version(1), version(2)]) == [0, 1, 2]


def test_each_version_is_held_against_the_last_that_was_read() -> None:
    listed = [version(0), version(1, "Contacts/Locations"), version(2, "Outcome Measures")]
    first, _, last = steps_of(
        listed,
        {0: text("Strength", start_on="2026-01"), 2: text("Grip", start_on="2026-01")},
    )

    assert first.what == "first version"
    assert last.changes == (HistoryChange("primary outcomes", "Strength", "Grip"),)


@pytest.mark.parametrize(
    ("before", "late"),
    [
        ({"start_on": "2025-06"}, None),
        ({"start_on": "2025-05"}, "after the start (2025-05)"),
        (
            {"start_on": "2024-01", "primary_completion_on": "2025-06-01"},
            "after primary completion (2025-06-01)",
        ),
    ],
)
def test_an_outcome_that_changes_late_says_after_what(
    before: dict[str, str], late: str | None
) -> None:
    steps = steps_of(
        [version(0), version(1, "Outcome Measures")],
        {0: text("Strength", **before), 1: text("Grip", **before)},
    )

    assert [each.late for each in steps[1].changes] == [late]


def test_the_samples_of_the_register_are_read(shared: Path) -> None:
    place = shared / "upstream" / "registers" / "ctgov_history"
    listed = read_changes((place / "history.json").read_bytes())
    texts = {n: read_version((place / f"version_{n}.json").read_bytes(), n) for n in (0, 2, 3)}
    steps = steps_of(listed, texts)

    assert needed(listed) == [0, 1, 2, 3]  # "Study Status" is watched
    switched = next(each for each in steps[2].changes if each.field == "primary outcomes")
    assert switched.late == "after the start (2024-03-18)"
    assert [each.on for each in steps] == ["2024-02-10", "2024-03-20", "2025-06-02", "2026-09-30"]


def test_the_samples_of_ctis_are_read(shared: Path) -> None:
    entry = shared / "upstream" / "registers" / "ctis" / "retrieve.json"
    steps = read_course(entry.read_bytes())

    assert [(each.version, each.on) for each in steps[:3]] == [
        ("IN", "2023-10-05"),
        ("SM-1", "2024-09-01"),
        ("NSM-1", "2025-02-21"),
    ]
    assert steps[1].what == "substantial modification, Authorised on 2024-11-11"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"changes": []},
        {"changes": [{"version": 1, "date": "2024-01-01"}]},
        {"changes": [{"version": 0}]},
        {"changes": "none"},
    ],
)
def test_what_is_no_list_of_versions_is_refused(answer: object) -> None:
    with pytest.raises(UnreadablePayload):
        read_changes(json.dumps(answer).encode())


def test_another_version_than_asked_for_is_refused() -> None:
    with pytest.raises(UnreadablePayload, match="expected version 2"):
        read_version(b'{"studyVersion": 1, "study": {}}', 2)


def test_a_trial_without_applications_has_no_course() -> None:
    body = {"ctNumber": "2025-599001-11-00", "authorizedApplication": {"applicationInfo": []}}
    with pytest.raises(UnreadablePayload):
        read_course(json.dumps(body).encode())
