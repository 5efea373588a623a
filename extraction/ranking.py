"""Where a new record stands in the queue: a stated order with visible reasons. Nothing is left out.

First come records that their source calls randomised or controlled trials, then those that name a
register id or speak like a trial; reviews, protocols and animal studies have lanes of their own
behind them. Every point has its reason in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.model import CorrectionKind, Direction, Record, RecordKind
from extraction.sightings import RETRACTIONS
from extraction.stems import may_match

# Points, in the stated order; what sets a record back is a lane, and shown as such.
TYPED, REGISTERED, WORDED, FILTERED = 40, 30, 20, 10
SET_BACK = {"main": 0, "protocol": -20, "review": -40, "animal": -60}

HSSS = "Cochrane HSSS (sensitivity-maximising, 2008)"
HSSS_LOCAL = "Cochrane HSSS + local lines"
RETRACTED = "retracted"
CONCERN = "expression of concern"

# A publication type is searched with those below it in the MeSH tree.
_CONTROLLED_TYPES = frozenset(
    {
        "Randomized Controlled Trial",
        "Controlled Clinical Trial",
        "Equivalence Trial",
        "Pragmatic Clinical Trial",
    }
)
_TRIAL_TYPES = _CONTROLLED_TYPES | {
    "Adaptive Clinical Trial",
    "Clinical Trial",
    "Clinical Trial, Phase II",
    "Clinical Trial, Phase III",
    "Clinical Trial, Phase IV",
}
_REVIEW_TYPES = frozenset(
    {"Review", "Systematic Review", "Meta-Analysis", "Guideline", "Practice Guideline"}
)
_PROTOCOL_TYPES = frozenset({"Clinical Trial Protocol"})

_HSSS_WORDS = re.compile(r"\b(?:randomized|placebo|randomly|trial|groups)\b", re.I)
_LOCAL_WORDS = re.compile(r"\brandomised\b|\bcross-?over\b|\bdouble[- ]blind", re.I)
_DESIGN_WORDS = re.compile(
    r"\brandomi[sz]ed\b|\brandomly\b|\bplacebo\b|\bcross-?over\b|\b(?:double|single)[- ]blind",
    re.I,
)
# One of these is in all that the three patterns above find; looking for them takes a tenth.
_STEMS = ("random", "placebo", "trial", "groups", "cross", "blind")
_KIND_STEMS = ("review", "meta", "protocol")  # one of them is in the titles of the next two
_REVIEW_TITLE = re.compile(r"\bsystematic review\b|\bmeta-?analys[ie]s\b", re.I)
_PROTOCOL_TITLE = re.compile(
    r"\b(?:study|trial) protocol\b|\bprotocol (?:for|of) an?\b|: a protocol\b", re.I
)
_ANIMAL_TITLE = re.compile(
    r"\b(?:in|of) (?:rats?|mice|mouse|rabbits?|dogs?|pigs?|rodents?)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in the queue: higher scores come first; lanes and flags are shown, never hidden."""

    score: int
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    lane: str  # main | protocol | review | animal


def rank(record: Record) -> Rank:
    """Score a record by what it says of itself."""
    text = _text(record)
    filtered = _passes_hsss(record, text)
    points = list(_points(record, text, filtered=filtered))
    lane, why = _lane(record)
    reasons = [reason for _, reason in points] + ([why] if why is not None else [])
    return Rank(
        score=sum(each for each, _ in points) + SET_BACK[lane],
        reasons=tuple(reasons),
        flags=tuple(_flags(record, text, filtered=filtered)),
        lane=lane,
    )


def passes_hsss(record: Record) -> bool:
    """Evaluate Cochrane's highly sensitive search strategy, PubMed format, on what a record holds.

    Source: Cochrane Handbook 6.5, box 4.4.a (2008 revision). PubMed also looks at keywords, which a
    record does not hold; so a record that fails here may still pass there.
    """
    return _passes_hsss(record, _text(record))


def _passes_hsss(record: Record, text: str) -> bool:
    typed = bool(_CONTROLLED_TYPES & set(record.publication_types))
    therapy = any(heading.endswith("/drug therapy") for heading in record.mesh)
    worded = _HSSS_WORDS.search(text) is not None
    return (typed or therapy or worded) and not _animals_only(record)


def _points(record: Record, text: str, *, filtered: bool) -> Iterator[tuple[int, str]]:
    if record.kind is RecordKind.REGISTER_ENTRY:
        yield from _register_points(record)
        return
    types = [each for each in record.publication_types if each in _TRIAL_TYPES]
    if types:
        yield TYPED, f"publication type: {', '.join(types)}"
    if record.ids.register:
        yield REGISTERED, f"names a trial's register id: {', '.join(record.ids.register)}"
    words = dict.fromkeys(each.lower() for each in _DESIGN_WORDS.findall(text))
    if words:
        yield WORDED, f"words of a trial: {', '.join(words)}"
    if filtered:
        yield FILTERED, "passes the Cochrane filter for randomised trials"


def _register_points(record: Record) -> Iterator[tuple[int, str]]:
    entry = record.entry
    if entry is not None and entry.allocation == "RANDOMIZED":
        yield TYPED, "the register says: randomised"
    if entry is not None and entry.has_results:
        yield WORDED, "the register holds results"


def _flags(record: Record, text: str, *, filtered: bool) -> Iterator[str]:
    if record.kind is not RecordKind.REGISTER_ENTRY:
        if filtered:
            yield HSSS
        elif _LOCAL_WORDS.search(text) is not None and not _animals_only(record):
            yield HSSS_LOCAL
    against = {each.kind for each in record.corrections if each.direction is Direction.OF_THIS}
    if against & RETRACTIONS or "Retracted Publication" in record.publication_types:
        yield RETRACTED
    if CorrectionKind.CONCERN in against:
        yield CONCERN


def _lane(record: Record) -> tuple[str, str | None]:
    types, title = record.publication_types, record.title
    if _animals_only(record):
        return "animal", "indexed under animals, not under humans"
    if not record.mesh and _ANIMAL_TITLE.search(title):
        return "animal", "the title names animals"
    named = title if may_match(title, _KIND_STEMS) else ""
    if _PROTOCOL_TYPES & set(types) or _PROTOCOL_TITLE.search(named):
        return "protocol", "reads as a protocol"
    reviews = [each for each in types if each in _REVIEW_TYPES]
    if reviews:
        return "review", f"publication type: {', '.join(reviews)}"
    if _REVIEW_TITLE.search(named):
        return "review", "the title names a review"
    return "main", None


def _animals_only(record: Record) -> bool:
    if not any(heading.startswith("Animals") for heading in record.mesh):
        return False
    descriptors = {heading.partition("/")[0] for heading in record.mesh}
    return "Animals" in descriptors and "Humans" not in descriptors


def _text(record: Record) -> str:
    """Return what is looked through for words of a trial: nothing where no such word can be."""
    text = f"{record.title}\n{record.abstract or ''}"
    return text if may_match(text, _STEMS) else ""
