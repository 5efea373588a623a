from __future__ import annotations

import pytest

from extraction.checks import contradictions, impossible
from extraction.model import Basis, Cell, Field, Provenance, Value

ARMS = ("ivig", "placebo")


def value(field: Field, number: float, *arms: str) -> Value:
    cell = Cell("trial", "strength", "end", arms or ("ivig",), field)
    return Value(cell, number, Provenance(Basis.EXTRACTED, "pmid:1", "p. 3"))


def pair(both: float, first: float, second: float, neither: float) -> list[Value]:
    cells = (Field.BOTH, Field.FIRST_ONLY, Field.SECOND_ONLY, Field.NEITHER)
    numbers = (both, first, second, neither)
    return [value(f, n, "placebo", "ivig") for f, n in zip(cells, numbers, strict=True)]


def test_values_that_can_be_are_taken() -> None:
    values = [value(Field.EVENTS, 3), value(Field.TOTAL, 12), value(Field.EVENTS, 0, "placebo")]

    assert impossible([*values, value(Field.TOTAL, 12, "placebo")], ARMS) == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([value(Field.EVENTS, 7), value(Field.TOTAL, 5)], "7 events among 5 participants"),
        ([value(Field.EVENTS, 2.5), value(Field.TOTAL, 5)], "expected a whole number"),
        ([value(Field.EVENTS, -1), value(Field.TOTAL, 5)], "expected a whole number of 0 or more"),
        ([value(Field.EVENTS, 0), value(Field.TOTAL, 0)], "expected at least one person"),
        ([value(Field.EVENTS, 3)], "events is given without total"),
        (
            [value(Field.MEAN, 3.0), value(Field.SD, 0), value(Field.N, 9)],
            "expected a number above 0",
        ),
        ([value(Field.MEAN, 3.0), value(Field.N, 9)], "without sd"),
        ([value(Field.MEAN, float("nan"))], "expected a number"),
        ([value(Field.CORRELATION, 1.2, "placebo", "ivig")], "a correlation from -1 to 1"),
        ([value(Field.EVENTS, 3, "scig"), value(Field.TOTAL, 5, "scig")], "has no arm 'scig'"),
        (pair(2, 15, 5, 20)[:3], "missing: neither"),
        (
            [value(Field.ESTIMATE, 0, *ARMS), value(Field.P, 0.03, *ARMS)],
            "estimate 0 is given with p 0.03 alone, which gives no standard error",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(values: list[Value], reason: str) -> None:
    assert any(reason in fault for fault in impossible(values, ARMS))


def test_a_cell_is_given_once() -> None:
    values = [value(Field.EVENTS, 3), value(Field.EVENTS, 4), value(Field.TOTAL, 12)]

    assert any("events is given twice" in fault for fault in impossible(values, ARMS))


def test_a_joint_table_agrees_with_its_margins() -> None:
    margins = [value(Field.EVENTS, 17, "placebo"), value(Field.TOTAL, 42, "placebo")]

    assert impossible([*pair(2, 15, 5, 20), *margins], ARMS) == ()
    faults = impossible([*pair(2, 14, 5, 21), *margins], ARMS)
    assert any("16 events on placebo, the arm 17" in fault for fault in faults)


def test_an_arm_has_no_more_people_than_the_study() -> None:
    values = [value(Field.EVENTS, 3), value(Field.TOTAL, 12)]

    assert impossible(values, ARMS, 12) == ()
    assert any("12 people in an arm" in fault for fault in impossible(values, ARMS, 11))


def test_what_is_missing_contradicts_nothing() -> None:
    assert contradictions([value(Field.EVENTS, 3)], ARMS) == ()
