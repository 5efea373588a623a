"""The tags of RIS: where each goes, in the dialects of its writers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from extraction import identifiers
from extraction.readers.noted import Unread
from extraction.readers.written import OF_PUBMED, Spot, WrittenRecord, medline_numbers

Tags = Mapping[str, Sequence[str]]

# Of several tags of one slot the first that is filled counts, of all that are lists each.
_SLOTS: Mapping[Spot, tuple[str, ...]] = {
    Spot.TITLE: ("TI", "T1", "CT", "BT"),
    Spot.VERNACULAR: ("TT",),
    Spot.ABSTRACT: ("AB", "N2"),
    Spot.AUTHORS: ("AU", "A1"),
    Spot.JOURNAL: ("JF", "T2", "JO", "JA", "J2", "JI", "J9", "J1"),
    Spot.VOLUME: ("VL",),
    Spot.ISSUE: ("IS",),
    Spot.FIRST_PAGE: ("SP", "C7"),
    Spot.LAST_PAGE: ("EP",),
    Spot.PUBLISHED: ("PY", "Y1", "DA", "PD"),
    Spot.LANGUAGE: ("LA",),
    Spot.TYPE: ("M3", "PT"),
    Spot.DOI: ("DO", "DOI", "L3", "L2"),  # CENTRAL writes "DOI - 10.…"
    Spot.PMID: ("PMID", "PM"),
    Spot.PMCID: ("C2",),
    Spot.ACCESSION: ("AN", "U2"),
    Spot.ADDRESS: ("UR",),
    Spot.REMARK: ("N1",),
    Spot.DATABASE: ("DB", "DP", "SF"),
    Spot.OTHER_NUMBERS: ("C1", "C3", "C4", "C5", "C6", "C8", "ID", "U1", "U3"),
}
# Of each tag its slot, and its place among the others.
_PLACES = {tag: (slot, place) for slot, tags in _SLOTS.items() for place, tag in enumerate(tags)}
# The other tags of the specification and of the known writers: no part of a record.
_LEFT = re.compile(
    r"A[2-4DINVW]|C[ANPRTY]|DS|E[DRT]|FD|H[12]|I[DP]|J[AFOP]|KW|L[14ABKLN]|M[1-4]|N[2LV]|O[ALP]"
    r"|P[ABIUY]|R[DINP]|S[ENORTV]|T[3ANSTY]|U[1-6RT]|V[13O]|W[EPTV]|Y[2R]|FX|FU|D2|EM|ER|BN|CL|HO|SI"
)
_MARKED_PMID = re.compile(r"(\d{1,9})\s*\[pmid\]", re.I)
_HELD_FROM = re.compile(r"ctgov|ictrp", re.I)
_NO_PAGES = ("No", "Specified")  # Ovid's "No Specified", cut in two


def is_known(tag: str) -> bool:
    """Whether a tag is one of RIS, or of a known writer."""
    return tag in _PLACES or _LEFT.fullmatch(tag) is not None


def written_of(tags: Tags, unread: Unread) -> WrittenRecord:
    """Put the values of a record's tags where they belong; count those of no known tag."""
    written = WrittenRecord()
    ordered = sorted((tag for tag in tags if tag in _PLACES), key=lambda tag: _PLACES[tag][1])
    for tag in ordered:
        filled = [each for each in tags[tag] if each]
        if filled:
            written.values.setdefault(_PLACES[tag][0], []).extend(filled)
    for tag in (each for each in tags if each != "TY"):
        _write(written, tag, [each for each in tags[tag] if each], unread)
    _numbers(tags, written)
    _pages(tags, written)
    _doi_for_a_type(written)
    return written


def _write(written: WrittenRecord, tag: str, texts: Sequence[str], unread: Unread) -> None:
    for each in texts:
        written.write(tag, each)
        if not is_known(tag):
            unread.add(tag, each)


def _doi_for_a_type(written: WrittenRecord) -> None:
    """Older writers put the DOI into M3."""
    types = [each for each in written.all(Spot.TYPE) if not identifiers.doi(each)]
    if len(types) < len(written.all(Spot.TYPE)):
        written.values[Spot.DOI] = written.all(Spot.DOI, Spot.TYPE)
        written.values[Spot.TYPE] = types


def _numbers(tags: Tags, written: WrittenRecord) -> None:
    """Read the numbers whose meaning another tag gives."""
    databases = written.all(Spot.DATABASE)
    for each in tags.get("C3", ()):  # CENTRAL: where it has an article or an entry from
        if _HELD_FROM.match(each):
            written.add(Spot.HELD_FROM_REGISTER, each)
        elif each.lower().startswith("pubmed"):
            written.add(Spot.PMID, each)
    if any(map(OF_PUBMED.search, databases)):
        own = medline_numbers(tags.get("AN", ()), tags.get("UR", ()))
        written.values[Spot.PMID] = [*written.all(Spot.PMID), *own]
    for each in tags.get("U1", ()):  # Covidence: "31021000[pmid]"
        if (found := _MARKED_PMID.fullmatch(each)) is not None:
            written.add(Spot.PMID, found[1])
    for database, tag in (("scopus", "C2"), ("embase", "C5")):
        if any(database in each.lower() for each in databases):
            written.values[Spot.PMID] = [*written.all(Spot.PMID), *tags.get(tag, ())]


def _pages(tags: Tags, written: WrittenRecord) -> None:
    if (written.one(Spot.FIRST_PAGE), written.one(Spot.LAST_PAGE)) == _NO_PAGES:
        written.values[Spot.FIRST_PAGE] = written.values[Spot.LAST_PAGE] = []
