"""Several numbers in one phrase: what a table or a sentence of a paper says of a group of people.

"12/45 (26.7%)", "3.1 (SE 0.4)", "3.1 (95% CI 0.4 to 5.8)", "median 5 (IQR 3 to 9; range 1-20)",
"12/45 + 8/40" for two groups that count as one, "baseline 15.7 (SD 7.0), final 17.2 (SD 6.9),
r = 0.78" for a change. What a spread is must be said; only limits are known by their form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from extraction.errors import UnclearNumber
from extraction.numbers.digits import REAL, WHOLE, decimals, plain, real, whole


class Centre(StrEnum):
    """What the first number of a phrase is said to be."""

    MEAN = "mean"
    MEDIAN = "median"
    DIFFERENCE = "difference"  # of two groups
    RATIO = "ratio"  # of two groups: hazards, risks, odds, rates, means


@dataclass(frozen=True, slots=True)
class Between:
    """Two numbers with the lower one first; decimals: the fewer of those that they print."""

    lower: float
    upper: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Percent:
    """A printed percentage. decimals: how many it prints, which is how exact it is."""

    number: float
    decimals: int

    def agrees_with(self, share: float) -> bool:
        """Whether it is a share (0 to 1), up to one unit of its last digit."""
        return abs(100 * share - self.number) <= 10.0**-self.decimals


@dataclass(frozen=True, slots=True)
class PrintedGroup:
    """What a phrase says of one group. None: not said.

    level: the confidence of the limits, 0 to 1. unnamed: two numbers that are not said to be
    limits, quartiles or a range. n: people; r: a correlation; t, p: of a test of a difference.
    """

    text: str
    number: float | None = None
    centre: Centre | None = None
    decimals: int = 0  # of the number
    share: tuple[int, int] | None = None
    percent: Percent | None = None
    n: int | None = None
    sd: float | None = None
    se: float | None = None
    limits: Between | None = None
    level: float | None = None
    unnamed: Between | None = None
    quartiles: Between | None = None
    span: Between | None = None
    t: float | None = None
    p: float | None = None
    r: float | None = None


@dataclass(frozen=True, slots=True)
class GroupsTogether:
    """Two groups or more that are to count as one."""

    text: str
    groups: tuple[PrintedGroup, ...]


@dataclass(frozen=True, slots=True)
class FromBaseline:
    """What was measured before and after, to have the change from. r: their correlation."""

    text: str
    before: PrintedGroup
    after: PrintedGroup
    r: float


Phrase = PrintedGroup | GroupsTogether | FromBaseline

_DIFFERENCE = r"(?:mean difference|risk difference|difference|MD|SMD|RD)"
_RATIO = r"(?:a?(?:hazards?|risk|odds|rate) ratio|ratio of means|ratio|a?HR|a?RR|a?OR|IRR|ROM)"
_CENTRE = rf"({_DIFFERENCE}|{_RATIO}|mean|median)"
_TO = r"(?:\bto\b|\bbis\b|–|—|-|\.\.)"
_PAIR = rf"({REAL})\s*(?:,|;|{_TO})\s*({REAL})"
_IS = r"\s*(?:of\b)?\s*[:=]?\s*"
_SPREAD = r"(SD|SE|SEM|standard deviation|standard error(?: of the mean)?|s\.d\.|s\.e\.(?:m\.)?)"
_PM = r"(?:±|\+/-|\+-)"
_KINDS = {
    "quartiles": r"(?:IQR|interquartile range|quartiles|Q1\s*(?:[-–,;/]|to)\s*Q3|25th\D{1,9}75th)",
    "span": r"(?:range|min(?:imum)?\s*(?:[-–,;/]|to)\s*max(?:imum)?)",
}
_PERCENT_OF = r"(?:(\d{1,3}(?:[.,]\d{1,3})?)\s*%\s*-?\s*)?"
_CI = _PERCENT_OF + r"(?:C\.?I\.?|CrI|KI|confidence (?:interval|limits))"
# What is skipped between two parts.
_BETWEEN_PARTS = " \t\u00a0,;:()[]"
_TOGETHER = re.compile(r"\s*\+(?!\s*/?\s*-)\s*|\s+(?:and|plus)\s+", re.I)
_CHANGE = re.compile(
    r"(?:baseline|before|pre)\b\s*[:=]?\s*(?P<before>.+?)[\s,;]*"
    r"\b(?:final|follow-?up|after|end|post)\b\s*[:=]?\s*(?P<after>.+)",
    re.I,
)
# "mean (SD) 3.1 (0.4)": the head of a column, typed with what stands under it.
_HEAD = re.compile(
    rf"{_CENTRE}\s*[,(\[±]\s*"
    rf"(?:{_SPREAD}|({_KINDS['quartiles']})|({_KINDS['span']})|{_CI})\s*[)\]]?\s*[:=,]?\s*"
    rf"(?={REAL}\s*(?:[(\[]|{_PM}))",
    re.I,
)
# The longest that a paper says of a group in one line; a whole paragraph is no number.
LONGEST = 300
_EXPECTED = (
    "a number, or what a paper prints, such as 12/45 (26.7%), 3.1 (SE 0.4),"
    " 3.1 (95% CI 0.4 to 5.8), median 5 (IQR 3 to 9), t = 2.1 or p = 0.03"
)


def read_phrase(text: str) -> Phrase:
    """Read what a paper prints of a group, of groups to be merged, or of a change.

    Raises UnclearNumber with the text, what was found and what was expected.
    """
    if len(text) > LONGEST:
        raise _unclear(f"{text[:40]}…", f"a phrase of at most {LONGEST} signs")
    typed = plain(text)
    change = _CHANGE.fullmatch(typed)
    if change is not None:
        return _from_baseline(text, _said(change["before"], text), _said(change["after"], text))
    parts = _TOGETHER.split(typed)
    if len(parts) == 1:
        return _said(typed, text)
    return GroupsTogether(text, tuple(_said(each, text) for each in parts))


def _from_baseline(text: str, before: PrintedGroup, after: PrintedGroup) -> FromBaseline:
    r = after.r if after.r is not None else before.r
    if r is None:
        raise _unclear(text, "the correlation of the two as well, such as r = 0.7")
    if None in (before.number, after.number, before.sd, after.sd):
        raise _unclear(text, "a mean with its SD before and after, such as 15.7 (SD 7.0)")
    return FromBaseline(text, before, after, r)


@dataclass(slots=True)
class _Reading:
    """One phrase being read, from `at` on, into what it says.

    named: what the head of a column says that the spread is; level: and its confidence.
    """

    text: str
    said: PrintedGroup
    at: int = 0
    named: str | None = None
    level: float | None = None

    def put(self, name: str, value: Any) -> None:
        """Keep one part; a part that is said twice is unclear."""
        if getattr(self.said, name) is not None:
            raise self.unclear(f"one {_NAMES.get(name, name)}, not two")
        self.said = replace(self.said, **{name: value})

    def unclear(self, expected: str) -> UnclearNumber:
        """Return the refusal of the whole phrase."""
        return _unclear(self.said.text, expected)


_NAMES = {"sd": "SD", "se": "SE", "unnamed": "pair of numbers", "span": "range"}


def _said(text: str, shown: str) -> PrintedGroup:
    """Read the phrase of one group. shown: the text as it was typed, for the refusal."""
    reading = _Reading(text, PrintedGroup(shown))
    _take_head(reading)
    while _skipped(reading) < len(text):
        _take_part(reading)
    if replace(reading.said, centre=None) == PrintedGroup(shown):
        raise reading.unclear(_EXPECTED)
    return reading.said


def _skipped(reading: _Reading) -> int:
    """Pass over what stands between two parts, and return where the next one begins."""
    while reading.at < len(reading.text) and reading.text[reading.at] in _BETWEEN_PARTS:
        reading.at += 1
    return reading.at


def _take_head(reading: _Reading) -> None:
    """Take what the head of a column says, if there is one."""
    head = _HEAD.match(reading.text)
    if head is None:
        return
    reading.at = head.end()
    reading.put("centre", _centre(head[1]))
    if head[2]:
        reading.named = _spread(head[2])
    else:
        reading.named = "quartiles" if head[3] else "span" if head[4] else "limits"
    reading.level = _level(reading, head[5]) if head[5] else None


def _take_part(reading: _Reading) -> None:
    """Read the part that begins here."""
    for pattern, take in _PARTS:
        found = pattern.match(reading.text, reading.at)
        if found is not None:
            take(reading, found)
            reading.at = found.end()
            return
    raise reading.unclear(_EXPECTED)


def _take_centre(reading: _Reading, found: re.Match[str]) -> None:
    reading.put("centre", _centre(found[1]))


def _centre(word: str) -> Centre:
    plain_word = word.casefold()
    if plain_word in ("mean", "median"):
        return Centre(plain_word)
    return Centre.DIFFERENCE if re.fullmatch(_DIFFERENCE, word, re.I) else Centre.RATIO


def _take_share(reading: _Reading, found: re.Match[str]) -> None:
    reading.put("share", (whole(found[1]), whole(found[2])))


def _take_people(reading: _Reading, found: re.Match[str]) -> None:
    reading.put("n", whole(found[1] or found[2] or found[3]))


def _take_spread(reading: _Reading, found: re.Match[str]) -> None:
    name, number = (found[1], found[2]) if found[1] else (found[4], found[3])
    _put_spread(reading, _spread(name), number)


def _put_spread(reading: _Reading, name: str, number: str) -> None:
    spread = _real(reading, number)
    if spread < 0:
        raise reading.unclear(f"an {name.upper()} that is not below 0")
    reading.put(name, spread)


def _spread(word: str) -> str:
    return "sd" if re.match(r"sd|s\.d|standard dev", word, re.I) else "se"


def _take_limits(reading: _Reading, found: re.Match[str]) -> None:
    if found[1]:
        reading.put("level", _level(reading, found[1]))
    reading.put("limits", _between(reading, found[2], found[3]))


def _level(reading: _Reading, percent: str) -> float:
    level = real(percent) / 100
    if not 0.5 <= level < 1:
        raise reading.unclear("a confidence from 50% to below 100%")
    return level


def _take_pair_as(name: str) -> Callable[[_Reading, re.Match[str]], None]:
    def take(reading: _Reading, found: re.Match[str]) -> None:
        reading.put(name, _between(reading, found[1], found[2]))

    return take


def _take_unnamed_pair(reading: _Reading, found: re.Match[str]) -> None:
    name = reading.named if reading.named in ("limits", "quartiles", "span") else "unnamed"
    if name == "limits" and reading.level is not None:
        reading.put("level", reading.level)
    reading.put(name, _between(reading, found[1], found[2]))


def _between(reading: _Reading, lower: str, upper: str) -> Between:
    low, high = _real(reading, lower), _real(reading, upper)
    if low > high:
        raise reading.unclear(f"a lower number that is not above the upper one ({upper})")
    return Between(low, high, min(decimals(lower), decimals(upper)))


def _take_exact(name: str) -> Callable[[_Reading, re.Match[str]], None]:
    def take(reading: _Reading, found: re.Match[str]) -> None:
        if found[1] not in ("=", ":"):
            raise reading.unclear(f"the exact {name}, such as {name} = 0.03, not a bound")
        reading.put(name, _real(reading, found[2]))

    return take


def _take_percent(reading: _Reading, found: re.Match[str]) -> None:
    reading.put("percent", Percent(_real(reading, found[1]), decimals(found[1])))


def _take_number(reading: _Reading, found: re.Match[str]) -> None:
    known = reading.said.number is not None
    if known and reading.named in ("sd", "se"):
        _put_spread(reading, reading.named, found[1])
        return
    if known:
        raise reading.unclear(
            f"what {found[1]} is to be named: SD or SE, such as 3.1 (SD 0.4)",
        )
    reading.put("number", _real(reading, found[1]))
    reading.said = replace(reading.said, decimals=decimals(found[1]))


def _take_unnamed_spread(reading: _Reading, found: re.Match[str]) -> None:
    if reading.named not in ("sd", "se"):
        raise reading.unclear(f"what ± {found[1]} is to be named: SD or SE, such as 3.1 ± 0.4 SD")
    _put_spread(reading, reading.named, found[1])


def _real(reading: _Reading, text: str) -> float:
    try:
        return real(text)
    except UnclearNumber as error:
        alone = reading.said.text == text
        raise error if alone else UnclearNumber(f"found '{reading.said.text}': {error}") from error


def _unclear(text: str, expected: str) -> UnclearNumber:
    return UnclearNumber(f"found '{text}', expected {expected}")


def _patterns() -> Iterator[tuple[str, Callable[[_Reading, re.Match[str]], None]]]:
    """Yield the parts in the order in which they are tried: the first that fits is taken."""
    yield _CENTRE + r"\b" + _IS, _take_centre
    yield rf"({WHOLE})\s*(?:/|\bof\b|\bout of\b)\s*({WHOLE})(?!\s*%)", _take_share
    yield _CI + rf"\s*(?:of\b)?\s*[:=,(\[]?\s*{_PAIR}", _take_limits
    for name, words in _KINDS.items():
        yield words + rf"{_IS}[(\[]?\s*{_PAIR}", _take_pair_as(name)
    named = rf"{_PM}?\s*{_SPREAD}(?![a-z]){_IS}{_PM}?\s*({REAL})"
    behind = rf"(?:{_PM}|(?<=[(\[]))\s*{_PM}?\s*({REAL})\s*[(\[]?\s*{_SPREAD}(?![a-z])"
    yield rf"{named}|{behind}", _take_spread
    yield rf"{_PM}\s*({REAL})", _take_unnamed_spread
    yield rf"p(?:\s*-?\s*values?)?\s*([=:<>≤≥])\s*({REAL})", _take_exact("p")
    yield rf"t(?:\s*\(\s*\d+\s*\))?\s*([=:<>≤≥])\s*({REAL})", _take_exact("t")
    yield (
        rf"(?:r|correlation|corr\.?){_IS}({REAL})",
        lambda into, it: into.put("r", _real(into, it[1])),
    )
    yield (
        rf"n\s*[=:]?\s*({WHOLE})|({WHOLE})\s*(?:people|participants|patients)\b"
        rf"|(?:out\s+)?of\s+({WHOLE})(?!\s*%)",
        _take_people,
    )
    yield rf"({REAL})\s*%", _take_percent
    # With a comma only inside brackets: "3.1, 95% CI 1 to 5" does not begin with a pair.
    yield rf"({REAL})\s*{_TO}\s*({REAL})", _take_unnamed_pair
    yield rf"(?<=[(\[])\s*({REAL})\s*[,;]\s*({REAL})(?=\s*[)\]])", _take_unnamed_pair
    yield rf"({REAL})", _take_number


_PARTS = tuple((re.compile(pattern, re.I), take) for pattern, take in _patterns())
