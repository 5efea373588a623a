"""Phrases of a paper: read as they stand, or refused with what was found and what was expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.errors import UnclearNumber
from extraction.numbers import (
    Between,
    Centre,
    FromBaseline,
    GroupsTogether,
    Percent,
    PrintedGroup,
    read_phrase,
    read_real,
    read_whole,
)
from extraction.numbers.phrases import LONGEST

LIMITS = Between(0.4, 5.8, 1)
ONE_GROUP = [
    ("12/45 (26.7%)", {"share": (12, 45), "percent": Percent(26.7, 1)}),
    ("12 of 45", {"share": (12, 45)}),
    ("12/45, 26,7 %", {"share": (12, 45), "percent": Percent(26.7, 1)}),
    ("1,234/5,678", {"share": (1234, 5678)}),
    ("26.7% of 45", {"percent": Percent(26.7, 1), "n": 45}),
    ("12 (26.7%)", {"number": 12, "percent": Percent(26.7, 1)}),
    ("3.1 (SE 0.4)", {"number": 3.1, "decimals": 1, "se": 0.4}),
    ("3·1 (s.e.m. 0·4)", {"number": 3.1, "decimals": 1, "se": 0.4}),
    ("3.1 ± 0.4 SD", {"number": 3.1, "decimals": 1, "sd": 0.4}),
    ("3.1 (±0.4 SEM)", {"number": 3.1, "decimals": 1, "se": 0.4}),
    ("−3,1 (SD 0,4; n = 12)", {"number": -3.1, "decimals": 1, "sd": 0.4, "n": 12}),
    ("mean (SD) 3.1 (0.4)", {"number": 3.1, "decimals": 1, "centre": Centre.MEAN, "sd": 0.4}),
    ("3.1 (0.4 to 5.8)", {"number": 3.1, "decimals": 1, "unnamed": LIMITS}),
    ("3.1 [0.4, 5.8]", {"number": 3.1, "decimals": 1, "unnamed": LIMITS}),
    ("3.1 (95% CI 0.4–5.8)", {"number": 3.1, "decimals": 1, "limits": LIMITS, "level": 0.95}),
    ("3.1, 90%CI: 0.4; 5.8", {"number": 3.1, "decimals": 1, "limits": LIMITS, "level": 0.9}),
    ("95% CI −3.6 to −1.2", {"limits": Between(-3.6, -1.2, 1), "level": 0.95}),
    (
        "median 5 (IQR 3 to 9; range 1-20)",
        {
            "number": 5,
            "centre": Centre.MEDIAN,
            "quartiles": Between(3, 9, 0),
            "span": Between(1, 20, 0),
        },
    ),
    ("median (IQR) 5 (3–9)", {"number": 5, "centre": Centre.MEDIAN, "quartiles": Between(3, 9, 0)}),
    ("t = 2.1", {"t": 2.1}),
    ("t(45) = −2.1; p = .04", {"t": -2.1, "p": 0.04}),
    ("difference 3.8 (p = 0.008)", {"number": 3.8, "decimals": 1, "centre": Centre.DIFFERENCE,
                                    "p": 0.008}),
    ("r = 0.7", {"r": 0.7}),
    ("HR 0.70 (0.50 to 0.98)", {"number": 0.7, "decimals": 2, "centre": Centre.RATIO,
                                "unnamed": Between(0.5, 0.98, 2)}),
    ("odds ratio 2,1 (p = 0,03)", {"number": 2.1, "decimals": 1, "centre": Centre.RATIO,
                                   "p": 0.03}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), ONE_GROUP, ids=[text for text, _ in ONE_GROUP])
def test_what_a_paper_prints_of_a_group_is_read(text: str, said: dict[str, object]) -> None:
    assert read_phrase(text) == PrintedGroup(text=text, **said)  # type: ignore[arg-type]


def test_groups_that_count_as_one_are_read_one_by_one() -> None:
    found = read_phrase("3.1 (SD 0.4; n 12) + 2.9 (SD 0.5; n 13)")

    assert isinstance(found, GroupsTogether)
    assert [(each.number, each.sd, each.n) for each in found.groups] == [
        (3.1, 0.4, 12),
        (2.9, 0.5, 13),
    ]


def test_a_change_is_read_with_its_correlation() -> None:
    found = read_phrase("baseline 15.7 (SD 7.0), final 17.2 (SD 6.9), r = 0.78")

    assert isinstance(found, FromBaseline)
    assert (found.before.number, found.before.sd, found.after.number, found.after.sd, found.r) == (
        15.7,
        7.0,
        17.2,
        6.9,
        0.78,
    )


REFUSED = [
    ("3.1 (0.4)", "to be named: SD or SE"),
    ("3.1 ± 0.4", "to be named: SD or SE"),
    ("p < 0.05", "the exact p"),
    ("1,234", "1234 or 1.234"),
    ("3.1 (SD -0.4)", "not below 0"),
    ("3.1 (5.8 to 0.4)", "lower number that is not above"),
    ("3.1 (SD 0.4) (SD 0.5)", "one SD, not two"),
    ("3.1 (9% CI 1 to 2)", "a confidence from 50%"),
    ("baseline 15.7 (SD 7.0), final 17.2 (SD 6.9)", "the correlation"),
    ("baseline 15.7, final 17.2, r = 0.5", "a mean with its SD before and after"),
    ("IQR 6", "expected a number"),
    ("mean", "expected a number"),
    ("not reported", "expected a number"),
    ("", "expected a number"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_what_could_mean_two_things_is_refused_with_its_words(text: str, expected: str) -> None:
    with pytest.raises(UnclearNumber) as refusal:
        read_phrase(text)

    assert f"found '{text}'" in str(refusal.value)
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3,1", 3.1), ("0,500", 0.5), ("−0.84", -0.84), ("–0.84", -0.84), ("1,234.5", 1234.5),
        ("1.234,5", 1234.5), ("1,234,567", 1234567), ("12\u2009345", 12345), (".5", 0.5),
        ("1.2e-3", 0.0012),
    ],
)  # fmt: skip
def test_one_number_is_read_as_it_is_printed_anywhere(text: str, number: float) -> None:
    assert read_real(text) == number


@pytest.mark.parametrize("text", ["1,234", "1.2.3", "1,2,3", "--1", "nan", "inf", "1 2", "½", "1."])
def test_what_is_not_plainly_one_number_is_none(text: str) -> None:
    with pytest.raises(UnclearNumber):
        read_real(text)


def test_people_have_no_decimals_so_a_comma_parts_thousands() -> None:
    assert (read_whole("1,234"), read_whole("12\u202f345"), read_whole("45")) == (1234, 12345, 45)
    for text in ("12,5", "1.234", "-3", "1e3"):
        with pytest.raises(UnclearNumber, match="a number of people"):
            read_whole(text)


@given(st.text(max_size=60) | st.text("0123456789.,-–−/ ()[]%±+ptnrSDEICQto=<", max_size=40))
def test_any_text_is_read_or_refused_with_itself(text: str) -> None:
    refused = ""
    try:
        read_phrase(text)
    except UnclearNumber as refusal:
        refused = str(refusal)

    assert not refused or f"found '{text}'" in refused


@given(st.integers(0, 999_999), st.integers(1, 999_999), st.integers(0, 3))
def test_a_share_comes_back_whatever_its_percentage(events: int, total: int, digits: int) -> None:
    percent = f"{100 * events / total:.{digits}f}"

    found = read_phrase(f"{events}/{total} ({percent}%)")

    assert isinstance(found, PrintedGroup)
    assert found.share == (events, total)
    assert found.percent is not None
    assert found.percent.agrees_with(events / total)


NUMBERS = st.decimals(-9999, 9999, allow_nan=False, allow_infinity=False, places=3)


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["-", "−", "–"]), st.sampled_from([" to ", "; "]))
def test_a_mean_with_limits_comes_back_with_any_minus_sign(
    mean: float, one: float, other: float, minus: str, between: str
) -> None:
    lower, upper = sorted((one, other))
    text = f"{mean} (95% CI {lower}{between}{upper})".replace("-", minus)

    found = read_phrase(text)

    assert isinstance(found, PrintedGroup)
    assert found.limits is not None
    assert (found.number, found.limits.lower, found.limits.upper) == (
        float(mean),
        float(lower),
        float(upper),
    )


@given(st.integers(0, 999), st.integers(0, 99))
def test_a_decimal_comma_is_a_decimal_point(whole: int, part: int) -> None:
    assert read_real(f"{whole},{part:02d}") == read_real(f"{whole}.{part:02d}")


def test_a_paragraph_is_refused_without_being_searched() -> None:
    with pytest.raises(UnclearNumber, match="at most"):
        read_phrase("baseline " * LONGEST)
