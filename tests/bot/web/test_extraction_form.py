from __future__ import annotations

from pathlib import Path

import pytest

from bot.acts.handed import read_hand_in
from bot.errors import FaultsOfAct
from bot.review.folder import read_review
from bot.review.protocol import ReviewProtocol
from bot.web.extraction_form import (
    blank_draft,
    placed_faults,
    sections,
    submission_json,
    typed_draft,
)
from extraction.model import Design, Field, Reporting, Study

MMN = Path(__file__).parents[3] / "reviews" / "mmn"
STUDY = Study("doe2026", "Doe 2026", Design.OTHER, ())
ARMS = ("ivig", "placebo")


@pytest.fixture(scope="module")
def protocol() -> ReviewProtocol:
    return read_review(MMN).protocol


def typed(protocol: ReviewProtocol, **fields: str) -> dict[str, str]:
    """The fields of a form whose first block is typed into."""
    first = protocol.outcomes[0]
    place = {"outcome": first.id, "source": "Doe 2026", "locator": "Table 2"}
    names = {f"b0|{name}": text for name, text in (place | fields).items()}
    return {"blocks": "1", "design": "crossover", "participants": "20", **names}


def test_the_form_has_a_section_for_each_outcome_and_a_row_for_each_arm(
    protocol: ReviewProtocol,
) -> None:
    draft = blank_draft(protocol, Study("s", "S", Design.PARALLEL, ARMS))

    laid_out = sections(protocol, draft)

    assert [section.block.outcome for section in laid_out] == [o.id for o in protocol.outcomes]
    assert all([row.arms for row in s.rows] == [("ivig",), ("placebo",)] for s in laid_out)


def test_a_cross_over_study_is_asked_for_its_joint_table_in_protocol_order(
    protocol: ReviewProtocol,
) -> None:
    draft = blank_draft(protocol, Study("s", "S", Design.CROSSOVER, ("placebo", "ivig")))

    joint = sections(protocol, draft)[0].rows[-1]

    assert joint.arms == ("ivig", "placebo")
    assert [each.field for each in joint.inputs] == [
        Field.BOTH,
        Field.FIRST_ONLY,
        Field.SECOND_ONLY,
        Field.NEITHER,
    ]


def test_what_was_typed_becomes_what_the_command_line_would_hand_in(
    protocol: ReviewProtocol,
) -> None:
    fields = typed(protocol, **{"ivig|events": "12", "ivig|total": "20", "placebo|events": "3"})

    data, places = submission_json(typed_draft(protocol, fields, ARMS))

    assert (data["design"], data["arms"], data["participants"]) == (
        "crossover",
        ["ivig", "placebo"],
        20,
    )
    assert data["values"][0] == {
        "outcome": protocol.outcomes[0].id,
        "source": "Doe 2026",
        "locator": "Table 2",
        "arm": "ivig",
        "events": 12,
        "total": 20,
    }
    assert places == ((0, "ivig"), (0, "placebo"))


@pytest.mark.parametrize("text", ["12,5", "1e3", "twelve", "1 2", "--1", "nan", "inf", "½", "1."])
def test_what_is_no_number_is_refused_with_its_own_words_in_its_section(
    protocol: ReviewProtocol, text: str
) -> None:
    draft = typed_draft(protocol, typed(protocol, **{"ivig|events": text}), ARMS)
    data, places = submission_json(draft)

    with pytest.raises(FaultsOfAct) as refused:
        read_hand_in(data, protocol, "doe2026")
    (fault,) = placed_faults(protocol, draft, refused.value.faults, places)[:1]

    assert f"found '{text}', expected a number" in fault.text
    assert fault.text.startswith(protocol.outcomes[0].label)
    assert fault.section == 0


def test_impossible_values_are_shown_in_their_section(protocol: ReviewProtocol) -> None:
    fields = typed(protocol, **{"ivig|events": "21", "ivig|total": "20"})
    draft = typed_draft(protocol, fields, ARMS)
    data, places = submission_json(draft)

    with pytest.raises(FaultsOfAct) as refused:
        read_hand_in(data, protocol, "doe2026")
    (fault,) = placed_faults(protocol, draft, refused.value.faults, places)

    assert "21 events among 20 participants" in fault.text
    assert fault.section == 0


def test_another_time_point_follows_its_outcome_and_keeps_what_was_typed(
    protocol: ReviewProtocol,
) -> None:
    outcome = protocol.outcomes[0].id
    fields = typed(protocol, **{"ivig|events": "12", "time_point": "after induction"})
    fields |= {"b1|outcome": protocol.outcomes[1].id, "blocks": "2", "do": f"more|{outcome}"}

    blocks = typed_draft(protocol, fields, ARMS).blocks

    assert [block.outcome for block in blocks] == [outcome, outcome, protocol.outcomes[1].id]
    assert blocks[0].numbers == {("ivig", "events"): "12"}
    assert (blocks[1].time_point, blocks[1].source, dict(blocks[1].numbers)) == ("", "Doe 2026", {})


def test_an_outcome_and_an_arm_that_the_protocol_lacks_are_kept_with_their_labels(
    protocol: ReviewProtocol,
) -> None:
    fields = typed(protocol, outcome="", label="Fatigue", **{"empasiprubart|mean": "-1.5"}) | {
        "new_arm": "Empasiprubart"
    }

    data, _ = submission_json(typed_draft(protocol, fields, ["ivig"]))

    assert data["arms"] == ["ivig", "empasiprubart"]
    assert data["labels"] == {"empasiprubart": "Empasiprubart", "fatigue": "Fatigue"}
    assert data["values"][0]["outcome"] == "fatigue"
    assert data["values"][0]["mean"] == -1.5


def test_a_forged_count_of_blocks_makes_no_endless_form(protocol: ReviewProtocol) -> None:
    for count in ("999999999", "-1", "x", "", "²"):
        draft = typed_draft(protocol, {"blocks": count}, ())
        assert len(draft.blocks) <= 60


def test_outcomes_without_numbers_and_results_in_words_are_handed_in(
    protocol: ReviewProtocol,
) -> None:
    first = protocol.outcomes[0].id
    fields = {
        **{"blocks": "1", "design": "crossover", "participants": "", "b0|outcome": first},
        **{f"reporting|{first}": "not_measured", "unpooled": "2"},
        **{"u0|what": "Rash", "u0|arms": "ivig", "u0|number": "2", "u0|unit": "people"},
        **{"u0|source": "pmid:1", "u0|locator": "page 4"},
    }

    data, _ = submission_json(typed_draft(protocol, fields, ARMS))

    assert data["reporting"] == {first: "not_measured"}
    assert data["unpooled"] == [
        {
            **{"what": "Rash", "arms": ["ivig"], "number": 2, "unit": "people"},
            **{"source": "pmid:1", "locator": "page 4"},
        }
    ]
    handed = read_hand_in(data, protocol, "doe2026")
    assert handed.reporting == {first: Reporting.NOT_MEASURED}


FAULTS_BESIDE = [
    pytest.param({"reporting": {"sleep": "unclear"}}, "reporting: found 'sleep'", id="outcome"),
    pytest.param({"reporting": {"quality_of_life": "lost"}}, "found 'lost'", id="state"),
    pytest.param({"unpooled": [{"what": "Rash"}]}, "source: expected the report", id="no source"),
    pytest.param(
        {"unpooled": [{"what": "Rash", "source": "p", "quote": "q", "number": 2}]},
        "unit: found none",
        id="a number of nothing",
    ),
    pytest.param(
        {"unpooled": [{"what": "Rash", "source": "p", "quote": "q", "arms": ["scig"]}]},
        "arm: found 'scig'",
        id="no arm of the study",
    ),
    pytest.param({}, "no value is given", id="nothing at all"),
]


@pytest.mark.parametrize(("beside", "said"), FAULTS_BESIDE)
def test_what_cannot_be_beside_the_numbers_is_refused(
    protocol: ReviewProtocol, beside: dict[str, object], said: str
) -> None:
    data = {"design": "parallel", "arms": list(ARMS), "values": [], **beside}

    with pytest.raises(FaultsOfAct, match=said):
        read_hand_in(data, protocol, "doe2026")
