"""Where a new record stands in the queue: a stated order with visible reasons. Nothing is left out.

A learned model could stand behind `rank`; at ten records a month none is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.model import Record, RecordKind

TRIAL_TYPES = frozenset(
    {
        "Randomized Controlled Trial",
        "Controlled Clinical Trial",
        "Equivalence Trial",
        "Pragmatic Clinical Trial",
        "Adaptive Clinical Trial",
        "Clinical Trial, Phase III",
        "Clinical Trial, Phase II",
        "Clinical Trial",
    }
)
REVIEW_TYPES = frozenset({"Review", "Systematic Review", "Meta-Analysis", "Practice Guideline"})
DESIGN_WORDS = re.compile(
    r"\brandomi[sz]ed\b|\brandomly\b|\bplacebo\b|\bcross-?over\b|\bdouble-?blind", re.I
)
HSSS_WORDS = re.compile(r"\brandomized\b|\bplacebo\b|\brandomly\b|\btrial\b|\bgroups\b", re.I)
PROTOCOL_WORDS = re.compile(r"\b(study|trial) protocol\b|\bprotocol (for|of) an?\b", re.I)
FILTER_FLAG = "Cochrane HSSS (sensitivity-maximising)"

REGISTERED, TRIAL_TYPE, DESIGN, FILTER, ASIDE = 40, 30, 20, 10, -20


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in the queue: higher scores come first; lanes are shown, never hidden."""

    score: int
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    lane: str  # main | review | protocol | animal


def rank(record: Record) -> Rank:
    """Score a record by what it says of itself."""
    scored = list(_scored(record))
    passes = passes_filter(record)
    if passes:
        scored.append((FILTER, "it passes the Cochrane filter for randomised trials"))
    lane, why = _lane(record)
    if why is not None:
        scored.append((ASIDE, why))
    return Rank(
        score=sum(points for points, _ in scored),
        reasons=tuple(reason for _, reason in scored),
        flags=(FILTER_FLAG,) if passes else (),
        lane=lane,
    )


def passes_filter(record: Record) -> bool:
    """Evaluate Cochrane's highly sensitive search strategy (2008, PubMed) on what a record holds.

    Source: Cochrane Handbook 6.5, box 4.4.a. PubMed itself also looks at what is not in the record.
    """
    types = set(record.publication_types)
    trial = bool(types & {"Randomized Controlled Trial", "Controlled Clinical Trial"})
    therapy = any(heading.endswith("/drug therapy") for heading in record.mesh)
    worded = HSSS_WORDS.search(f"{record.title}\n{record.abstract or ''}") is not None
    return (trial or therapy or worded) and not _animals_only(record)


def _animals_only(record: Record) -> bool:
    descriptors = {heading.partition("/")[0] for heading in record.mesh}
    return "Animals" in descriptors and "Humans" not in descriptors


def _scored(record: Record) -> Iterator[tuple[int, str]]:
    if record.kind is RecordKind.REGISTER_ENTRY:
        allocation = record.entry.allocation if record.entry is not None else None
        if allocation == "RANDOMIZED":
            yield TRIAL_TYPE, "the register says: randomised"
    elif record.ids.register:
        yield REGISTERED, f"it names a register id: {', '.join(record.ids.register)}"
    types = [each for each in record.publication_types if each in TRIAL_TYPES]
    if types:
        yield TRIAL_TYPE, f"publication type: {', '.join(types)}"
    words = sorted({each.lower() for each in DESIGN_WORDS.findall(_text(record))})
    if words:
        yield DESIGN, f"words of a trial: {', '.join(words)}"


def _lane(record: Record) -> tuple[str, str | None]:
    if _animals_only(record):
        return "animal", "indexed under animals only"
    reviews = [each for each in record.publication_types if each in REVIEW_TYPES]
    if reviews:
        return "review", f"publication type: {', '.join(reviews)}"
    if PROTOCOL_WORDS.search(record.title):
        return "protocol", "the title names a protocol"
    return "main", None


def _text(record: Record) -> str:
    return f"{record.title}\n{record.abstract or ''}"
