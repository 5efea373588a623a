from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.acts.handed import blank_form, checked, read_hand_in
from bot.errors import FaultsOfAct
from bot.review.folder import read_review
from bot.review.protocol import ReviewProtocol
from extraction.model import Design, Field, Study
from state.extractions import Handed

REVIEW = Path(__file__).parent.parent.parent.parent / "reviews" / "mmn"


@pytest.fixture(scope="module")
def protocol() -> ReviewProtocol:
    return read_review(REVIEW).protocol


def entry(**numbers: object) -> dict[str, object]:
    return {
        "outcome": "strength_improved",
        "arm": "ivig",
        "source": "pmid:1",
        "locator": "table 2",
        **numbers,
    }


def handed(*values: dict[str, object], **more: object) -> dict[str, Any]:
    return {"design": "parallel", "arms": ["ivig", "placebo"], "values": list(values), **more}


def read(protocol: ReviewProtocol, data: dict[str, Any]) -> Handed:
    return checked(read_hand_in(data, protocol, "trial"), protocol)


def faults(protocol: ReviewProtocol, data: dict[str, Any]) -> str:
    with pytest.raises(FaultsOfAct) as caught:
        read_hand_in(data, protocol, "trial")
    return str(caught.value)


def test_a_submission_takes_the_time_point_of_the_protocol(protocol: ReviewProtocol) -> None:
    found = read(protocol, handed(entry(events=9, total=12)))

    assert {value.cell.time_point for value in found.values} == {"after induction"}
    assert [value.cell.field for value in found.values] == [Field.EVENTS, Field.TOTAL]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (handed(entry(events=13, total=12)), "13 events among 12 participants"),
        (handed(entry(events="nine", total=12)), "events: found 'nine', expected a number"),
        (handed(entry(events=True, total=12)), "events: found true, expected a number"),
        (handed(entry(events=9, total=12, arm="scig")), "the study has no arm 'scig'"),
        (
            handed(entry(events=9, total=12, source="")),
            "expected the report the number was read in",
        ),
        (handed(entry(events=9, total=12, locator=None)), "expected a 'locator'"),
        (handed(entry(events=9, total=12, locator="  ")), "expected a 'locator'"),
        (
            handed(entry(events=9, totl=12)),
            "value 1: found unknown key 'totl', expected one of arm",
        ),
        (handed(entry(both=2)), "both belongs to a pair in 'arms'"),
        (handed(entry()), "no number is given"),
        (handed(), "no value is given"),
        (handed(entry(events=9, total=12), design="circular"), "design: found 'circular'"),
        (handed(entry(events=9, total=12), arms=["ivig"]), "a list of two or more arm ids"),
        (handed(entry(events=9, total=12), participants=0), "participants: found 0"),
        (handed(entry(events=9, total=12), study="other"), "study: found 'other'"),
        (handed(*([entry(events=9, total=12)] * 2)), "is given twice"),
        (handed(entry(events=9, total=12, time_point=7)), "time_point: found 7, expected a text"),
        (handed(entry(events=9, total=12), labels=["x"]), "labels: found ['x']"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    protocol: ReviewProtocol, data: dict[str, Any], said: str
) -> None:
    assert said in faults(protocol, data)


def test_all_faults_are_said_at_once(protocol: ReviewProtocol) -> None:
    said = faults(protocol, handed(entry(events=13, total=12), design="circular"))

    assert "13 events among 12" in said
    assert "circular" in said


def test_joint_cells_of_a_cross_over_trial_belong_to_a_pair(protocol: ReviewProtocol) -> None:
    cells = {"both": 2, "first_only": 15, "second_only": 5, "neither": 20}
    pair = {**entry(**cells), "arms": ["placebo", "ivig"]}
    del pair["arm"]

    found = read(protocol, handed(pair, design="crossover"))

    assert found.design is Design.CROSSOVER
    assert {value.cell.arms for value in found.values} == {("placebo", "ivig")}


@pytest.mark.parametrize(
    "change", [{"outcome": "fatigue"}, {"time_point": "week 52"}, {"arm": "empasiprubart"}]
)
def test_what_the_protocol_lacks_is_kept(
    protocol: ReviewProtocol, change: dict[str, object]
) -> None:
    data = handed(entry(events=9, total=12, **change), arms=["ivig", "empasiprubart"])

    assert len(read(protocol, data).values) == 2


def test_the_empty_form_names_every_outcome_and_arm(protocol: ReviewProtocol) -> None:
    form = blank_form(protocol, Study("trial", "Trial", Design.PARALLEL, ("ivig", "placebo")))

    asked = {(each["outcome"], each["arm"]) for each in form["values"]}
    assert asked == {(o.id, arm) for o in protocol.outcomes for arm in ("ivig", "placebo")}


def test_a_fault_names_the_place_of_its_value_beside_one_that_cannot_be_read(
    protocol: ReviewProtocol,
) -> None:
    unread: dict[str, object] = {"events": "nine"}
    no_source = entry(events=9, total=12, source="")

    said = faults(protocol, handed(unread, no_source))

    assert "value 2: source: expected the report" in said
    assert "value 1: source" not in said


@pytest.mark.parametrize("data", [[], "hello", None])
def test_what_is_no_object_is_called_so(protocol: ReviewProtocol, data: Any) -> None:
    assert "expected a JSON object" in faults(protocol, data)


def test_nobody_taking_part_is_refused_with_the_bound(protocol: ReviewProtocol) -> None:
    data = handed(entry(events=9, total=12), participants=0)

    assert "participants: found 0, expected a whole number of 1 or more" in faults(protocol, data)
