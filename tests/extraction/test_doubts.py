"""What is asked about: numbers that can be and are seldom right."""

from __future__ import annotations

import pytest

from extraction.doubts import doubtful, doubtful_phrase, questions
from extraction.model import Basis, Cell, Field, Provenance, Value

Arm = tuple[float, float, float]  # mean, SD, people


def values(study: str, *arms: Arm, unit: str | None = "mm") -> list[Value]:
    return [
        Value(
            Cell(study, "pain", "week 12", (f"arm {at}",), field),
            number,
            Provenance(Basis.EXTRACTED, "pmid:1", "p. 3"),
            unit,
        )
        for at, arm in enumerate(arms)
        for field, number in zip((Field.MEAN, Field.SD, Field.N), arm, strict=True)
    ]


OTHERS = [*values("a", (40, 12, 30), (43, 11, 31)), *values("b", (38, 14, 90), (41, 13, 88))]

ASKED = [
    pytest.param((40, 0.4, 25), OTHERS, "small beside", id="a slip of the decimal point"),
    pytest.param((40, 2.4, 25), OTHERS, "a standard error?", id="an SE of people like the others"),
    pytest.param((40, 4.0, 9), OTHERS, "a standard error?", id="an SE of few people"),
    pytest.param((40, 120, 25), OTHERS, "large beside", id="too large"),
    pytest.param((40, 0.4, 25), [], "a standard error?", id="0.4 for 40 with nothing beside"),
    pytest.param((4, 30, 25), [], "at most 20", id="larger than values above 0 can have"),
]


@pytest.mark.parametrize(("arm", "others", "question"), ASKED)
def test_an_sd_that_is_seldom_one_is_asked_about(
    arm: Arm, others: list[Value], question: str
) -> None:
    (asked,) = doubtful(values("new", arm), others)

    assert question in asked.text
    assert str(asked).startswith("outcome 'pain' at 'week 12', arm 0: ")


NOT_ASKED = [
    pytest.param((40, 11, 25), OTHERS, id="like the others"),
    pytest.param((40, 5, 25), OTHERS, id="half as large is not odd"),
    pytest.param((-2, 9, 9), [], id="a change"),
    pytest.param((0.5, 3, 9), values("a", (-1, 3, 20)), id="a change beside another"),
    pytest.param((37, 0.5, 25), values("a", (36.8, 0.4, 20)), id="body temperature"),
]


@pytest.mark.parametrize(("arm", "others"), NOT_ASKED)
def test_an_sd_like_those_of_other_studies_is_not_asked_about(
    arm: Arm, others: list[Value]
) -> None:
    assert doubtful(values("new", arm), others) == ()


def test_sds_in_another_unit_are_not_compared() -> None:
    assert doubtful(values("new", (4.0, 1.2, 25), unit="cm"), OTHERS) == ()


def test_both_arms_of_a_first_study_can_have_the_same_fault() -> None:
    assert len(doubtful(values("new", (40, 0.4, 25), (42, 0.5, 26)), [])) == 2


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("12/45 (36%)", "12/45 is 26.7%"),
        ("3.1 (95% CI 0.4 to 9.8)", "equal distances"),
        ("3.1 (95% CI 4.0 to 9.8)", "between its limits"),
        ("12/45 (26.7%) + 8/40 (30%)", "8/40 is 20%"),
    ],
)
def test_a_phrase_that_contradicts_itself_is_asked_about(text: str, question: str) -> None:
    found = questions([], {"new|pain|week 12|drug|events": text}, [])

    assert question in found[0].text
    assert text in found[0].text


@pytest.mark.parametrize(
    "text", ["12/45 (26.7%)", "12/45 (27%)", "3.6 (95% CI −3.6 to 10.9)", "3.1", "what?"]
)
def test_a_phrase_that_agrees_with_itself_is_not(text: str) -> None:
    assert doubtful_phrase(text) is None
