"""Notices about reports: is it one that is known already, whichever source tells of it? Pure.

PubMed names a notice by its PMID, Crossref by its DOI, Europe PMC by either, OpenAlex by nothing.
One notice told twice tires people; two notices taken for one lose the second. Ids of one kind
decide. Where they are of different kinds, one retraction (or concern) of a report is enough unless
the years are far apart, and anything else needs the same citation. A notice about two reports is
two: each of them was retracted, or corrected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extraction.model import CorrectionKind

# The graver first: of two words for one notice the graver is told.
GRAVITY = (
    CorrectionKind.RETRACTION,
    CorrectionKind.REPUBLICATION,
    CorrectionKind.PARTIAL_RETRACTION,
    CorrectionKind.CONCERN,
    CorrectionKind.UNKNOWN,  # it may be any of those above, under a new word
    CorrectionKind.ERRATUM,
    CorrectionKind.UPDATE,
    CorrectionKind.COMMENT,
)
RETRACTIONS = frozenset(GRAVITY[:3])
DOUBTED = RETRACTIONS | {CorrectionKind.CONCERN}  # shown with the results without the trial
# Values may have to be read again.
CHECKED = frozenset(GRAVITY[1:3]) | {CorrectionKind.UNKNOWN, CorrectionKind.ERRATUM}
GRAVE = DOUBTED | CHECKED
NAMED: Mapping[CorrectionKind, str] = {
    CorrectionKind.RETRACTION: "retraction",
    CorrectionKind.REPUBLICATION: "retraction with republication",
    CorrectionKind.PARTIAL_RETRACTION: "partial retraction",
    CorrectionKind.CONCERN: "expression of concern",
    CorrectionKind.ERRATUM: "erratum",
    CorrectionKind.UPDATE: "update",
    CorrectionKind.COMMENT: "comment",
    CorrectionKind.UNKNOWN: "notice of a kind that the program does not know",
}
# How a sentence about a report goes on.
HAPPENED_TO_A_REPORT: Mapping[CorrectionKind, str] = {
    CorrectionKind.RETRACTION: "was retracted",
    CorrectionKind.REPUBLICATION: "was retracted and republished",
    CorrectionKind.PARTIAL_RETRACTION: "was retracted in part",
    CorrectionKind.CONCERN: "is under an expression of concern",
    CorrectionKind.ERRATUM: "was corrected by an erratum",
    CorrectionKind.UPDATE: "was updated",
    CorrectionKind.COMMENT: "was commented on",
    CorrectionKind.UNKNOWN: "bears a notice of a kind that the program does not know",
}
_HAPPENED: Mapping[CorrectionKind, tuple[str, str]] = {
    CorrectionKind.RETRACTION: ("retracted", "retractions"),
    CorrectionKind.REPUBLICATION: ("retracted and republished", "republications"),
    CorrectionKind.PARTIAL_RETRACTION: ("partly retracted", "partial retractions"),
    CorrectionKind.CONCERN: ("under an expression of concern", "expressions of concern"),
    CorrectionKind.UNKNOWN: ("under a notice of an unknown kind", "notices"),
    CorrectionKind.ERRATUM: ("corrected", "errata"),
}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A notice about a report, as some source names it.

    report, names: "doi:…", "pmid:…" and the like of the report and of the notice, those known to
    be the same document among them.
    """

    kind: CorrectionKind
    report: frozenset[str]
    names: frozenset[str] = frozenset()
    citation: str | None = None


Known = Sequence[tuple[str, Sighting]]


def gravest(kinds: Iterable[CorrectionKind]) -> CorrectionKind:
    """Return the gravest of some kinds."""
    return min(kinds, key=GRAVITY.index)


def known_as(sighting: Sighting, known: Known) -> str | None:
    """Return under which id a notice of this kind is known, or None."""
    alike = [(name, other) for name, other in known if other.kind is sighting.kind]
    same = (name for name, other in alike if _same_document(sighting, other))
    taken = (name for name, other in alike if _taken_as_one(sighting, other))
    return next(same, None) or next(taken, None)


def called_otherwise(sighting: Sighting, known: Known) -> tuple[str, ...]:
    """Return the ids under which the same notice is known by another word."""
    return tuple(
        name
        for name, other in known
        if other.kind is not sighting.kind
        and (_same_document(sighting, other) or _taken_as_one(sighting, other))
    )


def perhaps_known_as(sighting: Sighting, known: Known) -> tuple[str, ...]:
    """Return the ids of notices that this one, told as new, may still be."""
    return tuple(
        name for name, other in known if other.kind is sighting.kind and _may_be(sighting, other)
    )


def outdone(known: Known) -> dict[str, str]:
    """Return the lesser words for notices: id → the id under which the graver word is known."""
    ordered = sorted(known, key=lambda each: GRAVITY.index(each[1].kind))
    found: dict[str, str] = {}
    for place, (name, sighting) in enumerate(ordered):
        for graver in called_otherwise(sighting, ordered[:place])[:1]:
            found[name] = found.get(graver, graver)
    return found


def happened(kinds: Iterable[CorrectionKind]) -> tuple[str, ...]:
    """Say what happened to a report by its grave notices: 'retracted', 'corrected (2 errata)'."""
    counts = Counter(kinds)
    return tuple(
        word if counts[kind] == 1 else f"{word} ({counts[kind]} {many})"
        for kind, (word, many) in _HAPPENED.items()
        if counts[kind]
    )


def _same_document(one: Sighting, other: Sighting) -> bool:
    return bool(one.names & other.names) and not _apart(one.report, other.report)


def _taken_as_one(one: Sighting, other: Sighting) -> bool:
    """Whether two notices without a common id are one all the same."""
    if not _may_be(one, other):
        return False
    if {one.kind, other.kind} <= RETRACTIONS or one.kind is other.kind is CorrectionKind.CONCERN:
        return True
    return one.kind is other.kind and one.citation is not None and one.citation == other.citation


def _may_be(one: Sighting, other: Sighting) -> bool:
    comparable = _kinds(one.names) & _kinds(other.names)
    return bool(one.report & other.report) and not comparable and _near(one, other)


def _near(one: Sighting, other: Sighting) -> bool:
    """Whether two citations may be of one year; a notice goes online before it is printed."""
    first, second = (
        [int(year) for year in _YEAR.findall(each.citation or "")] for each in (one, other)
    )
    if not first or not second:
        return True
    return any(abs(a - b) <= 1 for a in first for b in second)


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of ids name two documents: ids of one kind, and none in common."""
    return not one & other and bool(_kinds(one) & _kinds(other))


def _kinds(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name in names)
