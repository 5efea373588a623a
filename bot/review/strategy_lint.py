"""What is odd in a search strategy, line by line, before it is sent anywhere. Pure.

Rules after the PRESS 2015 guideline (McGowan et al., J Clin Epidemiol 2016;75:40-6) as far as a
program can judge: spelling of syntax, operators, truncation, limits, lines that nothing uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import StrategyFault
from bot.review.citation_seeds import parse_seeds
from bot.review.strategy_text import query

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
_TAG = re.compile(r"\[([^\[\]]*)\]")
# PubMed User Guide, "Search field tags".
_PUBMED_TAGS = frozenset(
    {"ad", "affiliation", "aid", "all", "all fields", "au", "author", "auid", "cn", "crdt", "dcom"}
    | {"dp", "pdat", "edat", "ed", "mdat", "lr", "mhda", "filter", "sb", "fau", "1au", "fir", "ir"}
    | {"gr", "grant number", "ip", "issue", "isbn", "ta", "journal", "jid", "la", "language"}
    | {"lastau", "lid", "mh", "mesh", "mesh terms", "majr", "mesh major topic", "sh", "nm"}
    | {"mesh:noexp", "mh:noexp", "majr:noexp", "mesh terms:noexp", "ot", "other term", "owner"}
    | {"pg", "pagination", "pa", "ps", "pl", "pmid", "uid", "pubn", "pt", "ptyp", "vi", "volume"}
    | {"publication type", "publication date", "create date", "entry date", "rn", "si", "tt"}
    | {"supplementary concept", "tw", "text word", "ti", "title", "tiab", "title/abstract"}
    | {"secondary source id", "subset", "place of publication", "corporate author"}
)
_PROXIMITY = re.compile(r"(?:title/abstract|tiab|ti|title|ad):~\d+")
_LOWER = re.compile(r"(?<=[\])\"*\w])\s+(and|or|not)\s+(?=[\[(\"\w])")
_SHORT_STEM = re.compile(r"(?<![\w*])([A-Za-z]{1,3})\*")
_STAR_INSIDE = re.compile(r'"[^"]*\*\s+[^"]*"')
_DOUBLED = re.compile(r"\b(AND|OR|NOT)\s+(AND|OR)\b|\(\s*(AND|OR)\b|\b(AND|OR|NOT)\s*\)")
_EMPTY = re.compile(r"\(\s*\)|\"\s*\"|\[\s*\]")
_DATES = re.compile(r"\[(?:dp|pdat|crdt|edat|mdat|publication date)\]|\b\d{4}\s*:\s*\d{4}\b", re.I)
_LANGUAGES = re.compile(r"\[(?:la|language)\]", re.I)
_MIXED = re.compile(r"\bAND\b.*\bOR\b|\bOR\b.*\bAND\b")
_NUMBERS = re.compile(r"#(\d+)")


class Weight(StrEnum):
    """An error is sent wrongly or not at all; a doubt may be meant."""

    ERROR = "error"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity. line: of the strategy file, from 1."""

    line: int
    weight: Weight
    text: str


def lint(strategy: str, kind: str) -> tuple[Finding, ...]:
    """Return what is odd in a strategy for a kind of source ("pubmed", "openalex", ...)."""
    if kind in ("openalex", "crossref"):
        return tuple(_fault(strategy, parse_seeds))
    if kind == "manual":
        return tuple(_signs(strategy))
    found = [*_fault(strategy, query), *_signs(strategy), *_unused(strategy)]
    for place, text in _lines(strategy):
        found += [Finding(place, weight, said) for weight, said in _of_line(text, kind)]
    return tuple(sorted(found, key=lambda each: each.line))


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


def _of_line(text: str, kind: str) -> Iterator[tuple[Weight, str]]:
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
    if kind == "pubmed":
        yield from _of_pubmed_line(text)


def _of_pubmed_line(text: str) -> Iterator[tuple[Weight, str]]:
    for tag in _TAG.findall(text):
        name = tag.strip().lower()
        if name not in _PUBMED_TAGS and not _PROXIMITY.fullmatch(name):
            yield Weight.ERROR, f"[{tag}] is no field of PubMed"
    for stem in _SHORT_STEM.findall(text):
        yield Weight.ERROR, f"'{stem}*': PubMed cuts no word after fewer than four letters"
    if _STAR_INSIDE.search(text):
        yield Weight.DOUBT, "a star inside a phrase: PubMed takes it at the end of a phrase only"
    if _DATES.search(text):
        yield Weight.DOUBT, "a limit to dates: records that are indexed late will be missed"
    if _LANGUAGES.search(text):
        yield Weight.DOUBT, "a limit to languages"


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"', '""', text)


def _outside_brackets(text: str) -> str:
    """Return what stands in no brackets."""
    plain, before = _unquoted(text), None
    while before != plain:
        before = plain
        plain = re.sub(r"\([^()]*\)", " ", plain)
    return plain
