from __future__ import annotations

from dataclasses import replace

from bot.results.direction import Sides, direction_in_words, reading, sides
from bot.results.model import ShownEffect
from tests.bot.report.sample import DISABILITY_WORSE, GRIP_WORSE, STRENGTH, STRENGTH_CHANGE


def test_the_sides_of_a_plot_follow_the_arms_by_name_whichever_comes_first():
    assert sides(DISABILITY_WORSE) == Sides(below="Placebo", above="IVIg")
    assert sides(GRIP_WORSE) == Sides(below="IVIg", above="Placebo")


def test_a_direction_speaks_of_arms_by_their_labels():
    assert direction_in_words(STRENGTH_CHANGE) == "above 0 favours IVIg"
    assert direction_in_words(GRIP_WORSE) == "below 1 favours IVIg"


def test_a_direction_in_other_words_is_shown_and_not_interpreted():
    other = replace(STRENGTH, direction="more is not always better")

    assert sides(other) is None
    assert direction_in_words(other) == "more is not always better"
    assert reading(other) is None


def test_a_direction_that_names_a_strange_arm_is_not_interpreted():
    assert sides(replace(STRENGTH, direction="above 1 favours tea")) is None


def test_an_interval_on_one_side_favours_that_arm():
    assert reading(STRENGTH) == "Favours IVIg; the whole interval lies on that side."
    assert reading(GRIP_WORSE) == "Favours IVIg; the whole interval lies on that side."


def test_an_interval_across_no_difference_is_undecided():
    said = reading(STRENGTH_CHANGE)

    assert said is not None
    assert said.startswith("Undecided: the estimate leans to IVIg")


def test_an_estimate_of_no_difference_leans_nowhere():
    said = reading(replace(STRENGTH, effect=ShownEffect(1.0, 0.5, 2.0)))

    assert said == "The estimate is no difference; the interval allows either direction."


def test_no_effect_means_nothing():
    assert reading(replace(STRENGTH, effect=None, not_estimable="no study")) is None
