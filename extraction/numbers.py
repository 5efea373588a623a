"""Texts such as "12/45 (26.7%)", "3.1 (0.4)" or "95% CI 1.2–3.4" to numbers, or a refusal.

Nothing is guessed: a text that could mean two things raises UnclearNumber with the text in it. What
a spread is (SD or SE) is known only where the text says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from extraction.errors import UnclearNumber


class Spread(StrEnum):
    """What a text says the number beside a mean is."""

    SD = "SD"
    SE = "SE"


@dataclass(frozen=True, slots=True)
class Proportion:
    """People with an event among all of an arm."""

    events: int
    total: int


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean and its spread; `kind` is None where the text does not say which."""

    mean: float
    spread: float
    kind: Spread | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits; `level` is the confidence in percent where the text gives it."""

    lower: float
    upper: float
    level: float | None = None


_MINUS = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-", "·": ".", "\u2009": " "})
_REAL = r"[-–]?\d{1,15}(?:\.\d{1,30})?|[-–]?\.\d{1,30}"
_WHOLE = r"\d{1,3}(?:,\d{3}){1,3}|\d{1,9}"
_NUMBER = re.compile(rf"(?:{_REAL})(?:[eE][-+]?\d{{1,2}})?")
_PROPORTION = re.compile(
    rf"({_WHOLE})\s*(?:/|of|out of)\s*({_WHOLE})(?:\s*[\[(]\s*(\d+(?:\.\d+)?)\s*%\s*[\])])?", re.I
)
_MEAN = re.compile(
    rf"(?:mean\s*[:=]?\s*)?({_REAL})\s*(?:±|\+/-)\s*({_REAL})(?:\s*\(?(SD|SE|SEM)\)?)?"
    rf"|(?:mean\s*[:=]?\s*)?({_REAL})\s*[\[(]\s*(?:±\s*)?(SD|SE|SEM)?\s*[:=]?\s*({_REAL})\s*[\])]",
    re.I,
)
_INTERVAL = re.compile(
    rf"(?:(\d+(?:\.\d+)?)\s*%\s*(?:CI|CrI|confidence interval)\s*[:=]?\s*)?[\[(]?\s*"
    rf"({_REAL})\s*(?:,|;|to|–|—|-)\s*({_REAL})\s*[\])]?",
    re.I,
)


def read_number(text: str) -> float:
    """Read one number; bounds ("<0.001"), "NA" and decimal commas are refused."""
    found = _NUMBER.fullmatch(_plain(text))
    if found is None:
        raise _unclear(text, "one number")
    return _real(found[0])


def read_proportion(text: str) -> Proportion:
    """Read events of a total; a percentage beside them must agree with them."""
    found = _PROPORTION.fullmatch(_plain(text))
    if found is None:
        raise _unclear(text, "events/total, such as 12/45 (26.7%)")
    events, total = _whole(found[1]), _whole(found[2])
    if total == 0 or events > total:
        raise _unclear(text, "no more events than people, and people at all")
    if found[3] is not None and not _agrees(events / total, found[3]):
        raise _unclear(text, f"a percentage that agrees with {events}/{total}")
    return Proportion(events, total)


def read_mean(text: str) -> Mean:
    """Read a mean with its spread, such as 3.1 (0.4), 3.1 ± 0.4 or 3.1 (SD 0.4)."""
    found = _MEAN.fullmatch(_plain(text))
    if found is None:
        raise _unclear(text, "a mean and its spread, such as 3.1 (0.4)")
    mean, spread = found[1] or found[4], found[2] or found[6]
    label = (found[3] or found[5] or "").upper()[:2]
    if _real(spread) < 0:
        raise _unclear(text, "a spread of 0 or more")
    return Mean(_real(mean), _real(spread), Spread(label) if label else None)


def read_interval(text: str) -> Interval:
    """Read two limits, such as 95% CI 1.2–3.4, (−0.84, 1.00) or 1.2 to 3.4."""
    found = _INTERVAL.fullmatch(_plain(text))
    if found is None:
        raise _unclear(text, "two limits, such as 95% CI 1.2–3.4")
    lower, upper = _real(found[2]), _real(found[3])
    if lower > upper:
        raise _unclear(text, "a lower limit that is not above the upper one")
    return Interval(lower, upper, float(found[1]) if found[1] is not None else None)


def _plain(text: str) -> str:
    return text.translate(_MINUS).strip()


def _real(text: str) -> float:
    return float(text.replace("–", "-"))


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _agrees(share: float, percent: str) -> bool:
    """Whether a printed percentage is the share, up to one unit of its last digit."""
    digits = len(percent.partition(".")[2])
    return abs(100 * share - float(percent)) <= 10.0**-digits


def _unclear(text: str, expected: str) -> UnclearNumber:
    return UnclearNumber(f"found '{text}', expected {expected}")
