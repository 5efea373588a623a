"""Notices about reports: is it one that is known already, whichever source tells of it? Pure.

PubMed names a notice by its PMID, Crossref by its DOI, Europe PMC by either, OpenAlex by nothing.
One notice told twice tires people; two notices taken for one lose the second. Ids of one kind
decide. Where they are of different kinds, one retraction (or concern) of a report is enough, and
an erratum needs the same citation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extraction.model import CorrectionKind

# The graver first: of two words for one notice the graver is told.
GRAVITY = (
    CorrectionKind.RETRACTION,
    CorrectionKind.CONCERN,
    CorrectionKind.ERRATUM,
    CorrectionKind.UPDATE,
    CorrectionKind.COMMENT,
)
ONCE = frozenset({CorrectionKind.RETRACTION, CorrectionKind.CONCERN})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A notice about a study's report, as some source names it.

    names: "doi:…" and "pmid:…" of the notice, those known to be the same document among them.
    """

    kind: CorrectionKind
    names: frozenset[str]
    citation: str | None


def known_as(sighting: Sighting, known: Iterable[tuple[str, Sighting]]) -> str | None:
    """Return under which id a notice is known, or None."""
    for name, other in known:
        if sighting.names & other.names and sighting.kind is other.kind:
            return name
    for name, other in known:
        if sighting.kind is not other.kind or _kinds(sighting) & _kinds(other):
            continue
        if sighting.kind in ONCE or _same_citation(sighting, other):
            return name
    return None


def called_otherwise(
    sighting: Sighting, known: Iterable[tuple[str, Sighting]]
) -> CorrectionKind | None:
    """Return what another source calls the same notice, if it calls it something else."""
    for _, other in known:
        if sighting.names & other.names and sighting.kind is not other.kind:
            return other.kind
    return None


def _kinds(sighting: Sighting) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name in sighting.names)


def _same_citation(one: Sighting, other: Sighting) -> bool:
    return one.citation is not None and one.citation == other.citation
