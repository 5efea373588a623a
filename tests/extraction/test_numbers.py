"""Numbers in texts: read, or refused with the text."""

from __future__ import annotations

import pytest

from extraction.errors import UnclearNumber
from extraction.numbers import read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("3.1", 3.1), ("−31.38", -31.38), ("-.5", -0.5), ("1.2e-3", 0.0012), ("3·1", 3.1), ("0", 0)],
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["<0.001", "NA", "nan", "3,1", "1.2.3", "1e999", ""])
def test_an_unclear_text_is_refused_with_the_text_in_the_message(text: str) -> None:
    with pytest.raises(UnclearNumber, match="expected") as refusal:
        read_number(text)

    assert f"'{text}'" in str(refusal.value)
