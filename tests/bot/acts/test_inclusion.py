"""A study is named as reviews do, and no two bear one name."""

from __future__ import annotations

import pytest

from bot.acts.inclusion import free_label


@pytest.mark.parametrize(
    ("label", "taken", "named"),
    [
        ("Doe 2026", (), "Doe 2026"),
        ("Doe 2026", ("Doe 2025", "Roe 2026"), "Doe 2026"),
        ("Doe 2026", ("Doe 2026",), "Doe 2026b"),
        ("Doe 2026", ("Doe 2026", "Doe 2026b"), "Doe 2026c"),
        ("Doe", ("Doe",), "Doe (2)"),
        ("NCT00000001", ("NCT00000001",), "NCT00000001 (2)"),
    ],
)
def test_a_name_that_another_study_has_gets_a_letter_after_its_year(
    label: str, taken: tuple[str, ...], named: str
) -> None:
    assert free_label(label, set(taken)) == named


def test_after_the_last_letter_names_are_counted() -> None:
    taken = {"Doe 2026", *(f"Doe 2026{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")}

    assert free_label("Doe 2026", taken) == "Doe 2026 (2)"
