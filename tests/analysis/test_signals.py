"""Each rule fires on what it is for and on nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from analysis.errors import InvalidInput
from analysis.results import Limits, Scale
from analysis.signals import (
    DEFAULT_RULES,
    Certainty,
    OutcomeState,
    Rule,
    RuleSetting,
    Signal,
    fired,
    firing_rules,
    relative_change,
)


def ratio(value: float, lower: float, upper: float, **more: Any) -> OutcomeState:
    return replace(
        NO_RESULT,
        estimate=math.log(value),
        ci=Limits(math.log(lower), math.log(upper)),
        studies=frozenset({"hahn"}),
        **more,
    )


NO_RESULT = OutcomeState(
    id="disability",
    label="Disability worse",
    comparison="ivig-placebo",
    population="definite or probable",
    scale=Scale.LOG,
)
STANDING = ratio(2.43, 1.13, 5.24, i2=0.1, certainty=Certainty.MODERATE, certainty_rules="2013")


def signals(old: OutcomeState, new: OutcomeState) -> tuple[Signal, ...]:
    """Return what fires; without its words the same rules fire."""
    found = fired([old], [new])
    (firing,) = firing_rules(old, [new])
    assert firing == {each.rule: each.changes_conclusions for each in found}
    return found


def rules_fired(old: OutcomeState, new: OutcomeState) -> set[str]:
    return {signal.rule.value for signal in signals(old, new) if not signal.apart}


def only(rule: Rule, old: OutcomeState, new: OutcomeState) -> list[Signal]:
    return [signal for signal in signals(old, new) if signal.rule is rule]


CROSSING = [
    pytest.param(STANDING, ratio(1.9, 0.95, 3.8), True, id="newly includes no effect"),
    pytest.param(ratio(1.9, 0.95, 3.8), STANDING, True, id="newly excludes no effect"),
    pytest.param(STANDING, ratio(2.2, 1.2, 4.0), False, id="excludes it as before"),
    pytest.param(ratio(1.9, 0.9, 3.8), ratio(1.8, 1.0, 3.0), False, id="a limit at 1 includes 1"),
    pytest.param(STANDING, NO_RESULT, True, id="an excluding result is lost"),
    pytest.param(
        STANDING,
        ratio(2.43, 1.3, 4.6, thresholds=(math.log(1.25),)),
        True,
        id="newly excludes a stated threshold",
    ),
    pytest.param(
        ratio(2.43, 1.3, 4.6, thresholds=(math.log(1.25),)),
        ratio(2.5, 1.4, 4.6, thresholds=(math.log(1.25),)),
        False,
        id="excludes the threshold as before",
    ),
]


@pytest.mark.parametrize(("old", "new", "fires"), CROSSING)
def test_s1_fires_where_the_interval_crosses_no_effect_or_a_threshold(old, new, fires):
    assert bool(only(Rule.INTERVAL_CROSSES, old, new)) is fires


CHANGE = [
    pytest.param(2.0, 3.0, True, id="a ratio rises by half"),
    pytest.param(2.0, 2.9, False, id="a ratio rises by less than half"),
    pytest.param(3.0, 1.5, True, id="a ratio falls by half"),
    pytest.param(3.0, 2.0, False, id="a ratio falls by a third"),
    pytest.param(1 / 3, 1 / 2, False, id="the same third with the arms swapped"),
    pytest.param(0.2, 0.4, True, id="a protective ratio loses half"),
    pytest.param(0.20, 0.22, False, id="an erratum of two cells"),
]


@pytest.mark.parametrize(("old", "new", "fires"), CHANGE)
def test_s2_fires_where_the_relative_effect_changes_by_half(old, new, fires):
    states = [ratio(value, value / 9, value * 9) for value in (old, new)]

    assert bool(only(Rule.EFFECT_CHANGES, *states)) is fires


def test_s2_measures_a_difference_by_its_distance_from_no_effect():
    assert relative_change(4.0, 6.0, null=0.0, scale=Scale.NATURAL) == pytest.approx(0.5)
    assert relative_change(0.0, 0.1, null=0.0, scale=Scale.NATURAL) == math.inf
    assert relative_change(0.0, 0.0, null=0.0, scale=Scale.NATURAL) == 0.0


DIRECTION = [
    pytest.param(1.2, 0.8, True, id="from above to below"),
    pytest.param(0.8, 1.2, True, id="from below to above"),
    pytest.param(1.2, 2.5, False, id="stays above"),
    pytest.param(1.2, 1.0, False, id="reaches no effect"),
]


@pytest.mark.parametrize(("old", "new", "fires"), DIRECTION)
def test_s3_fires_where_the_effect_points_the_other_way(old, new, fires):
    states = [ratio(value, 0.1, 10) for value in (old, new)]

    assert bool(only(Rule.DIRECTION_FLIPS, *states)) is fires


STRAY = ratio(1.01, 0.61, 1.67), ratio(0.99, 0.63, 1.55)


def test_s3_is_silent_where_an_effect_wavers_about_none():
    assert only(Rule.DIRECTION_FLIPS, *STRAY) == []


def test_s3_fires_within_the_margin_where_one_interval_excluded_no_effect():
    excluded = ratio(1.05, 1.01, 1.10)

    assert only(Rule.DIRECTION_FLIPS, excluded, ratio(0.99, 0.63, 1.55))


MARGINS = [
    pytest.param((), 0.1, True, id="beyond a tenth"),
    pytest.param((), 0.5, False, id="within the margin of the rule"),
    pytest.param((math.log(1.5), math.log(0.5)), 0.1, False, id="within the stated threshold"),
    pytest.param((math.log(1.1),), 0.5, True, id="a stated threshold comes before the margin"),
]


@pytest.mark.parametrize(("thresholds", "margin", "fires"), MARGINS)
def test_s3_takes_its_margin_from_the_thresholds_else_from_the_rule(thresholds, margin, fires):
    rule = RuleSetting(Rule.DIRECTION_FLIPS, changes_conclusions=True, threshold=margin)
    states = [ratio(value, 0.1, 10, thresholds=thresholds) for value in (1.2, 0.8)]

    assert bool(fired(states[:1], states[1:], [rule])) is fires


def test_s3_asks_a_threshold_or_an_interval_of_a_difference():
    apart = replace(NO_RESULT, scale=Scale.NATURAL, estimate=3.0, ci=Limits(-1, 7))
    turned = replace(apart, estimate=-3.0, ci=Limits(-7, 1))

    assert only(Rule.DIRECTION_FLIPS, apart, turned) == []
    assert only(Rule.DIRECTION_FLIPS, apart, replace(turned, thresholds=(2.0,)))
    assert only(Rule.DIRECTION_FLIPS, apart, replace(turned, ci=Limits(-5, -1)))


CERTAINTY = [
    pytest.param(
        replace(STANDING, certainty=Certainty.LOW, studies=frozenset({"hahn", "t-07"})),
        (True, False),
        id="moved by evidence",
    ),
    pytest.param(
        replace(STANDING, certainty=Certainty.LOW, certainty_rules="2025"),
        (False, True),
        id="moved by the rules alone is shown apart",
    ),
    pytest.param(
        replace(
            STANDING,
            certainty=Certainty.LOW,
            certainty_rules="2025",
            studies=frozenset({"hahn", "t-07"}),
        ),
        (True, False),
        id="moved while both changed",
    ),
]


@pytest.mark.parametrize(("new", "expected"), CERTAINTY)
def test_s4_tells_evidence_from_rules(new, expected):
    [signal] = only(Rule.CERTAINTY_MOVES, STANDING, new)

    assert (signal.changes_conclusions, signal.apart) == expected
    assert "moderate to low" in signal.text


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(replace(STANDING, certainty_rules="2025"), id="same level, other rules"),
        pytest.param(replace(STANDING, certainty=None), id="not rated yet"),
    ],
)
def test_s4_is_silent_where_no_level_moved(new):
    assert only(Rule.CERTAINTY_MOVES, STANDING, new) == []


FIRST = [
    pytest.param(NO_RESULT, replace(STANDING, key=True), [True], id="on a key outcome"),
    pytest.param(NO_RESULT, STANDING, [False], id="on another outcome"),
    pytest.param(NO_RESULT, NO_RESULT, [], id="still none"),
    pytest.param(STANDING, STANDING, [], id="had one"),
]


@pytest.mark.parametrize(("old", "new", "changes"), FIRST)
def test_s5_fires_for_the_first_result_of_an_empty_cell(old, new, changes):
    found = only(Rule.FIRST_RESULT, old, new)

    assert [signal.changes_conclusions for signal in found] == changes


NEW_GROUND = [
    pytest.param({"comparison": "drug-x-ivig"}, True, id="new comparison"),
    pytest.param({"population": "children"}, True, id="new population"),
    pytest.param({}, False, id="a new outcome on known ground"),
]


@pytest.mark.parametrize(("ground", "fires"), NEW_GROUND)
def test_s6_fires_for_a_comparison_or_population_the_review_did_not_have(ground, fires):
    added = replace(STANDING, id="deterioration", **ground)

    rules = {signal.rule for signal in fired([STANDING], [STANDING, added])}

    assert rules == {Rule.NEW_COMPARISON if fires else Rule.FIRST_RESULT}


CORRECTED = [
    pytest.param({("hahn", "retracted")}, set(), True, id="an included study"),
    pytest.param({("hahn", "corrected")}, {("hahn", "corrected")}, False, id="known already"),
    pytest.param(
        {("hahn", "retracted")}, {("hahn", "corrected")}, True, id="corrected, then retracted"
    ),
    pytest.param(
        {("hahn", "corrected (2 errata)")}, {("hahn", "corrected")}, True, id="corrected again"
    ),
    pytest.param({("elsewhere", "retracted")}, set(), False, id="a study of another outcome"),
    pytest.param(set(), set(), False, id="none"),
]


@pytest.mark.parametrize(("now", "before", "fires"), CORRECTED)
def test_s7_fires_where_an_included_study_is_retracted_or_corrected(now, before, fires):
    old = replace(STANDING, corrected=frozenset(before))
    new = replace(STANDING, corrected=frozenset(now))

    assert bool(only(Rule.STUDY_CORRECTED, old, new)) is fires


@pytest.mark.parametrize(
    "what", ["retracted", "partly retracted", "under an expression of concern", "corrected"]
)
def test_s7_says_what_happened_and_nothing_else(what):
    new = replace(STANDING, corrected=frozenset({("hahn", what)}))

    [signal] = only(Rule.STUDY_CORRECTED, STANDING, new)

    assert f": hahn {what}; " in signal.text


def test_s7_fires_for_a_retracted_study_that_is_no_longer_pooled():
    new = replace(NO_RESULT, corrected=frozenset({("hahn", "retracted")}))

    [signal] = only(Rule.STUDY_CORRECTED, STANDING, new)

    assert "hahn retracted; 2.43 (1.13 to 5.24) became no result" in signal.text


HETEROGENEITY = [
    pytest.param(0.1, 0.5, True, id="reaches the share"),
    pytest.param(None, 0.6, True, id="one study before"),
    pytest.param(0.1, 0.49, False, id="stays below"),
    pytest.param(0.6, 0.8, False, id="was there already"),
    pytest.param(0.6, None, False, id="cannot be told"),
]


@pytest.mark.parametrize(("before", "after", "fires"), HETEROGENEITY)
def test_s8_fires_where_heterogeneity_appears(before, after, fires):
    old, new = replace(STANDING, i2=before), replace(STANDING, i2=after)

    assert bool(only(Rule.HETEROGENEITY_APPEARS, old, new)) is fires


def test_the_text_holds_both_results_as_readers_know_them():
    [signal] = fired([STANDING], [ratio(1.9, 0.95, 3.8)])

    assert signal.text == (
        "Disability worse: 2.43 (1.13 to 5.24) became 1.90 (0.95 to 3.80): "
        "no longer excludes no effect (1)"
    )
    assert signal.changes_conclusions


def test_nothing_fires_where_nothing_changed():
    assert fired([STANDING], [STANDING]) == ()


def test_a_first_version_fires_nothing():
    assert fired([], [STANDING]) == ()


def test_a_rule_that_is_not_in_force_does_not_fire():
    rules = [setting for setting in DEFAULT_RULES if setting.rule is not Rule.INTERVAL_CROSSES]

    assert fired([STANDING], [ratio(1.9, 0.95, 3.8)], rules) == ()


def test_an_outcome_may_not_vanish():
    with pytest.raises(InvalidInput, match="disability: found no new state"):
        fired([STANDING], [])


def test_an_estimate_outside_its_limits_is_refused():
    with pytest.raises(InvalidInput, match="an estimate between its limits"):
        ratio(6.0, 1.13, 5.24)


def test_a_rule_that_needs_a_threshold_is_refused_without_one():
    with pytest.raises(InvalidInput, match="rule S2"):
        RuleSetting(Rule.EFFECT_CHANGES, changes_conclusions=False)
