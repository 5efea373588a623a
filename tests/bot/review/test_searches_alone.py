"""A text to paste says by its lines which searches are sent alone."""

from __future__ import annotations

import pytest

from bot.review.searches_alone import searches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one phrase\n", ("one phrase",)),
        ("multifocal motor neuropathy\npolyneuropathy immunoglobulin\n", 2),
        ("one\none\n", ("one",)),
        ("(tea OR\ninfusion)\nsleep", ("(tea OR infusion)", "sleep")),
        ("tea\nOR infusion", ("tea OR infusion",)),
        ("tea AND\nsleep", ("tea AND sleep",)),
        ('"green\ntea"', ('"green tea"',)),
        ("#1 tea\n#2 sleep\n#3 #1 and #2", 1),
        ("1. exp tea/\n2. sleep.ti,ab.\n3. 1 and 2", 1),
        ("1 exp tea/\n2 sleep.ti,ab.\n3 1 and 2", 1),
        ("S1 tea\nS2 sleep\nS3 S1 AND S2", 1),
        ("多巣性運動ニューロパチー\nmultifocal motor neuropathy", 2),
        ("Nordic tea\nanderson tea", 2),
        ("", ("",)),
    ],
)
def test_each_line_without_a_number_that_nothing_ties_to_another_is_a_search(
    text: str, expected: tuple[str, ...] | int
) -> None:
    found = searches(text)

    assert len(found) == expected if isinstance(expected, int) else found == expected
