"""What a reader types as it stands in the paper becomes the numbers that are pooled.

Expected numbers: the Cochrane Handbook's own examples (chapter 6) and the published formulas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.acts.handed import checked, read_hand_in
from bot.errors import FaultsOfAct
from bot.review.folder import read_review
from bot.review.protocol import ReviewProtocol
from extraction.model import Basis, Field, Value
from state.extractions import Handed

REVIEW = Path(__file__).parents[3] / "reviews" / "mmn"
EVENTS, MEANS = "strength_improved", "strength_change"
A, B = "ivig", "placebo"


@pytest.fixture(scope="module")
def protocol() -> ReviewProtocol:
    return read_review(REVIEW).protocol


def said(outcome: str, *arms: str, **typed: object) -> dict[str, object]:
    place = {"arm": arms[0]} if len(arms) == 1 else {"arms": list(arms)}
    return {"outcome": outcome, **place, "source": "pmid:1", "locator": "table 2", **typed}


def given(*values: dict[str, object]) -> dict[str, Any]:
    return {"design": "crossover", "arms": [A, B], "values": list(values)}


def handed(protocol: ReviewProtocol, *values: dict[str, object]) -> Handed:
    return checked(read_hand_in(given(*values), protocol, "trial"), protocol)


def refused(protocol: ReviewProtocol, *values: dict[str, object]) -> str:
    with pytest.raises(FaultsOfAct) as caught:
        read_hand_in(given(*values), protocol, "trial")
    return str(caught.value)


def of(found: Handed, arms: tuple[str, ...] = (A,)) -> dict[Field, Value]:
    return {each.cell.field: each for each in found.values if each.cell.arms == arms}


def numbers(found: Handed, arms: tuple[str, ...] = (A,)) -> dict[str, float]:
    return {field.value: each.number for field, each in of(found, arms).items()}


COUNTS = [
    pytest.param({"events": "12/45 (26.7%)"}, 12, 45, id="events among people"),
    pytest.param({"events": "12", "total": "1,234"}, 12, 1234, id="thousands"),
    pytest.param({"events": "12 (26.7%)", "total": 45}, 12, 45, id="events with their share"),
    pytest.param({"events": "26.7%", "total": 45}, 12, 45, id="a share of the people"),
    pytest.param({"events": "26,7 % of 45"}, 12, 45, id="a share with its people"),
    pytest.param({"events": "12/45 + 8/40"}, 20, 85, id="two groups as one"),
    pytest.param({"total": "12 of 45"}, 12, 45, id="typed into the other field"),
]


@pytest.mark.parametrize(("typed", "events", "total"), COUNTS)
def test_events_are_typed_as_they_stand(
    protocol: ReviewProtocol, typed: dict[str, object], events: int, total: int
) -> None:
    found = handed(protocol, said(EVENTS, A, **typed))

    assert numbers(found) == {"events": events, "total": total}


SPREADS = [
    pytest.param({"mean": "3.1 (SD 0.4)", "n": 25}, 3.1, 0.4, 25, id="SD"),
    pytest.param({"mean": "3.1 (SE 0.4)", "n": 25}, 3.1, 2.0, 25, id="6.5.2.2: SE × √n"),
    pytest.param({"mean": "3.1 (SE 0.4), n = 25"}, 3.1, 2.0, 25, id="people in the phrase"),
    pytest.param({"mean": 3.1, "sd": "SE 0.4", "n": 25}, 3.1, 2.0, 25, id="SE beside a mean"),
    pytest.param(
        {"mean": "32.1 (95% CI 30.0 to 34.2)", "n": 25}, 32.1, 5.0875, 25,
        id="6.5.2.2: t interval of one mean",
    ),
    pytest.param({"mean": 32.1, "sd": "30.0 to 34.2", "n": 25}, 32.1, 5.0875, 25, id="limits"),
    pytest.param({"mean": "3,1 (0,4 to 5,8)", "n": 25}, 3.1, 6.5410, 25, id="unnamed limits"),
    pytest.param(
        {"mean": "median 5 (IQR 3 to 9)", "n": 25}, 5.7156, 4.7167, 25, id="6.5.2.5: Luo, Wan",
    ),
    pytest.param(
        {"mean": "baseline 15.7 (SD 7.0), final 17.2 (SD 6.9), r = 0.78", "n": 135},
        1.5, 4.6111, 135, id="6.5.2.8: change, r imputed",
    ),
    pytest.param(
        {"mean": "10 (SD 2; n 30) + 14 (SD 3; n 20)"}, 11.6, 3.1266, 50,
        id="6.5.2.10: two groups merged",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "mean", "sd", "n"), SPREADS)
def test_a_mean_is_typed_as_it_stands(
    protocol: ReviewProtocol, typed: dict[str, object], mean: float, sd: float, n: float
) -> None:
    found = numbers(handed(protocol, said(MEANS, A, **typed)))

    assert found["mean"] == pytest.approx(mean, abs=5e-5)
    assert found["sd"] == pytest.approx(sd, abs=5e-5)
    assert found["n"] == n


TESTS = [
    pytest.param("p = 0.008", 4.6835, id="6.5.2.3: p of a difference"),
    pytest.param("t = 2.78", 4.6760, id="6.5.2.3: t of a difference"),
    pytest.param("difference 3.8 (SE 1.37)", 4.6865, id="6.5.2.3: SE of a difference"),
    pytest.param("MD 3.8 (95% CI 1.04 to 6.56)", 4.6877, id="6.5.2.3: CI of a difference"),
]


@pytest.mark.parametrize(("text", "sd"), TESTS)
def test_a_test_of_two_arms_gives_both_their_common_spread(
    protocol: ReviewProtocol, text: str, sd: float
) -> None:
    found = handed(
        protocol, said(MEANS, A, mean=32.1, n=25, sd=text), said(MEANS, B, mean=28.3, n=22)
    )

    assert numbers(found)["sd"] == pytest.approx(sd, abs=5e-5)
    assert numbers(found, (B,))["sd"] == numbers(found)["sd"]


PAIRED = [
    pytest.param("SE 0.8", 2.4, id="SE × √n"),
    pytest.param("2.4 (0.3 to 4.5)", 2.7320, id="limits"),
    pytest.param("t = 2.6", 2.7692, id="paired t"),
    pytest.param("p = 0.03", 2.7337, id="paired p"),
    pytest.param("SD 2.1", 2.1, id="as printed"),
]


@pytest.mark.parametrize(("text", "sd"), PAIRED)
def test_a_cross_over_trial_gives_the_spread_of_its_differences(
    protocol: ReviewProtocol, text: str, sd: float
) -> None:
    found = handed(
        protocol,
        said(MEANS, A, mean=3.6, sd=9, n=9),
        said(MEANS, B, mean=1.2, sd=8, n=9),
        said(MEANS, A, B, sd_difference=text, correlation="r = 0.7"),
    )

    pair = numbers(found, (A, B))
    assert pair["sd_difference"] == pytest.approx(sd, abs=5e-5)
    assert pair["correlation"] == 0.7


CONTRASTS = [
    ("HR 0.70 (95% CI 0.50 to 0.98)", {"estimate": -0.356675, "se": 0.171673}),
    ("odds ratio 2.1 (p = 0.03)", {"estimate": 0.741937, "se": 0.341892}),
    ("-0.36 (SE 0.17)", {"estimate": -0.36, "se": 0.17}),
    ("−0.36 (−0.69 to −0.02)", {"estimate": -0.36, "ci_lower": -0.69, "ci_upper": -0.02}),
    ("0.5 (90% CI 0.1 to 0.9)", {"estimate": 0.5, "se": 0.243183}),
    ("−0,36 (p = 0,03)", {"estimate": -0.36, "p": 0.03}),
]


@pytest.mark.parametrize(("text", "numbers_of_it"), CONTRASTS)
def test_an_effect_is_typed_as_it_stands_and_a_ratio_becomes_its_logarithm(
    protocol: ReviewProtocol, text: str, numbers_of_it: dict[str, float]
) -> None:
    entry = said("an_effect_of_its_own", A, B, estimate=text)

    found = numbers(handed(protocol, entry), (A, B))

    assert found == pytest.approx(numbers_of_it, abs=1e-6)


def test_a_ratio_without_limits_or_p_is_refused(protocol: ReviewProtocol) -> None:
    said_of_it = refused(protocol, said("an_effect", A, B, estimate="HR 0.70 (SE 0.17)"))

    assert "expected its limits or p" in said_of_it


def test_the_input_and_the_formula_are_kept_with_the_number(protocol: ReviewProtocol) -> None:
    found = handed(protocol, said(MEANS, A, mean="3.1 (SE 0.4)", n=25))

    mean, sd, n = (of(found)[field].provenance for field in (Field.MEAN, Field.SD, Field.N))
    assert (sd.basis, sd.how) == (Basis.DERIVED, "SE × √n from “3.1 (SE 0.4)”, n 25")
    assert (mean.basis, mean.how) == (Basis.EXTRACTED, "typed as “3.1 (SE 0.4)”")
    assert (n.basis, n.how) == (Basis.EXTRACTED, None)
    assert found.typed == {f"trial|{MEANS}|end of maintenance period|ivig|mean": "3.1 (SE 0.4)"}


FAULTS = [
    (MEANS, {"mean": "3.1 (SE 0.4)"}, "the number of people (n)"),
    (MEANS, {"mean": "3.1 (0.4)", "n": 9}, "SD or SE"),
    (MEANS, {"mean": "3.1 (2 to 9)", "n": 9}, "95% CI, IQR or range"),
    (MEANS, {"mean": "5 (range 1 to 9)", "n": 9}, "mean or median"),
    (MEANS, {"mean": "3.1 (SE 0.4)", "sd": 3, "n": 25}, "expected one number"),
    (MEANS, {"mean": "3 (SD 1; n 9)", "n": 8}, "expected one number"),
    (MEANS, {"mean": 3, "sd": "p < 0.05", "n": 9}, "the exact p"),
    (MEANS, {"mean": 3, "sd": "p = 0.03", "n": 9}, "the n of the two arms"),
    (MEANS, {"mean": "MD 3 (SE 1)", "n": 9}, "belongs to the SD"),
    (MEANS, {"mean": "3 (SE 1)", "n": 1}, "cannot be"),
    (EVENTS, {"events": "12,5", "total": 45}, "found '12,5', expected a number"),
    (EVENTS, {"events": "25%", "total": 1000}, "fits 245 to 255"),
    (EVENTS, {"events": "12/45", "total": 44}, "expected one number"),
    (MEANS, {"mean": 1e200, "sd": 1e200, "n": 9}, "a number that cannot be"),
]


@pytest.mark.parametrize(("outcome", "typed", "expected"), FAULTS)
def test_what_cannot_be_converted_is_refused_with_what_is_missing(
    protocol: ReviewProtocol, outcome: str, typed: dict[str, object], expected: str
) -> None:
    assert expected in refused(protocol, said(outcome, A, **typed))


def test_a_text_that_is_one_number_is_that_number(protocol: ReviewProtocol) -> None:
    found = handed(protocol, said(MEANS, A, mean="−3,1", sd="0·4", n="1,200"))

    assert numbers(found) == {"mean": -3.1, "sd": 0.4, "n": 1200}
    assert found.typed == {}
