from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from bot.results.model import AnalysisResult
from bot.results.result_json import analysis_json
from bot.review.folder import ReviewFolder, read_review
from bot.review.protocol import AnalysisPlan
from bot.review.protocol_file import parse_protocol
from bot.synthesis.assemble import assemble
from bot.synthesis.variations import without_each
from extraction.model import Basis, Cell, Design, Field, Provenance, Study, Value
from tests.bot.a_review import PROTOCOL

MMN = Path(__file__).parents[3] / "reviews" / "mmn"


@pytest.fixture(scope="module")
def review() -> ReviewFolder:
    return read_review(MMN)


@pytest.fixture(scope="module")
def published(review: ReviewFolder) -> dict[str, AnalysisResult]:
    results = assemble(review.protocol, review.studies, review.values)
    return {each.id: each for each in results}


# ------------------------------------------------------------ the review as published


@pytest.mark.parametrize(
    ("analysis", "printed"),
    [
        ("1.1", ("3.00", "0.89", "10.12")),
        ("1.2", ("11.00", "2.86", "42.25")),
        ("1.3", ("7.00", "0.95", "51.70")),
        ("2.1", ("2.43", "1.13", "5.24")),
        ("2.2", ("0.20", "0.07", "0.54")),
        ("3.1", ("10.33", "2.15", "49.77")),
        ("4.1", ("0.08", "-0.84", "1.00")),
        ("4.2", ("0.50", "0.18", "1.40")),
    ],
)
def test_the_published_result_comes_out_to_every_printed_digit(published, analysis, printed):
    result = published[analysis]

    effect = result.effect
    assert tuple(f"{each:.2f}" for each in (effect.estimate, effect.ci_lower, effect.ci_upper)) == (
        printed
    )
    assert (result.published.estimate, result.published.ci_lower) == printed[:2]


def test_people_are_counted_as_the_review_counts_them(published):
    counted = {each.id: (each.studies, each.participants) for each in published.values()}

    assert counted == {
        "1.1": (3, 18),
        "1.2": (3, 27),
        "1.3": (4, 28),
        "2.1": (1, 42),
        "2.2": (1, 42),
        "3.1": (2, 21),
        "4.1": (1, 9),
        "4.2": (1, 9),
    }
    assert all(each.participants == each.published.participants for each in published.values())


def test_the_arms_of_the_two_withdrawal_analyses_are_the_other_way_round(published):
    assert (published["2.1"].arm_1, published["2.1"].arm_2) == ("placebo", "ivig")
    assert (published["2.2"].arm_1, published["2.2"].arm_2) == ("ivig", "placebo")
    assert published["2.1"].rows[0].arm_1.events == 17
    assert published["2.2"].rows[0].arm_1.events == 4


def test_what_rests_on_derived_cells_is_marked(published):
    derived = {each.id for each in published.values() if each.derived_inputs}

    assert derived == {"1.1", "1.2", "1.3", "3.1", "4.1", "4.2"}
    assert not published["2.1"].rows[0].derived


def test_a_trial_without_events_is_shown_and_counted_and_not_estimable(published):
    azulay = published["1.1"].rows[0]

    assert azulay.label == "Azulay 1994"
    assert azulay.effect is None
    assert azulay.why == "no events in both arms"
    assert azulay.weight is None
    assert sum(row.weight or 0 for row in published["1.1"].rows) == pytest.approx(1)


def test_heterogeneity_and_random_effects_stand_beside_a_pooled_result(published):
    strength, single = published["1.2"], published["2.1"]

    assert strength.heterogeneity.q_df == 2
    assert 0 <= strength.heterogeneity.i2 <= 1
    assert strength.random_effects.estimate == pytest.approx(8.6271, abs=5e-5)
    assert single.heterogeneity is None
    assert single.random_effects is None


# ------------------------------------------------------------ another review


def value(study: str, outcome: str, arms: str, field: Field, number: float) -> Value:
    cell = Cell(study, outcome, "one hour", tuple(arms.split("+")), field)
    return Value(cell, number, Provenance(Basis.EXTRACTED, "a report", "page 1"))


def events(study: str, outcome: str, arm: str, count: float, total: float) -> list[Value]:
    return [
        value(study, outcome, arm, Field.EVENTS, count),
        value(study, outcome, arm, Field.TOTAL, total),
    ]


def means(study: str, arm: str, mean: float, sd: float, n: float) -> list[Value]:
    return [
        value(study, "vigour", arm, Field.MEAN, mean),
        value(study, "vigour", arm, Field.SD, sd),
        value(study, "vigour", arm, Field.N, n),
    ]


def trial(name: str, design: Design = Design.PARALLEL, people: int | None = None) -> Study:
    return Study(name, name.title(), design, ("tea", "water"), participants=people)


def tea(studies, values, **changes):
    """Assemble the small review, its first analysis with these changes."""
    protocol = parse_protocol(PROTOCOL)
    first = AnalysisPlan.model_validate({**dict(protocol.analyses[0]), **changes})
    protocol = protocol.model_copy(update={"analyses": (first, *protocol.analyses[1:])})
    return {each.id: each for each in assemble(protocol, studies, values)}


TWO = [
    *events("one", "awake", "tea", 10, 20),
    *events("one", "awake", "water", 5, 20),
    *events("two", "awake", "tea", 30, 40),
    *events("two", "awake", "water", 20, 41),
]


def test_an_analysis_without_numbers_says_so():
    result = tea([trial("one")], [])["1"]

    assert result.effect is None
    assert result.not_estimable == "no study has numbers for this outcome in both arms"
    assert (result.studies, result.participants, result.rows) == (0, 0, ())


def test_numbers_in_an_arm_that_the_study_is_said_not_to_have_are_never_passed_over():
    without_water = replace(trial("one"), arms=("tea", "milk"))

    result = tea([without_water, trial("two")], TWO)["1"]

    (said,) = result.refused
    assert said.startswith("One: arm 'water': found numbers, expected an arm of the study (tea,")
    assert [row.study for row in result.rows] == ["two"]


def test_a_study_without_numbers_in_an_arm_that_it_does_not_have_is_of_another_comparison():
    without_water = replace(trial("one"), arms=("tea", "milk"))

    assert tea([without_water], TWO[:2])["1"].rows == ()


def test_the_people_of_both_arms_of_a_parallel_trial_are_counted():
    assert tea([trial("one"), trial("two")], TWO)["1"].participants == 121


def test_the_people_of_a_cross_over_trial_are_counted_once():
    studies = [trial("one", Design.CROSSOVER), trial("two", Design.CROSSOVER)]

    assert tea(studies, TWO)["1"].participants == 20 + 41


@pytest.mark.parametrize(("enrolled", "counted"), [(20, 20), (40, 40), (None, 40)])
def test_in_another_design_people_count_once_where_the_totals_exceed_them(enrolled, counted):
    result = tea([trial("one", Design.OTHER, enrolled)], TWO[:4])["1"]

    assert result.participants == counted


def test_the_orientation_follows_the_plan_and_not_the_order_of_the_values():
    values = [*events("one", "spilled", "tea", 2, 20), *events("one", "spilled", "water", 8, 20)]

    result = tea([trial("one")], values)["2"]

    assert result.effect.estimate == pytest.approx(4.0)
    assert (result.arm_1_label, result.direction) == ("Water", "above 1 favours tea")


@pytest.mark.parametrize(("measure", "expected"), [("RR", 2.0), ("OR", 3.0), ("RD", 0.25)])
@pytest.mark.parametrize("method", ["MH", "IV"])
@pytest.mark.parametrize("model", ["common", "random"])
def test_one_trial_gives_its_own_effect_whatever_pools_it(measure, expected, method, model):
    result = tea([trial("one")], TWO[:4], measure=measure, method=method, model=model)["1"]

    assert result.effect.estimate == pytest.approx(expected)
    assert result.rows[0].effect.estimate == pytest.approx(expected)
    assert result.rows[0].weight == pytest.approx(1)


def test_a_random_effects_headline_is_dersimonian_and_lairds():
    studies = [trial("one"), trial("two")]

    random = tea(studies, TWO, method="IV", model="random")["1"]
    common = tea(studies, TWO, method="IV", model="common")["1"]

    assert random.effect == common.random_effects
    assert random.heterogeneity.tau2 == common.heterogeneity.tau2


def test_a_mean_difference_is_first_arm_minus_second():
    values = [*means("one", "tea", 5.0, 1.0, 10), *means("one", "water", 3.0, 2.0, 12)]

    result = tea([trial("one")], values)["3"]

    assert result.effect.estimate == pytest.approx(2.0)
    assert result.effect.ci_upper - 2.0 == pytest.approx(
        1.959964 * math.sqrt(1 / 10 + 4 / 12), abs=1e-6
    )
    assert result.participants == 22


def test_a_trial_with_one_person_in_an_arm_has_no_spread_to_compute_with():
    values = [*means("one", "tea", 5.0, 1.0, 1), *means("one", "water", 3.0, 2.0, 12)]

    row = tea([trial("one")], values)["3"].rows[0]

    assert row.effect is None
    assert row.why == "fewer than 2 people in an arm"


def test_an_arm_without_numbers_is_shown_and_not_counted():
    result = tea([trial("one"), trial("two")], TWO[:6])["1"]

    assert (result.studies, result.participants) == (1, 40)
    assert result.rows[1].why == "one of the two arms has no numbers"
    assert result.effect.estimate == pytest.approx(2.0)


def test_a_trial_of_other_arms_does_not_enter():
    other = replace(trial("two"), arms=("tea", "milk"))

    result = tea([trial("one"), other], TWO)["1"]

    assert [row.study for row in result.rows] == ["one"]


def test_a_third_arm_is_left_aside():
    three = replace(trial("one"), arms=("milk", "water", "tea"))

    result = tea([three], [*TWO[:4], *events("one", "awake", "milk", 1, 20)])["1"]

    assert result.effect.estimate == pytest.approx(2.0)


def test_numbers_at_another_time_do_not_enter():
    later = [replace(each, cell=replace(each.cell, time_point="a day")) for each in TWO[4:]]

    result = tea([trial("one"), trial("two")], [*TWO[:4], *later])["1"]

    assert result.studies == 1


def test_trials_that_all_lack_events_leave_the_result_not_estimable():
    values = [*events("one", "awake", "tea", 0, 20), *events("one", "awake", "water", 0, 20)]

    result = tea([trial("one")], values)["1"]

    assert result.effect is None
    assert "no study has events" in result.not_estimable
    assert (result.studies, result.participants) == (1, 40)
    assert result.rows[0].why == "no events in both arms"


def test_a_number_without_its_partners_costs_its_study_and_nothing_else():
    values = [each for each in TWO if each.cell.key != "two|awake|one hour|water|total"]

    result = tea([trial("one"), trial("two")], values)["1"]

    assert result.refused == ("Two: arm 'water': found events, expected total as well",)
    assert [(row.label, row.why) for row in result.rows] == [
        ("One", None),
        ("Two", "arm 'water': found events, expected total as well"),
    ]
    assert (result.studies, result.participants) == (1, 40)
    assert result.effect.estimate == pytest.approx(2)


def test_each_analysis_names_what_it_cannot_use():
    values = [
        value("one", "awake", "tea", Field.EVENTS, 3),
        value("one", "vigour", "tea", Field.MEAN, 3),
        value("one", "awake", "tea+water", Field.BOTH, 3),
        *events("one", "awake", "water", 1, 5),
    ]

    results = tea([trial("one")], values)

    assert len(results["1"].refused) == 2
    assert results["3"].refused == ("One: arm 'tea': found mean, expected sd, n as well",)


def test_half_a_joint_table_leaves_the_arms_of_its_study_pooled():
    values = [*TWO, value("one", "awake", "tea+water", Field.BOTH, 3)]

    result = tea([trial("one"), trial("two")], values)["1"]

    assert result.studies == 2
    (refused,) = result.refused
    assert "left out of the paired analysis" in refused


def test_a_cell_with_two_numbers_is_refused():
    result = tea([trial("one")], [*TWO[:4], TWO[0]])["1"]

    assert result.effect is None
    assert result.refused == ("One: arm 'tea': events twice",)


def test_numbers_that_the_engine_refuses_cost_their_study_and_nothing_else():
    values = [*events("one", "awake", "tea", 21, 20), *events("one", "awake", "water", 5, 20)]
    values += TWO[4:]
    values += [*means("one", "tea", 3, -1, 10), *means("one", "water", 2, 1, 10)]

    results = tea([trial("one"), trial("two")], values)

    assert results["1"].rows[0].effect is None
    assert "found 21" in results["1"].refused[0]
    assert results["1"].effect.estimate == pytest.approx((30 / 40) / (20 / 41))
    assert results["3"].refused[0].startswith("One: found -1")


# ------------------------------------------------------------ what nobody has decided


def apart(studies, values, decided):
    found = assemble(parse_protocol(PROTOCOL), studies, values, decided)
    return {each.id: each for each in found}["1"]


def test_what_an_open_decision_concerns_is_shown_and_not_pooled():
    result = apart([trial("one"), trial("two")], TWO, {"two": "milk-or-not"})

    assert [row.label for row in result.rows] == ["One"]
    assert (result.studies, result.participants) == (1, 40)
    assert result.effect.estimate == pytest.approx(2)
    (kept,) = result.apart
    assert (kept.row.label, kept.decision, kept.row.weight) == ("Two", "milk-or-not", None)
    assert kept.row.effect.estimate == pytest.approx((30 / 40) / (20 / 41))


def test_an_analysis_of_undecided_studies_alone_has_no_result():
    result = apart([trial("two")], TWO, {"two": "milk-or-not"})

    assert result.effect is None
    assert len(result.apart) == 1


# ------------------------------------------------------------ analyse --json


def test_the_json_of_an_analysis_has_the_promised_keys(published):
    shown = analysis_json(published["2.2"])

    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown["id"] == "2.2"
    assert (shown["arm_1"], shown["arm_2"]) == ("ivig", "placebo")
    assert shown["direction"] == "above 1 favours arm_2"
    assert shown["published"] == {
        "estimate": 0.2,
        "ci_lower": 0.07,
        "ci_upper": 0.54,
        "certainty": "moderate",
        "source": "doi:10.1002/14651858.CD004429.pub3 (abstract)",
    }
    assert shown["estimate"] == pytest.approx(0.2)
    assert shown["ci_lower"] == pytest.approx(0.07471492352772689)
    assert shown["derived_inputs"] is False
    assert shown["arm_order_inferred"] is False


def test_the_json_of_what_cannot_be_estimated_holds_null_and_the_reason():
    shown = analysis_json(tea([trial("one")], [])["1"])

    assert (shown["estimate"], shown["ci_lower"], shown["ci_upper"]) == (None, None, None)
    assert shown["not_estimable"].startswith("no study has numbers")


def test_every_analysis_has_the_same_keys(published):
    assert len({tuple(analysis_json(each)) for each in published.values()}) == 1


def test_only_the_last_analysis_says_that_its_order_was_inferred(published):
    shown = [analysis_json(each) for each in published.values()]

    assert [each["id"] for each in shown if each["arm_order_inferred"]] == ["4.2"]


def test_halves_of_people_are_counted_together_and_not_each_rounded():
    values = [
        *events("a", "awake", "tea", 5, 40),
        *events("a", "awake", "water", 4.5, 19.5),
        *events("b", "awake", "tea", 3, 41),
        *events("b", "awake", "water", 4.5, 19.5),
    ]

    assert tea([trial("a"), trial("b")], values)["1"].participants == 120


def test_leaving_a_study_out_keeps_the_rule_for_empty_cells_of_the_plan():
    values = [
        *TWO,
        *events("three", "awake", "tea", 4, 30),
        *events("three", "awake", "water", 0, 30),
    ]
    studies = [trial(name) for name in ("one", "two", "three")]
    plain, nothing = (
        tea(studies, values, method="MH", model="common", zero_cells=rule)["1"]
        for rule in ("revman", "none")
    )

    def without_one(result):
        return next(each.effect for each in without_each(result) if each.label == "One")

    assert nothing.effect is not None
    # (30 × 41/81 + 4/2) ÷ (20 × 40/81), nothing added
    assert without_one(nothing).estimate == pytest.approx((30 * 41 / 81 + 2) / (20 * 40 / 81))
    assert without_one(plain).estimate != pytest.approx(without_one(nothing).estimate)
