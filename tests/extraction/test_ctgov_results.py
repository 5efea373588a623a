"""Posted results as proposals: what is plainly a number, and why the rest is not."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from extraction.ctgov_results import ProposedOutcome, ProposedResult, read_results
from extraction.errors import UnreadablePayload
from extraction.model import Field

GROUPS = [{"id": "OG000", "title": "IVIg"}, {"id": "OG001", "title": "Placebo"}]
PEOPLE = [
    {
        "units": "Participants",
        "counts": [{"groupId": "OG000", "value": "22"}, {"groupId": "OG001", "value": "20"}],
    }
]


def study(*measures: dict[str, Any], adverse: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write a study with posted results."""
    return {
        "resultsSection": {
            "outcomeMeasuresModule": {"outcomeMeasures": list(measures)},
            "adverseEventsModule": adverse or {},
        }
    }


def measure(*measurements: dict[str, str], **fields: Any) -> dict[str, Any]:
    """Write an outcome measure with one row."""
    row = {"categories": [{"measurements": list(measurements)}]}
    base = {"title": "Grip", "type": "PRIMARY", "groups": GROUPS, "denoms": PEOPLE}
    return base | {"classes": [row]} | fields


def read_one(posted: dict[str, str], **fields: Any) -> ProposedResult:
    """Read the result of one group."""
    results = read_results(study(measure({"groupId": "OG000"} | posted, **fields)))
    assert results is not None
    return results.outcomes[0].results[0]


def fields_of(result: ProposedResult) -> dict[Field, float]:
    """Return what a result would fill."""
    return {each.field: each.number for each in result.numbers}


def test_a_study_without_results_proposes_nothing() -> None:
    assert read_results({"protocolSection": {}}) is None


def test_a_mean_with_its_sd_is_proposed_with_the_number_of_people() -> None:
    found = read_one(
        {"value": "-31.4", "spread": "12.1"},
        paramType="MEAN",
        dispersionType="Standard Deviation",
    )

    assert fields_of(found) == {Field.MEAN: -31.4, Field.SD: 12.1, Field.N: 22}
    assert found.text == "-31.4 (Standard Deviation 12.1)"
    assert (found.arm, found.note) == ("IVIg", None)


def test_a_standard_error_is_never_an_sd() -> None:
    found = read_one(
        {"value": "3.75", "spread": "1.2"}, paramType="MEAN", dispersionType="Standard Error"
    )

    assert fields_of(found) == {Field.MEAN: 3.75, Field.N: 22}
    assert found.note == "no standard deviation, but Standard Error"


@pytest.mark.parametrize("kind", ["LEAST_SQUARES_MEAN", "GEOMETRIC_MEAN", "MEDIAN", "NUMBER", None])
def test_another_measure_is_shown_and_not_proposed(kind: str | None) -> None:
    found = read_one({"value": "12"}, paramType=kind, unitOfMeasure="Percentage of participants")

    assert found.numbers == ()
    assert found.text == "12"
    assert "neither a count of people nor a mean" in (found.note or "")


@pytest.mark.parametrize(
    ("kind", "unit"), [("COUNT_OF_PARTICIPANTS", "Participants"), ("NUMBER", "participants")]
)
def test_people_counted_are_events_of_a_total(kind: str, unit: str) -> None:
    found = read_one({"value": "8"}, paramType=kind, unitOfMeasure=unit)

    assert fields_of(found) == {Field.EVENTS: 8, Field.TOTAL: 22}


@pytest.mark.parametrize("value", ["<0.001", "NA", "", "1,5"])
def test_a_value_that_is_no_number_is_refused_with_its_text(value: str) -> None:
    found = read_one({"value": value}, paramType="COUNT_OF_PARTICIPANTS")

    assert found.numbers == ()
    assert f"found '{value}'" in (found.note or "")


def test_eyes_are_not_people() -> None:
    eyes = [{"units": "Eyes", "counts": [{"groupId": "OG000", "value": "44"}]}]
    found = read_one({"value": "8"}, paramType="COUNT_OF_PARTICIPANTS", denoms=eyes)

    assert (found.numbers, found.note) == ((), "the number of people is not posted")


def test_a_row_has_its_own_people_and_name() -> None:
    row = {
        "title": "Week 24",
        "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "19"}]}],
        "categories": [
            {"title": "Better", "measurements": [{"groupId": "OG000", "value": "7"}]},
        ],
    }
    results = read_results(study(measure(classes=[row], paramType="COUNT_OF_PARTICIPANTS")))

    assert results is not None
    (found,) = results.outcomes[0].results
    assert (found.category, fields_of(found)[Field.TOTAL]) == ("Week 24: Better", 19)


def test_people_with_adverse_events_are_proposed_by_their_own_groups() -> None:
    groups = [
        {"id": "EG000", "title": "IVIg", "seriousNumAffected": 1, "seriousNumAtRisk": 22},
        {"id": "EG001", "title": "Placebo", "seriousNumAffected": 0, "seriousNumAtRisk": 20},
    ]
    results = read_results(study(adverse={"timeFrame": "12 weeks", "eventGroups": groups}))

    assert results is not None
    (serious,) = results.outcomes
    assert (serious.title, serious.kind) == ("People with serious adverse events", "ADVERSE")
    assert fields_of(serious.results[0]) == {Field.EVENTS: 1, Field.TOTAL: 22}
    assert serious.results[0].locator == "adverseEvents EG000"


def test_results_of_another_shape_are_refused() -> None:
    with pytest.raises(UnreadablePayload, match="resultsSection"):
        read_results({"resultsSection": {"outcomeMeasuresModule": []}})


@pytest.mark.parametrize("nct", ["NCT00763412", "NCT02210780", "NCT02278341", "NCT05594173"])
def test_real_results_give_proposals_and_never_nan(nct: str, shared: Path) -> None:
    payload = shared / "upstream" / "ctgov" / "studies" / f"aact_{nct}.json"

    results = read_results(json.loads(payload.read_text()))

    assert results is not None
    numbers = [each.number for result in _all(results.outcomes) for each in result.numbers]
    assert numbers
    assert all(math.isfinite(number) for number in numbers)
    assert all(result.numbers or result.note for result in _all(results.outcomes))


def _all(outcomes: tuple[ProposedOutcome, ...]) -> list[ProposedResult]:
    return [result for outcome in outcomes for result in outcome.results]
