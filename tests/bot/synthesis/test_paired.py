from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.results.model import Paired
from bot.results.result_json import analysis_json
from bot.review.folder import read_review
from bot.synthesis.assemble import assemble
from extraction.checks import impossible
from extraction.model import Design, Field
from tests.bot.synthesis.test_assemble import events, means, tea, trial, value

MMN = Path(__file__).parents[3] / "reviews" / "mmn"

JOINT = (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER)


@pytest.fixture(scope="module")
def published() -> dict[str, Paired]:
    review = read_review(MMN)
    return {
        each.id: each.paired for each in assemble(review.protocol, review.studies, review.values)
    }


def joint(study, outcome, arms, *counts):
    return [
        value(study, outcome, arms, field, count)
        for field, count in zip(JOINT, counts, strict=True)
    ]


def crossover(name):
    return trial(name, Design.CROSSOVER)


def printed(paired):
    return tuple(
        f"{each:.2f}"
        for each in (paired.effect.estimate, paired.effect.ci_lower, paired.effect.ci_upper)
    )


# ------------------------------------------------------------ the review as published


def test_the_joint_table_of_disability_widens_the_published_limits(published):
    paired = published["2.1"]

    assert printed(paired) == ("2.43", "1.09", "5.42")
    assert paired.how == "Hahn 2013: joint 2×2 table (derived)"


def test_grip_says_what_is_missing_and_between_which_limits_the_paired_result_lies(published):
    paired = published["2.2"]

    assert paired.effect is None
    assert paired.missing == (
        "Hahn 2013: how many people had the event on both arms is not reported (0 to 4); "
        "the paired 95% CI lies between (0.07, 0.59) and (0.08, 0.48)"
    )


def test_strength_is_paired_by_the_spread_of_the_differences(published):
    paired = published["4.1"]

    assert printed(paired) == ("0.08", "-0.82", "0.98")
    assert paired.how == (
        "Harbo 2009: SD of the differences (derived), correlation 0.06,"
        " d without a small-sample factor"
    )


def test_a_trial_that_is_no_true_cross_over_is_not_paired(published):
    for analysis in ("1.1", "1.3"):
        assert "Leger 2001: not a true cross-over trial" in published[analysis].missing


def test_every_analysis_is_paired_or_says_why_not(published):
    for paired in published.values():
        assert (paired.effect is None) == (paired.missing is not None)
        assert (paired.effect is None) == (paired.how is None)


# ------------------------------------------------------------ other trials


def test_the_joint_table_is_turned_to_the_order_of_the_plan():
    values = [
        *events("one", "spilled", "tea", 7, 42),
        *events("one", "spilled", "water", 17, 42),
        *joint("one", "spilled", "tea+water", 2, 5, 15, 20),
    ]

    assert printed(tea([crossover("one")], values)["2"].paired) == ("2.43", "1.09", "5.42")


def test_a_joint_table_in_the_order_of_the_plan_is_taken_as_it_is():
    values = [
        *events("one", "spilled", "tea", 7, 42),
        *events("one", "spilled", "water", 17, 42),
        *joint("one", "spilled", "water+tea", 2, 15, 5, 20),
    ]

    assert printed(tea([crossover("one")], values)["2"].paired) == ("2.43", "1.09", "5.42")


def test_totals_that_leave_one_joint_table_possible_are_enough():
    values = [*events("one", "awake", "tea", 20, 20), *events("one", "awake", "water", 8, 20)]

    paired = tea([crossover("one")], values)["1"].paired

    assert paired.effect.estimate == pytest.approx(2.5)
    assert math.log(paired.effect.ci_upper / 2.5) == pytest.approx(
        1.959964 * math.sqrt(12 / (20 * 8)), abs=1e-6
    )
    assert "leave no choice" in paired.how


def test_parallel_trials_are_not_paired():
    values = [*events("one", "awake", "tea", 10, 20), *events("one", "awake", "water", 5, 20)]

    paired = tea([trial("one")], values)["1"].paired

    assert paired.missing == "no study is a cross-over trial"


def test_a_parallel_trial_keeps_its_effect_beside_a_paired_one():
    values = [
        *events("one", "awake", "tea", 17, 42),
        *events("one", "awake", "water", 7, 42),
        *joint("one", "awake", "tea+water", 2, 15, 5, 20),
        *events("two", "awake", "tea", 10, 20),
        *events("two", "awake", "water", 5, 20),
    ]

    paired = tea([crossover("one"), trial("two")], values)["1"].paired

    paired_weight, ordinary_weight = 1 / (20 / (17 * 7)), 1 / (1 / 10 - 1 / 20 + 1 / 5 - 1 / 20)
    pooled = (math.log(17 / 7) * paired_weight + math.log(2) * ordinary_weight) / (
        paired_weight + ordinary_weight
    )
    assert math.log(paired.effect.estimate) == pytest.approx(pooled)
    assert paired.how == "One: joint 2×2 table; Two: two groups of people, as they are"


def test_a_cross_over_trial_without_any_event_adds_nothing_and_stops_nothing():
    values = [
        *events("one", "awake", "tea", 17, 42),
        *events("one", "awake", "water", 7, 42),
        *joint("one", "awake", "tea+water", 2, 15, 5, 20),
        *events("two", "awake", "tea", 0, 5),
        *events("two", "awake", "water", 0, 5),
    ]

    paired = tea([crossover("one"), crossover("two")], values)["1"].paired

    assert printed(paired) == ("2.43", "1.09", "5.42")


def test_totals_with_a_correlation_are_paired_approximately():
    values = [
        *events("one", "awake", "tea", 17, 42),
        *events("one", "awake", "water", 7, 42),
        value("one", "awake", "tea+water", Field.CORRELATION, 0.3),
    ]

    paired = tea([crossover("one")], values)["1"].paired

    half = 1.959964 * math.sqrt(0.11532404289652848)
    assert math.log(paired.effect.ci_upper) == pytest.approx(math.log(17 / 7) + half, abs=1e-6)
    assert paired.how == "One: approximate, correlation 0.30"


def test_a_correlation_that_the_totals_rule_out_is_said():
    values = [
        *events("one", "awake", "tea", 17, 42),
        *events("one", "awake", "water", 7, 42),
        value("one", "awake", "tea+water", Field.CORRELATION, 0.9),
    ]

    paired = tea([crossover("one")], values)["1"].paired

    assert "a correlation of 0.9 cannot occur with these totals" in paired.missing


def test_arms_of_different_size_cannot_be_paired():
    values = [*events("one", "awake", "tea", 10, 20), *events("one", "awake", "water", 5, 19)]

    paired = tea([crossover("one")], values)["1"].paired

    assert paired.missing == "One: the arms have different numbers of people (20 and 19)"


@pytest.mark.parametrize(
    ("field", "number", "variance"),
    [
        (Field.SD_DIFFERENCE, 3.0, 9 / 10),
        (Field.CORRELATION, 0.5, (4 + 9 - 2 * 0.5 * 2 * 3) / 10),
    ],
)
def test_a_mean_difference_is_paired_by_what_is_known_of_the_differences(field, number, variance):
    values = [
        *means("one", "tea", 5.0, 2.0, 10),
        *means("one", "water", 3.0, 3.0, 10),
        value("one", "vigour", "tea+water", field, number),
    ]

    paired = tea([crossover("one")], values)["3"].paired

    assert paired.effect.estimate == pytest.approx(2.0)
    assert paired.effect.ci_upper == pytest.approx(2 + 1.959964 * math.sqrt(variance), abs=1e-6)


def test_means_alone_cannot_be_paired():
    values = [*means("one", "tea", 5.0, 2.0, 10), *means("one", "water", 3.0, 3.0, 10)]

    paired = tea([crossover("one")], values)["3"].paired

    assert "neither the SD of the differences nor the correlation" in paired.missing


def test_a_spread_that_no_correlation_allows_is_said():
    values = [
        *means("one", "tea", 5.0, 2.0, 10),
        *means("one", "water", 3.0, 3.0, 10),
        value("one", "vigour", "tea+water", Field.SD_DIFFERENCE, 50.0),
    ]

    assert "correlation" in tea([crossover("one")], values)["3"].paired.missing


def test_a_parallel_trial_with_one_person_in_an_arm_is_said_and_breaks_nothing():
    values = [
        *means("one", "tea", 5.0, 2.0, 10),
        *means("one", "water", 3.0, 3.0, 10),
        value("one", "vigour", "tea+water", Field.SD_DIFFERENCE, 3.0),
        *means("two", "tea", 5.0, 2.0, 1),
        *means("two", "water", 3.0, 3.0, 10),
    ]

    paired = tea([crossover("one"), trial("two")], values)["3"].paired

    assert "at least 2 participants" in paired.missing


def test_the_json_has_a_paired_result_or_what_is_missing():
    values = [
        *events("one", "awake", "tea", 17, 42),
        *events("one", "awake", "water", 7, 42),
        *joint("one", "awake", "tea+water", 2, 15, 5, 20),
    ]
    results = tea([crossover("one")], values)

    assert set(analysis_json(results["1"])["paired"]) == {
        "estimate",
        "ci_lower",
        "ci_upper",
        "how",
    }
    assert set(analysis_json(results["2"])["paired"]) == {"missing"}


# ------------------------------------------------------------ whatever people may hand in

DESIGNS = st.sampled_from(list(Design))
COUNTS = st.integers(0, 40)
SHARE = st.floats(-1, 1)


@st.composite
def handed_in(draw):
    """Draw studies with values of every kind that the checks of an extraction let through."""
    studies, values = [], []
    for name in draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True)):
        study = trial(name, draw(DESIGNS), draw(st.none() | st.integers(1, 80)))
        own = [each for arm in ("tea", "water") for each in draw(numbers_of(name, arm))]
        both = draw(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS))
        if draw(st.booleans()) and any(both):
            own += joint(name, "awake", "water+tea", *both)
        if draw(st.booleans()):
            own.append(value(name, "vigour", "tea+water", Field.CORRELATION, draw(SHARE)))
        if not impossible(own, study.arms):
            studies.append(study)
            values += own
    return studies, values


@st.composite
def numbers_of(draw, study, arm):
    """Draw what one arm reports: events, means, both or nothing."""
    values = []
    if draw(st.booleans()):
        total = draw(st.integers(1, 40))
        values += events(study, "awake", arm, draw(st.integers(0, total)), total)
    if draw(st.booleans()):
        spread = draw(st.floats(0.01, 100))
        values += means(study, arm, draw(st.floats(-1e6, 1e6)), spread, draw(st.integers(1, 40)))
    return values


@given(
    handed_in(),
    st.sampled_from(["RR", "OR", "RD"]),
    st.sampled_from(["MH", "IV"]),
    st.sampled_from(["common", "random"]),
)
@settings(max_examples=300, deadline=None)
def test_whatever_passed_the_checks_gives_a_result_or_says_why_not(review, measure, method, model):
    studies, values = review

    for result in tea(studies, values, measure=measure, method=method, model=model).values():
        shown = analysis_json(result)
        assert json.loads(json.dumps(shown, allow_nan=False)) == shown
        assert (result.effect is None) == (result.not_estimable is not None)
        assert all((row.effect is None) == (row.why is not None) for row in result.rows)
        weights = [row.weight for row in result.rows if row.weight is not None]
        assert result.effect is None or sum(weights) == pytest.approx(1)
        assert result.participants >= result.studies


@given(handed_in())
@settings(max_examples=100, deadline=None)
def test_turning_the_arms_turns_the_ratio_and_nothing_else(review):
    studies, values = review

    ahead = tea(studies, values)["1"]
    turned = tea(studies, values, arm_1="water", arm_2="tea")["1"]

    assert (turned.studies, turned.participants) == (ahead.studies, ahead.participants)
    assert (turned.effect is None) == (ahead.effect is None)
    if ahead.effect is not None and turned.effect is not None:
        assert turned.effect.estimate == pytest.approx(1 / ahead.effect.estimate)
        assert turned.effect.ci_lower == pytest.approx(1 / ahead.effect.ci_upper)
    if ahead.paired.effect is not None:
        assert turned.paired.effect.estimate == pytest.approx(1 / ahead.paired.effect.estimate)
