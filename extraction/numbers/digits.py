"""One number: its sign as printed, its decimal point or comma, its thousands."""

from __future__ import annotations

import re

from extraction.errors import UnclearNumber

_SIGNS = {"\u2212": "-", "\u2010": "-", "\u2011": "-", "\ufe63": "-", "\uff0d": "-", "·": "."}
_MINUS = str.maketrans(_SIGNS | {"\u2009": " "})
# Between the digits of one number only such spaces stand; an ordinary one parts two numbers.
_NARROW = str.maketrans(_SIGNS | dict.fromkeys("\u2009\u202f\u2007\u00a0", "\u00a0"))
_REAL = r"[-–]?\d{1,15}(?:\.\d{1,30})?|[-–]?\.\d{1,30}"
_NUMBER = re.compile(rf"(?:{_REAL})(?:[eE][-+]?\d{{1,2}})?")

# The longest form first: what follows it must not go on with the same number.
REAL = (
    r"[-–]?(?:\d{1,3}(?:[,\u00a0]\d{3}){1,4}\.\d{1,30}(?![\d,]|\.\d)"
    r"|\d{1,3}(?:[.\u00a0]\d{3}){1,4},\d{1,30}(?![\d.]|,\d)"
    r"|\d{1,3}(?:,\d{3}){2,4}(?![\d.]|,\d)|\d{1,3}(?:\u00a0\d{3}){1,4}(?!\d|[.,]\d)"
    r"|\d{0,15}\.\d{1,30}(?:[eE][-+]?\d{1,2})?(?!\d|\.\d)|\d{1,15},\d{1,30}(?!\d|[.,]\d)"
    r"|\d{1,15}(?:[eE][-+]?\d{1,2})?(?!\d|[.,]\d))"
)
WHOLE = r"(?:\d{1,3}(?:[,\u00a0]\d{3}){1,3}|\d{1,9})(?![\d,.]\d|\d)"
_A_REAL, _A_WHOLE = re.compile(REAL), re.compile(WHOLE)
# "1,234": a thousand and more, or one and a bit.
_TWO_MEANINGS = re.compile(r"[-–]?[1-9]\d{0,2},\d{3}")


def read_number(text: str) -> float:
    """Read one number; bounds ("<0.001"), "NA" and decimal commas are refused."""
    found = _NUMBER.fullmatch(text.translate(_MINUS).strip())
    if found is None:
        raise UnclearNumber(f"found '{text}', expected one number")
    return float(found[0].replace("–", "-"))


def plain(text: str) -> str:
    """Return a text with one kind of minus, decimal point and narrow space."""
    return text.translate(_NARROW).strip().strip("\u00a0")


def read_real(text: str) -> float:
    """Read one number as printed anywhere: "−3.1", "3,1", "1,234.5", "1 234".

    Raises UnclearNumber for what is none, and for "1,234", which can be two numbers.
    """
    found = _A_REAL.fullmatch(plain(text))
    if found is None:
        raise UnclearNumber(f"found '{text}', expected a number")
    return real(found[0])


def read_whole(text: str) -> int:
    """Read a number of people: "45" or "1,234" (a count has no decimals, so it is a thousand).

    Raises UnclearNumber for anything else.
    """
    found = _A_WHOLE.fullmatch(plain(text))
    if found is None:
        raise UnclearNumber(f"found '{text}', expected a number of people, such as 45")
    return whole(found[0])


def real(text: str) -> float:
    """Return the number that a match of REAL stands for."""
    if _TWO_MEANINGS.fullmatch(text):
        raise UnclearNumber(f"found '{text}', expected {text.replace(',', '')} or"
                            f" {text.replace(',', '.')}: it can be read as both")  # fmt: skip
    digits = text.replace("–", "-").replace("\u00a0", "")
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma > point and digits.count(",") == 1:
        return float(digits.replace(".", "").replace(",", "."))
    return float(digits.replace(",", ""))


def whole(text: str) -> int:
    """Return the number that a match of WHOLE stands for."""
    return int(text.replace(",", "").replace("\u00a0", ""))


def decimals(text: str) -> int:
    """Return how many digits a match of REAL prints behind its decimal point or comma."""
    mantissa = re.split("[eE]", text)[0]
    thousands = mantissa.count(",") > 1 and "." not in mantissa
    at = -1 if thousands else max(mantissa.rfind(","), mantissa.rfind("."))
    return 0 if at < 0 else len(mantissa) - at - 1
