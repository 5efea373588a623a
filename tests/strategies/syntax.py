"""A model of how databases read a line of a strategy: words, phrases, stars, nearness, AND and OR.

A line is parsed into a tree by the platform's own signs (fields are dropped: a model has one text),
and held against the words of a record. What a term finds are places in the text, so that phrases
and NEAR can be told; AND and OR join places. Indexing terms (MeSH, Emtree) find nothing here: what
is found is found by words, which is the least that a database finds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    PUBMED = "PubMed"
    EUROPEPMC = "Europe PMC"
    COCHRANE = "Cochrane Library"
    EMBASE = "Embase.com"
    CTGOV = "ClinicalTrials.gov"
    PORTAL = "WHO ICTRP"
    WORDS = "words that must all be contained"


Span = tuple[int, int]
Spans = frozenset[Span]
Found = Callable[[Sequence[str]], Spans]
# What words without an operator between them mean.
BESIDE = {Platform.PORTAL: "NEXT1", Platform.COCHRANE: "AND", Platform.EMBASE: "NEXT1"}
INDEXING = (
    r'"[^"]*"\[mesh[^\]]*\]',
    r"mesh descriptor: \[[^\]]*\] (?:this term only|explode all trees)",
    r"'[^']*'/(?:exp|de|mj)",
)
FIELDS = (
    r"\[[a-z/: ]+\]",
    r":(?:ti|ab|kw|tn)(?:,(?:ti|ab|kw|tn))*",
    r"\btitle_abs:",
    r"area\[(?:interventionsearch|conditionsearch)\]",
)
TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[()]|[^\s()\"']+")
NEAR = re.compile(r"(near|next)/?(\d*)")
NOTHING = "\N{EMPTY SET}"
ANYTHING = "\N{INFINITY}"


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a record as an index has them: no case, no accents, no hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return tuple(re.findall(r"[a-z0-9]+", plain))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be held against a record."""

    found: Found

    def finds(self, text: str) -> bool:
        return bool(self.found(words_of(text)))


def read_line(text: str, platform: Platform) -> Line:
    """Read a whole query; raise ValueError where the model does not understand all of it."""
    tokens = list(_tokens(text.casefold()))
    reader = _Reader(tokens, BESIDE.get(platform, "AND"))
    found = reader.either()
    if reader.place != len(tokens):
        raise ValueError(f"not understood from {tokens[reader.place :]}")
    return Line(found)


def _tokens(text: str) -> Iterator[str]:
    for pattern in INDEXING:
        text = re.sub(pattern, f" {NOTHING} ", text)
    text = re.sub(r"area\[designallocation\]randomized", f" {ANYTHING} ", text)
    for pattern in FIELDS:
        text = re.sub(pattern, " ", text)
    yield from TOKEN.findall(text)


@dataclass(slots=True)
class _Reader:
    tokens: Sequence[str]
    beside: str
    place: int = 0

    @property
    def next(self) -> str | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def either(self) -> Found:
        found = self.both()
        while self.next == "or":
            self.place += 1
            found = _or(found, self.both())
        return found

    def both(self) -> Found:
        found = self.near()
        while self.next == "and":
            self.place += 1
            found = _and(found, self.near())
        return found

    def near(self) -> Found:
        found = self.term()
        while self.next not in (None, ")", "or", "and"):
            operator = NEAR.fullmatch(self.next or "")
            if operator is not None:
                self.place += 1
                within = int(operator[2] or 1)
                found = _near(found, self.term(), within, ordered=operator[1] == "next")
            elif self.beside == "AND":
                found = _and(found, self.term())
            else:
                found = _near(found, self.term(), 1, ordered=True)
        return found

    def term(self) -> Found:
        token = self.next
        if token is None or token in ("and", "or", ")"):
            raise ValueError(f"found {token!r}, expected a term")
        self.place += 1
        if token == "(":
            found = self.either()
            if self.next != ")":
                raise ValueError(f"found {self.next!r}, expected ')'")
            self.place += 1
            return found
        if token == NOTHING:
            return lambda _: frozenset()
        if token == ANYTHING:
            return lambda words: frozenset({(0, len(words))})
        return _phrase(token.strip("\"'"))


def _phrase(text: str) -> Found:
    wanted = [re.compile(_pattern(each)) for each in re.findall(r"[a-z0-9*?]+", text)]

    def found(words: Sequence[str]) -> Spans:
        size = len(wanted)
        starts = range(len(words) - size + 1)
        return frozenset(
            (at, at + size)
            for at in starts
            if all(one.fullmatch(words[at + n]) for n, one in enumerate(wanted))
        )

    return found


def _pattern(word: str) -> str:
    return word.replace("*", "[a-z0-9]*").replace("?", "[a-z0-9]?")


def _or(one: Found, other: Found) -> Found:
    return lambda words: one(words) | other(words)


def _and(one: Found, other: Found) -> Found:
    def found(words: Sequence[str]) -> Spans:
        first, second = one(words), other(words)
        return first | second if first and second else frozenset()

    return found


def _near(one: Found, other: Found, within: int, *, ordered: bool) -> Found:
    def found(words: Sequence[str]) -> Spans:
        pairs = [(a, b) for a in one(words) for b in other(words)]
        return frozenset(
            (min(a[0], b[0]), max(a[1], b[1]))
            for a, b in pairs
            if 0 <= b[0] - a[1] < within or (not ordered and 0 <= a[0] - b[1] < within)
        )

    return found
