"""A text such as "3.1" or "−0.84" to a number, or a refusal.

Nothing is guessed: a text that could mean two things raises UnclearNumber with the text in it.
"""

from __future__ import annotations

import re

from extraction.errors import UnclearNumber

_MINUS = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-", "·": ".", "\u2009": " "})
_REAL = r"[-–]?\d{1,15}(?:\.\d{1,30})?|[-–]?\.\d{1,30}"
_NUMBER = re.compile(rf"(?:{_REAL})(?:[eE][-+]?\d{{1,2}})?")


def read_number(text: str) -> float:
    """Read one number; bounds ("<0.001"), "NA" and decimal commas are refused."""
    found = _NUMBER.fullmatch(text.translate(_MINUS).strip())
    if found is None:
        raise UnclearNumber(f"found '{text}', expected one number")
    return float(found[0].replace("–", "-"))
