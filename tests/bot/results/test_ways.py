from __future__ import annotations

from dataclasses import replace

from bot.results.direction import reading
from bot.results.model import BetweenSubgroups, How, ShownPrediction
from bot.results.ways import (
    SCORE_LIMITS,
    counts_in_words,
    method_in_words,
    more_in_words,
    prediction_in_words,
)
from bot.review.planned import (
    PlannedConvention,
    PlannedInterval,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
)
from tests.bot.report.sample import STRENGTH

HOW = How(PlannedTau2.PM, PlannedInterval.HARTUNG_KNAPP, level=0.9)
RANDOM = replace(
    STRENGTH,
    model=PlannedModel.RANDOM,
    how=HOW,
    prediction=ShownPrediction(0.5, 200.0, PlannedPrediction.T_K_1),
)


def test_a_common_effect_says_its_method_and_no_more():
    assert method_in_words(STRENGTH) == "Mantel-Haenszel, common effect"


def test_random_effects_name_the_estimator_and_the_interval():
    said = method_in_words(RANDOM)

    assert "τ² by Paule-Mandel" in said
    assert "90% CI by Hartung-Knapp" in said


def test_a_result_of_an_older_program_says_how_it_was_made_then():
    said = method_in_words(replace(STRENGTH, model=PlannedModel.RANDOM))

    assert "DerSimonian-Laird, 95% CI by Wald" in said


def test_another_convention_is_named():
    how = replace(HOW, convention=PlannedConvention.REVMAN)

    assert method_in_words(replace(RANDOM, how=how)).endswith("by the rules of RevMan")


def test_a_prediction_across_no_effect_is_said_where_the_result_is_read():
    expected, read = prediction_in_words(RANDOM), reading(RANDOM)

    assert expected is not None
    assert read is not None
    assert expected.startswith("90% prediction interval 0.50 to 200.00")
    assert read.endswith("In a new study the effect may lie on either side (prediction interval).")


def test_studies_that_were_not_pooled_are_not_counted_as_pooled():
    assert counts_in_words(replace(STRENGTH, studies=3, pooled=2)) == "3 studies, 2 pooled"
    assert counts_in_words(replace(STRENGTH, studies=3, pooled=3)) == "3 studies"


def test_what_a_reader_must_know_stands_last():
    assert [*more_in_words(replace(STRENGTH, cautions=("mind this",)))] == ["mind this"]


def test_limits_that_are_not_walds_are_never_said_to_be():
    score = replace(RANDOM, how=How(PlannedTau2.DL, PlannedInterval.WALD), cautions=(SCORE_LIMITS,))

    assert method_in_words(score).endswith("random effects, τ² by DerSimonian-Laird")
    assert SCORE_LIMITS in list(more_in_words(score))


def test_a_test_between_subgroups_has_its_p():
    tested = replace(STRENGTH, between=BetweenSubgroups(q=1.85, q_df=2, q_p=0.397, i2=0.0))

    assert "subgroups against each other: p = 0.40, I² 0%" in list(more_in_words(tested))
