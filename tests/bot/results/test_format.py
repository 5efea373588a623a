from __future__ import annotations

import math

import pytest

from bot.results import format
from bot.results.model import ShownEffect


def test_an_estimate_is_printed_as_the_field_prints_it():
    effect = ShownEffect(11.0, 2.8641, 42.247)

    assert format.sentence(effect, "RR") == "RR 11.00, 95% CI 2.86 to 42.25"
    assert format.interval(effect, "RR") == "11.00 (2.86 to 42.25)"


def test_a_negative_number_has_a_true_minus_and_zero_has_none():
    assert format.decimal(-0.8447) == "\N{MINUS SIGN}0.84"
    assert format.decimal(-0.001) == "0.00"


def test_a_small_ratio_is_never_printed_as_nothing():
    assert format.effect_number(0.004, "RR") == "0.004"
    assert format.effect_number(0.00001, "OR") == "<0.0001"
    assert format.effect_number(0.004, "MD") == "0.00"


def test_a_missing_number_is_refused_rather_than_printed():
    with pytest.raises(ValueError, match="NaN"):
        format.decimal(math.nan)


@pytest.mark.parametrize(
    ("p", "printed"),
    [(0.0004, "p < 0.001"), (0.004, "p = 0.004"), (0.0342, "p = 0.03"), (0.61, "p = 0.61")],
)
def test_p_values_keep_the_digits_that_matter(p, printed):
    assert format.p_value(p) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2026-07-29T06:10:00Z", "29 July 2026, 06:10 UTC"),
        ("2026-07-29T06:10:00+02:00", "29 July 2026, 06:10 UTC+0200"),
        ("2026-07-29", "29 July 2026"),
        ("2000 Spring", "2000 Spring"),
        (None, "not reported"),
    ],
)
def test_instants_are_printed_for_people_and_never_filled_in(text, printed):
    assert format.instant(text) == printed


def test_names_are_joined_as_in_a_sentence():
    assert format.listed(()) == ""
    assert format.listed(("a",)) == "a"
    assert format.listed(("a", "b", "c")) == "a, b and c"


def test_a_value_is_printed_as_it_was_reported():
    assert format.plain(7.0) == "7"
    assert format.plain(7.285) == "7.285"


@pytest.mark.parametrize(
    ("effect", "printed"),
    [
        (ShownEffect(11.0, 2.86, 42.25), "11.00 (2.86 to 42.25)"),
        (ShownEffect(-0.00329, -0.00385, -0.00273), "−0.0033 (−0.0039 to −0.0027)"),
        (ShownEffect(0.0, 0.0, 0.0), "0.00 (0.00 to 0.00)"),
        (ShownEffect(1.001, 0.9985, 1.0035), "1.0010 (0.9985 to 1.0035)"),
        (ShownEffect(3.0, 1.5, math.inf), "3.00 (1.50 to ∞)"),
    ],
)
def test_a_narrow_interval_has_the_decimals_that_tell_its_ends_apart(effect, printed):
    assert format.interval(effect, "RD") == printed
