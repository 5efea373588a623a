"""What is odd in a search strategy, line by line, before it is sent anywhere. Pure.

Rules after the PRESS 2015 guideline (McGowan et al., J Clin Epidemiol 2016;75:40-6) as far as a
program can judge: spelling of syntax, operators, truncation, limits, lines that nothing uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.errors import StrategyFault
from bot.review.citation_seeds import parse_seeds
from bot.review.platform_lint import Platform, odd_on, platform_of
from bot.review.protocol import MANUAL
from bot.review.strategy_text import query, remarks, words
from bot.sources.catalogue import SOURCES
from bot.sources.finding import Finding, Weight
from bot.sources.source import Asks

_SPOKEN = re.compile(r"^(?:#(?P<number>\d+)\s+)?(?P<text>.*)$")
_ODD_SIGNS = {
    "\u201c": "a curly quotation mark",
    "\u201d": "a curly quotation mark",
    "\u2018": "a curly apostrophe",
    "\u2019": "a curly apostrophe",
    "\u00a0": "a space that is none (U+00A0)",
    "\u200b": "a sign of no width (U+200B)",
    "\u2013": "a dash for a hyphen",
}
_LOWER = re.compile(r"(?<=[\])\"*\w])\s+(and|or|not)\s+(?=[\[(\"\w])")
_DOUBLED = re.compile(r"\b(AND|OR|NOT)\s+(AND|OR)\b|\(\s*(AND|OR)\b|\b(AND|OR|NOT)\s*\)")
_EMPTY = re.compile(r"\(\s*\)|\"\s*\"|\[\s*\]")
_MIXED = re.compile(r"\bAND\b.*\bOR\b|\bOR\b.*\bAND\b")
_SPOKEN_NUMBER = re.compile(r"#\d+\s")
_NUMBERS = re.compile(r"#(\d+)")


def lint(strategy: str, kind: str) -> tuple[Finding, ...]:
    """Return what is odd in a strategy for a kind of source."""
    if kind == MANUAL:
        return tuple(sorted(_pasted(strategy), key=_line))
    source = SOURCES[kind]
    if source.asks is Asks.SEEDS:
        return tuple(_fault(strategy, parse_seeds))
    of_source = source.own("lint:odd_in_line")
    if source.asks is Asks.WORDS:
        of_words = _of_platform(strategy, Platform.WORDS)
        found = [*_fault(strategy, words), *_signs(strategy), *of_words]
        return tuple(sorted(found, key=_line))
    found = [*_fault(strategy, query), *_signs(strategy), *_unused(strategy)]
    for place, text in _lines(strategy):
        odd = [*_of_line(text), *(of_source(text) if of_source is not None else ())]
        found += [Finding(place, weight, said) for weight, said in odd]
    return tuple(sorted(found, key=_line))


def _pasted(strategy: str) -> Iterator[Finding]:
    """Find what is odd in a strategy that a person pastes: operators may be in small letters."""
    yield from _signs(strategy)
    lines = [text for _, text in _lines(strategy)]
    if any(_SPOKEN_NUMBER.match(line.strip()) for line in strategy.splitlines()):
        yield from _fault(strategy, query)
        yield from _unused(strategy)
    platform = platform_of(remarks(strategy), lines)
    if platform is not None:
        yield from _of_platform(strategy, platform)
    for place, text in _lines(strategy):
        if _EMPTY.search(text):
            yield Finding(place, Weight.ERROR, "empty brackets or quotation marks")
        if _DOUBLED.search(text):
            yield Finding(place, Weight.ERROR, "an operator without a term beside it")


def _of_platform(strategy: str, platform: Platform) -> Iterator[Finding]:
    for place, text in _lines(strategy):
        for weight, said in odd_on(platform, text):
            yield Finding(place, weight, said)


def _line(found: Finding) -> int:
    return found.line


def _fault(strategy: str, read: Callable[[str], object]) -> Iterator[Finding]:
    try:
        read(strategy)
    except StrategyFault as fault:
        said = f"found {fault.found}, expected {fault.expected}"
        yield Finding(fault.line, Weight.ERROR, said)


def _lines(strategy: str) -> Iterator[tuple[int, str]]:
    """Give the lines that are not remarks, without their numbers."""
    for place, line in enumerate(strategy.splitlines(), 1):
        text = line.strip()
        if not text or (text.startswith("#") and not text[1:2].isdigit()):
            continue
        found = _SPOKEN.match(text)
        yield place, found["text"] if found is not None else text


def _signs(strategy: str) -> Iterator[Finding]:
    for place, text in _lines(strategy):
        for sign, name in _ODD_SIGNS.items():
            if sign in text:
                yield Finding(place, Weight.ERROR, f"{name}: databases read it otherwise")


def _unused(strategy: str) -> Iterator[Finding]:
    """A numbered line that no later line names, and that is not the last, searches nothing."""
    numbered = [
        (place, found["number"], found["text"])
        for place, line in enumerate(strategy.splitlines(), 1)
        if (found := _SPOKEN.match(line.strip())) is not None and found["number"]
    ]
    named = {number for _, _, text in numbered for number in _NUMBERS.findall(text)}
    for place, number, _ in numbered[:-1]:
        if number not in named:
            yield Finding(place, Weight.DOUBT, f"line #{number} is used by no other line")


def _of_line(text: str) -> Iterator[tuple[Weight, str]]:
    if _EMPTY.search(text):
        yield Weight.ERROR, "empty brackets or quotation marks"
    if _DOUBLED.search(text):
        yield Weight.ERROR, "an operator without a term beside it"
    for word in _LOWER.findall(_unquoted(text)):
        yield Weight.DOUBT, f"'{word}' in small letters: an operator is written {word.upper()}"
    if re.search(r"\bNOT\b", _unquoted(text)):
        yield Weight.DOUBT, "NOT: a wanted record that also has the unwanted term is lost"
    if _MIXED.search(_outside_brackets(text)):
        yield Weight.DOUBT, "AND and OR without brackets: which comes first depends on the database"


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"', '""', text)


def _outside_brackets(text: str) -> str:
    """Return what stands in no brackets."""
    plain, before = _unquoted(text), None
    while before != plain:
        before = plain
        plain = re.sub(r"\([^()]*\)", " ", plain)
    return plain
