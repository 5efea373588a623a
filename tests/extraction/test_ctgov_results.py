from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extraction.ctgov_results import Posted, posted_results
from extraction.errors import UnreadablePayload

NEW_NCT = "NCT99000001"


def a_study(**outcome: Any) -> bytes:
    """A fictional study with one posted outcome in two groups."""
    measured = {
        "title": "Grip strength",
        "timeFrame": "Week 12",
        "paramType": "LEAST_SQUARES_MEAN",
        "dispersionType": "Standard Error",
        "unitOfMeasure": "kg",
        "groups": [{"id": "OG000", "title": "IVIg"}, {"id": "OG001", "title": "Placebo"}],
        "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "12"}]}],
        "classes": [
            {
                "title": "Right hand",
                "categories": [
                    {
                        "measurements": [
                            {"groupId": "OG000", "value": "-1.5", "spread": "0.4"},
                            {"groupId": "OG001", "value": "NA", "comment": "not done"},
                        ]
                    }
                ],
            }
        ],
        **outcome,
    }
    events = {"title": "IVIg", "seriousNumAffected": 0, "seriousNumAtRisk": 12}
    study = {
        "protocolSection": {"identificationModule": {"nctId": NEW_NCT}},
        "resultsSection": {
            "outcomeMeasuresModule": {"outcomeMeasures": [measured]},
            "adverseEventsModule": {"timeFrame": "24 weeks", "eventGroups": [events]},
        },
    }
    return json.dumps({"studies": [{}, study]}).encode()


def test_a_posted_number_keeps_its_group_its_kind_and_its_spread_in_the_registers_words() -> None:
    first, second, _ = posted_results(a_study(), NEW_NCT)

    assert first == Posted(
        outcome="Grip strength",
        time_frame="Week 12",
        group="IVIg",
        part="Right hand",
        measure="least squares mean",
        value="-1.5",
        spread="0.4 (Standard Error)",
        unit="kg",
        analysed="12 Participants",
    )
    assert (second.group, second.value, second.analysed) == ("Placebo", "NA", None)


def test_limits_are_given_as_a_range() -> None:
    measurement = {"groupId": "OG000", "value": "19", "lowerLimit": "15", "upperLimit": "22"}
    classes = [{"categories": [{"measurements": [measurement]}]}]

    first, *_ = posted_results(
        a_study(classes=classes, dispersionType="95% Confidence Interval"), NEW_NCT
    )

    assert first.spread == "15 to 22 (95% Confidence Interval)"


def test_no_serious_event_is_a_count_of_nought_and_not_nothing() -> None:
    *_, events = posted_results(a_study(), NEW_NCT)

    assert (events.outcome, events.value) == ("Serious adverse events", "0")
    assert events.analysed == "12 Participants at risk"


@pytest.mark.parametrize(
    "wrong", [{"classes": None}, {"groups": [1]}, {"classes": [{"categories": "x"}]}, {"denoms": 3}]
)
def test_a_part_of_another_shape_is_left_out(wrong: dict[str, Any]) -> None:
    assert posted_results(a_study(**wrong), NEW_NCT)[-1].outcome == "Serious adverse events"


def test_a_study_that_is_not_in_the_payload_has_no_results() -> None:
    assert posted_results(a_study(), "NCT00000001") == ()


def test_what_is_no_answer_of_the_register_is_refused() -> None:
    with pytest.raises(UnreadablePayload):
        posted_results(b"<html>busy</html>", NEW_NCT)


def test_real_results_are_read_whole(shared: Path) -> None:
    file = shared / "upstream" / "ctgov" / "studies" / "aact_NCT05594173.json"

    found = posted_results(file.read_bytes(), "NCT05594173")

    assert {each.outcome for each in found} >= {
        "Number of Chewing Cycles Per Bolus",
        "Serious adverse events",
    }
    chewing = [each for each in found if each.measure == "mean"]
    assert all(each.spread and "Standard Deviation" in each.spread for each in chewing)
    assert all(each.analysed for each in chewing)
