"""Two records side by side: how alike their titles are, and how each field compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from extraction.duplicates.features import Features
from extraction.duplicates.fields import (
    AGREES,
    DIFFERS,
    FieldAgreement,
    compare_authors,
    compare_journals,
    compare_pages,
    compare_volumes,
    compare_years,
    on_one_page,
)
from extraction.duplicates.guards import is_serial

# How alike two titles are, 0 to 100, measured on the labelled sets (docs/deduplication.md).
ONE_TITLE = 100.0  # letter for letter, in one spelling
NEAR_TITLE = 94.0  # a slip of the pen or two in a title of usual length
LIKE_TITLE = 86.0  # the same words in another spelling or order of a subtitle
ALIKE_TITLE = 74.0  # below this no two wordings of one title were seen: worth no look
_SHORTEST_CONTAINED = 30  # letters; shorter beginnings are shared by too many titles


_FIELDS = {
    "authors": compare_authors,
    "year": compare_years,
    "journal": compare_journals,
    "volume": compare_volumes,
    "pages": compare_pages,
}
FIELDS = tuple(_FIELDS)


class PairKind(StrEnum):
    """Which of a record's fields can tell it from others, so which rules are asked."""

    REGISTER_ENTRY = "register entry"  # one at least is: its number tells
    SERIAL = "serial title"  # one title at least says nothing ("Editorial"): its place tells
    ONE_DOI = "one DOI"
    PLAIN = "no common number"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two records, how alike their titles are (0 to 100), and what each field says."""

    one: Features
    other: Features
    kind: PairKind
    title: float
    same_doi: bool
    authors: FieldAgreement
    year: FieldAgreement
    journal: FieldAgreement
    volume: FieldAgreement
    pages: FieldAgreement
    agreeing: tuple[str, ...]  # the fields that agree, by name
    differing: tuple[str, ...]

    @property
    def placed(self) -> bool:
        """Whether pages agree, and the volume or both journal and year with them."""
        with_journal = self.journal is AGREES and self.year is AGREES
        return self.pages is AGREES and (self.volume is AGREES or with_journal)

    @property
    def located(self) -> bool:
        """Whether the volume and several pages agree: no two articles are printed there."""
        several = self.pages is AGREES and not on_one_page(self.one, self.other)
        return several and self.volume is AGREES

    @property
    def in_supplement(self) -> bool:
        """Whether one at least is of a supplement, whose abstracts share pages and DOIs."""
        return self.one.supplement or self.other.supplement


def put_side_by_side(one: Features, other: Features, title: float) -> SideBySide:
    """Put two records side by side; title: how alike their titles are."""
    same_doi = one.doi is not None and one.doi == other.doi
    fields = {name: compare(one, other) for name, compare in _FIELDS.items()}
    return SideBySide(
        one=one,
        other=other,
        kind=_kind(one, other, same_doi=same_doi),
        title=title,
        same_doi=same_doi,
        **fields,
        agreeing=tuple(name for name, found in fields.items() if found is AGREES),
        differing=tuple(name for name, found in fields.items() if found is DIFFERS),
    )


def title_likeness(one: Features, other: Features) -> float:
    """Return how alike two titles are, 0-100; a title without its subtitle counts as near."""
    if not one.squeezed or not other.squeezed:
        return 0.0
    if one.squeezed == other.squeezed:
        return ONE_TITLE
    short, long = sorted((one.squeezed, other.squeezed), key=len)
    likeness: float = fuzz.ratio(short, long, score_cutoff=ALIKE_TITLE)
    if likeness < NEAR_TITLE and len(short) >= _SHORTEST_CONTAINED and long.startswith(short):
        return NEAR_TITLE
    return likeness


def _kind(one: Features, other: Features, *, same_doi: bool) -> PairKind:
    if one.entry or other.entry:
        return PairKind.REGISTER_ENTRY
    if is_serial(one) or is_serial(other):
        return PairKind.SERIAL
    return PairKind.ONE_DOI if same_doi else PairKind.PLAIN
