from __future__ import annotations

from dataclasses import replace

import pytest

from bot.report.absolute import Absolute, NoAbsoluteEffect, absolute_effect, absolute_json
from bot.report.document import CertaintyLine
from bot.report.summary import is_reproduced, outcomes_without_result, summary_of_findings
from bot.results.diff import changes
from bot.results.model import ShownEffect
from bot.results.result_json import analysis_json
from bot.results.ways import people_in_words
from bot.review.planned import PlannedMeasure
from bot.review.protocol import ControlRisks, PrintedCertainty
from tests.bot.report.sample import (
    AFTER_FICTUM,
    BASELINE,
    BASELINE_DOCUMENT,
    BLOCK,
    DISABILITY,
    DISABILITY_WORSE,
    STRENGTH,
    STRENGTH_CHANGE,
    STRENGTH_WITH_FICTUM,
    UPDATE_DOCUMENT,
)


def rows(document):
    groups = summary_of_findings(document, changes(BASELINE, document.results))
    return {row.id: row for group in groups for row in group.rows}


@pytest.mark.parametrize(
    ("result", "on_arm_2", "on_arm_1", "limits"),
    [
        (DISABILITY, "111 (11.1%)", "333 (33.3%)", "99 to 1,000 (9.9% to 100.0%)"),
        (STRENGTH, "37 (3.7%)", "407 (40.7%)", "106 to 1,000 (10.6% to 100.0%)"),
        (DISABILITY_WORSE, "167 (16.7%)", "405 (40.5%)", "188 to 874 (18.8% to 87.4%)"),
    ],
)
def test_people_per_thousand_are_at_the_second_arms_risk(result, on_arm_2, on_arm_1, limits):
    shown = rows(BASELINE_DOCUMENT)[result.id].absolute

    assert (shown.arm_2, shown.arm_1, shown.limits) == (on_arm_2, on_arm_1, limits)
    assert (shown.arm_2_label, shown.arm_1_label) == (result.arm_2_label, result.arm_1_label)


def test_a_ratio_of_no_events_gives_no_absolute_effect():
    assert absolute_effect(BLOCK) == NoAbsoluteEffect("no event on Placebo in these trials")


def test_a_difference_of_means_is_about_no_risk():
    assert absolute_effect(STRENGTH_CHANGE) == NoAbsoluteEffect("SMD is no effect on a risk")


def test_an_odds_ratio_and_a_risk_difference_are_applied_as_what_they_are():
    odds = absolute_effect(
        replace(
            DISABILITY_WORSE, measure=PlannedMeasure.ODDS_RATIO, effect=ShownEffect(3.0, 1.0, 9.0)
        )
    )
    risk = absolute_effect(
        replace(
            DISABILITY_WORSE,
            measure=PlannedMeasure.RISK_DIFFERENCE,
            effect=ShownEffect(0.2, -0.9, 0.9),
        )
    )

    assert isinstance(odds, Absolute)
    assert isinstance(risk, Absolute)
    assert odds.arm_1.estimate == pytest.approx(3 * 0.2 / (1 + 3 * 0.2))
    assert odds.arm_1.ci_lower == pytest.approx(7 / 42)
    assert (risk.arm_1.ci_lower, risk.arm_1.ci_upper) == (0.0, 1.0)


def test_a_result_that_cannot_be_estimated_says_why_and_shows_no_number():
    lost = replace(DISABILITY, effect=None, not_estimable="no event in any study")

    row = rows(replace(BASELINE_DOCUMENT, results=(lost,)))["1.1"]

    assert row.effect is None
    assert row.why == "no event in any study"
    assert row.absolute.why == "no event in any study"
    assert row.meaning is None


def test_every_published_result_is_reproduced_to_the_printed_digit():
    assert [each.id for each in BASELINE if not is_reproduced(each)] == []
    assert not is_reproduced(STRENGTH_WITH_FICTUM)


def test_one_wrong_digit_is_not_reproduced():
    assert not is_reproduced(replace(DISABILITY, effect=ShownEffect(3.0, 0.8849, 10.1185)))


def test_a_rating_of_other_data_says_so_and_keeps_its_word():
    shown = rows(UPDATE_DOCUMENT)

    assert shown["1.2"].certainty.level == "low"
    assert shown["1.2"].certainty.note is not None
    assert "not rated again yet" in shown["1.2"].certainty.note
    assert shown["1.1"].certainty.note is None


def test_a_rating_made_for_this_version_has_no_reservation():
    rated = (CertaintyLine("1.2", PrintedCertainty.MODERATE, "3.1"),)

    shown = rows(replace(UPDATE_DOCUMENT, certainty=rated))

    assert shown["1.2"].certainty.circles == 3
    assert shown["1.2"].certainty.note is None
    assert shown["1.1"].certainty.level == "not rated"


def test_only_changed_rows_are_marked_changed():
    shown = rows(replace(UPDATE_DOCUMENT, results=AFTER_FICTUM))

    assert [row.id for row in shown.values() if row.changed] == ["1.2"]


def test_an_outcome_without_values_is_named():
    assert outcomes_without_result(BASELINE_DOCUMENT) == ("Quality of life (key outcome)",)


def test_what_an_absolute_effect_rests_on_is_said_beside_it():
    shown = rows(BASELINE_DOCUMENT)["1.2"].absolute

    assert shown.seen_1 == "778 (77.8%)"
    assert "goes beyond 0 or 1,000" in shown.remarks[0]
    assert "0.5 was added to empty cells" in shown.remarks[1]


def test_risks_that_the_protocol_states_have_their_own_figures():
    assert DISABILITY_WORSE.effect is not None
    stated = replace(DISABILITY_WORSE, control_risks=ControlRisks(low=0.01, high=0.3))

    found = absolute_effect(stated)

    assert isinstance(found, Absolute)
    assert [each.name for each in found.stated] == ["low", "high"]
    assert found.stated[0].arm_1.estimate == pytest.approx(0.01 * DISABILITY_WORSE.effect.estimate)


def test_a_result_printed_in_full_is_compared_as_two_programs_can_agree():
    assert DISABILITY.effect is not None
    assert DISABILITY.published is not None
    value = DISABILITY.effect.estimate
    printed = DISABILITY.published.model_copy(update={"estimate": f"{value * (1 + 1e-10):.15g}"})

    assert is_reproduced(replace(DISABILITY, published=printed)) == is_reproduced(DISABILITY)


def test_the_data_have_every_risk_as_a_share_per_thousand_and_in_per_cent():
    found = absolute_json(DISABILITY)

    assert found["arm_2"]["per_1000"] == pytest.approx(111.111, abs=1e-3)
    assert found["arm_1"]["estimate"]["percent"] == pytest.approx(33.333, abs=1e-3)
    assert found["arm_1"]["ci_upper"] == pytest.approx(
        {"risk": 1, "per_1000": 1000, "percent": 100}
    )
    assert found["capped"]
    assert absolute_json(BLOCK) == {"why_none": "no event on Placebo in these trials"}


def test_people_of_trials_that_allocated_groups_are_called_effective():
    note = "groups were allocated: numbers are divided by 2"
    divided = replace(STRENGTH, rows=(replace(STRENGTH.rows[0], notes=(note,)),))

    assert people_in_words(STRENGTH) == "27 people"
    assert people_in_words(divided).startswith("27 people (effective")
    assert analysis_json(divided)["effective_participants"]


def test_people_of_whom_nobody_told_are_not_counted_as_none():
    untold = replace(STRENGTH, participants=0)

    assert analysis_json(untold)["participants"] is None
    assert people_in_words(untold) == "people not reported"
    assert analysis_json(replace(untold, studies=0))["participants"] == 0
