from __future__ import annotations

from dataclasses import replace

from bot.results.diff import changes
from bot.results.model import ArmNumbers, ShownEffect
from tests.bot.report.sample import AFTER_FICTUM, BASELINE, BLOCK, DISABILITY


def test_nothing_changes_between_equal_results():
    assert changes(BASELINE, BASELINE) == ()


def test_an_added_study_is_named_with_the_old_and_the_new_result():
    (change,) = changes(BASELINE, AFTER_FICTUM)

    assert change.analysis == "1.2"
    assert change.studies_added == ("Fictum 2026",)
    assert change.studies_removed == change.studies_corrected == ()
    assert change.old is not None
    assert change.new is not None
    assert change.old.effect == ShownEffect(11.0, 2.8641, 42.247)
    assert change.new.effect == ShownEffect(5.1429, 2.5374, 10.4236)


def test_a_removed_study_is_named():
    (change,) = changes(AFTER_FICTUM, BASELINE)

    assert change.studies_removed == ("Fictum 2026",)


def test_a_corrected_number_is_named_though_the_pooled_result_stands():
    azulay, *others = BLOCK.rows
    corrected = replace(azulay, arm_1=ArmNumbers(events=0, total=6))

    (change,) = changes((BLOCK,), (replace(BLOCK, rows=(corrected, *others)),))

    assert change.studies_corrected == ("Azulay 1994",)
    assert not change.estimate_moved


def test_a_last_bit_of_rounding_is_no_change():
    effect = ShownEffect(3.0 + 1e-13, 0.8894630795835614, 10.11846383125168)

    assert changes((DISABILITY,), (replace(DISABILITY, effect=effect),)) == ()


def test_a_first_and_a_vanished_result_are_changes():
    first, vanished = changes((DISABILITY,), (BLOCK,))

    assert (first.analysis, first.old) == ("1.3", None)
    assert (vanished.analysis, vanished.new) == ("1.1", None)


def test_a_result_that_can_no_longer_be_estimated_is_a_change():
    lost = replace(DISABILITY, effect=None, not_estimable="no event in any study")

    (change,) = changes((DISABILITY,), (lost,))

    assert change.estimate_moved
