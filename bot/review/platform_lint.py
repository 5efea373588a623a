"""What is odd in a line that a person pastes, by the platform it is written for. Pure.

The platform is named in the remarks of the file, or else betrayed by the syntax of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from bot.sources.finding import Weight

Odd = tuple[Weight, str]


class Platform(StrEnum):
    """Where a strategy is pasted."""

    COCHRANE = "the Cochrane Library"
    EMBASE = "Embase.com"
    OVID = "Ovid"
    PUBMED = "PubMed"
    ICTRP = "WHO ICTRP"
    WORDS = "a register that takes words"


_NAMED: Sequence[tuple[Platform, re.Pattern[str]]] = (
    (Platform.OVID, re.compile(r"\bOvid\b")),
    (Platform.EMBASE, re.compile(r"\bembase\.com\b", re.I)),
    (Platform.COCHRANE, re.compile(r"\bCochrane Library\b|\bCochrane Register of Studies\b")),
    (Platform.ICTRP, re.compile(r"\bICTRP search portal\b|\btrialsearch\.who\.int\b")),
    (Platform.WORDS, re.compile(r"\bCTIS\b|\beuclinicaltrials\.eu\b|\bjRCT\b")),
    (Platform.PUBMED, re.compile(r"\bPubMed\b")),
)
_BETRAYED: Sequence[tuple[Platform, re.Pattern[str]]] = (
    (Platform.COCHRANE, re.compile(r"MeSH descriptor:|\bnext\b(?!/)[^'\n]*:ti", re.I)),
    (Platform.EMBASE, re.compile(r"'/(?:exp|de|mj)\b|:ti,ab,kw,tn\b|:ti,ab\b.*'|\bNEXT/\d", re.I)),
    (Platform.COCHRANE, re.compile(r":ti,ab,kw\b|:ti,ab\b", re.I)),
    (Platform.OVID, re.compile(r"^\s*exp [^/]+/|\.(?:ti|ab|tw|mp|kw|ti,ab)\.|\badj\d", re.M)),
    (Platform.PUBMED, re.compile(r"\[(?:tiab|mesh|mh|ti|tw|pt)\b", re.I)),
)
_QUOTED = re.compile(r'"[^"]*"')
_PUBMED_TAG = re.compile(r"\[(?:tiab|mesh[^\]]*|mh|ti|tw|pt|title/abstract)\]", re.I)
_OVID_FIELD = re.compile(r"\.(?:ti|ab|tw|mp|kf|kw|hw|fs|pt|sh)(?:,\w\w)*\.(?=\s|\)|$)")
_COLON_FIELD = re.compile(r":(?:ti|ab|kw)\b", re.I)
_NUMBERED_NEXT = re.compile(r"\bNEXT/\d", re.I)
_BARE_NEXT = re.compile(r"\bNEXT\b(?!/)", re.I)
_BARE_NEAR = re.compile(r"\b(?:NEAR|ADJ)\b(?!/?\d)", re.I)
_SLASHED_NEAR = re.compile(r"\b(?:NEAR|NEXT)/\d", re.I)
_ADJ = re.compile(r"\badj\d", re.I)
_EMTREE = re.compile(r"'/(?:exp|de|mj)\b", re.I)
_MESH = re.compile(r"MeSH descriptor:", re.I)
_OPERATORS = re.compile(r"\b(?:AND|OR|NOT)\b")
_SHORT_STEM = re.compile(r"(?<![\w*'])([A-Za-z]{1,2})\*")


def platform_of(remarks: Sequence[str], lines: Sequence[str]) -> Platform | None:
    """Return the platform that a strategy is for; None where nothing tells."""
    said, text = " ".join(remarks), "\n".join(lines)
    named = [(at.start(), platform) for platform, name in _NAMED if (at := name.search(said))]
    betrayed = (platform for platform, sign in _BETRAYED if sign.search(text))
    return min(named)[1] if named else next(betrayed, None)


def odd_on(platform: Platform, text: str) -> Iterator[Odd]:
    """Yield what a platform refuses in a line, or takes otherwise than it is meant."""
    yield from _RULES[platform](text)
    for stem in _SHORT_STEM.findall(text):
        yield Weight.DOUBT, f"'{stem}*' stands for very many words"


def _foreign(text: str, *strange: tuple[re.Pattern[str], str]) -> Iterator[Odd]:
    for pattern, whose in strange:
        found = pattern.search(text)
        if found is not None:
            yield Weight.ERROR, f"'{found[0].strip()}' is of {whose}, and not of this platform"


_OF_PUBMED = (_PUBMED_TAG, "PubMed")
_OF_OVID = (_OVID_FIELD, "Ovid")
_OF_ADJ = (_ADJ, "Ovid")
_OF_EMTREE = (_EMTREE, "Embase.com")
_OF_MESH = (_MESH, "the Cochrane Library")
_OF_COLON = (_COLON_FIELD, "the Cochrane Library and Embase.com")


def _cochrane(text: str) -> Iterator[Odd]:
    for phrase in _QUOTED.findall(text):
        if "*" in phrase or "?" in phrase:
            instead = f"({phrase.strip(chr(34)).replace(' ', ' NEXT ')})"
            yield (
                Weight.ERROR,
                f"{phrase}: the Cochrane Library takes no wildcard in quotation marks; {instead}",
            )
    if _NUMBERED_NEXT.search(text):
        yield Weight.ERROR, "NEXT takes no number in the Cochrane Library: words stand side by side"
    yield from _foreign(text, _OF_PUBMED, _OF_OVID, _OF_ADJ, _OF_EMTREE)


def _embase(text: str) -> Iterator[Odd]:
    if _BARE_NEXT.search(text) or _BARE_NEAR.search(text):
        yield Weight.ERROR, "NEAR and NEXT take a number on Embase.com: NEXT/1"
    yield from _foreign(text, _OF_PUBMED, _OF_OVID, _OF_ADJ, _OF_MESH)


def _ovid(text: str) -> Iterator[Odd]:
    if _SLASHED_NEAR.search(text):
        yield Weight.ERROR, "Ovid knows no NEAR/n: adj3 finds words within three, in any order"
    yield from _foreign(text, _OF_PUBMED, _OF_COLON, _OF_EMTREE, _OF_MESH)


def _pubmed(text: str) -> Iterator[Odd]:
    yield from _foreign(text, _OF_COLON, _OF_OVID, _OF_ADJ, _OF_EMTREE, _OF_MESH)


def _ictrp(text: str) -> Iterator[Odd]:
    yield from _foreign(text, _OF_PUBMED, _OF_COLON, _OF_OVID, _OF_ADJ, _OF_EMTREE, _OF_MESH)
    if _SLASHED_NEAR.search(text):
        yield Weight.ERROR, "the portal knows no NEAR: words beside each other are a phrase"
    for phrase in _QUOTED.findall(text):
        if "*" in phrase:
            yield Weight.ERROR, f"{phrase}: the portal takes no wildcard within a phrase"


def _words(text: str) -> Iterator[Odd]:
    yield from _foreign(text, _OF_PUBMED, _OF_COLON, _OF_OVID, _OF_ADJ, _OF_EMTREE, _OF_MESH)
    found = _OPERATORS.search(text)
    if found is not None:
        yield Weight.ERROR, f"'{found[0]}' is a word like any other there: give each search a line"
    if "*" in text:
        yield Weight.ERROR, "'*' is no wildcard there: write each form on a line of its own"


_RULES: Mapping[Platform, Callable[[str], Iterator[Odd]]] = {
    Platform.COCHRANE: _cochrane,
    Platform.EMBASE: _embase,
    Platform.OVID: _ovid,
    Platform.PUBMED: _pubmed,
    Platform.ICTRP: _ictrp,
    Platform.WORDS: _words,
}
