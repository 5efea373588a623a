"""Equal values give equal text, and what was written is read back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from extraction.model import Record, RegisterEntry, Value
from state.codec import canonical, dumped, instant, loaded, moment, text_of
from tests.state.examples import ARTICLE, ENTRY, value

EASTERN = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ([1.0, 1, "é", None, True], '[1.0,1,"é",null,true]'),
        ((1, 2), "[1,2]"),
        ({}, "{}"),
    ],
)
def test_there_is_one_text_of_a_value(given: object, expected: str) -> None:
    assert canonical(given) == expected


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_write_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"effect": number})


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 25, 6, tzinfo=UTC), "2026-11-25T06:00:00.000000Z"),
        (datetime(2026, 11, 25, 1, tzinfo=EASTERN), "2026-11-25T06:00:00.000000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006Z"),
    ],
)
def test_an_instant_is_written_in_utc_and_read_back(at: datetime, expected: str) -> None:
    assert instant(at) == expected
    assert moment(expected) == at


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        instant(datetime(2026, 11, 25, 6))  # noqa: DTZ001


def test_instants_sort_as_they_follow() -> None:
    start = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    later = [start + timedelta(microseconds=step) for step in range(3)]

    assert sorted(map(instant, later)) == list(map(instant, later))


@pytest.mark.parametrize(
    ("of", "given"), [(Record, ARTICLE), (Record, ENTRY), (Value, value("old2001"))]
)
def test_a_value_is_read_back_as_it_was(of: type[object], given: object) -> None:
    assert loaded(of, text_of(given)) == given
    assert text_of(given) == canonical(dumped(given))


@pytest.mark.parametrize(
    "text", ['{"enrolment":"24"}', '{"has_results":1}', '{"arms":"tea"}', "[]", ""]
)
def test_a_text_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        loaded(RegisterEntry, text)
