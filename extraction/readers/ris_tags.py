"""The tags of RIS: where each goes, in the dialects of its writers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from extraction import identifiers
from extraction.readers.noted import Unread
from extraction.readers.written import Slot, Written

Tags = Mapping[str, Sequence[str]]

# Of several tags of one slot the first that is filled counts, of all that are lists each.
_SLOTS: Mapping[Slot, tuple[str, ...]] = {
    Slot.TITLE: ("TI", "T1", "CT", "BT"),
    Slot.VERNACULAR: ("TT",),
    Slot.ABSTRACT: ("AB", "N2"),
    Slot.AUTHORS: ("AU", "A1"),
    Slot.JOURNAL: ("JF", "T2", "JO", "JA", "J2", "JI", "J9", "J1"),
    Slot.VOLUME: ("VL",),
    Slot.ISSUE: ("IS",),
    Slot.FIRST_PAGE: ("SP", "C7"),
    Slot.LAST_PAGE: ("EP",),
    Slot.PUBLISHED: ("PY", "Y1", "DA"),
    Slot.LANGUAGE: ("LA",),
    Slot.TYPE: ("M3", "PT"),
    Slot.DOI: ("DO", "L3", "L2"),
    Slot.PMID: ("PMID",),
    Slot.PMCID: ("C2",),
    Slot.ACCESSION: ("AN", "U2"),
    Slot.ADDRESS: ("UR",),
    Slot.REMARK: ("N1",),
    Slot.DATABASE: ("DB", "DP", "SF"),
    Slot.OTHER_NUMBERS: ("C1", "C3", "C4", "C5", "C6", "C8", "ID", "U1", "U3"),
}
# Of each tag its slot, and its place among the others.
_PLACES = {tag: (slot, place) for slot, tags in _SLOTS.items() for place, tag in enumerate(tags)}
# The other tags of the specification and of the known writers: no part of a record.
_LEFT = re.compile(
    r"A[2-4DINVW]|C[ANPRTY]|DS|E[DRT]|FD|H[12]|I[DP]|J[AFOP]|KW|L[14ABKLN]|M[1-4]|N[2LV]|O[ALP]"
    r"|P[ABIUY]|R[DINP]|S[ENORTV]|T[3ANSTY]|U[1-6RT]|V[13O]|W[EPTV]|Y[2R]|FX|FU|D2|EM|ER|BN|CL|HO|SI"
)
_OF_PUBMED = re.compile(r"\bnlm\b|pubmed|medline", re.I)
_HELD_FROM = re.compile(r"ctgov|ictrp", re.I)
_NO_PAGES = ("No", "Specified")  # Ovid's "No Specified", cut in two


def is_known(tag: str) -> bool:
    """Whether a tag is one of RIS, or of a known writer."""
    return tag in _PLACES or _LEFT.fullmatch(tag) is not None


def written_of(tags: Tags, unread: Unread) -> Written:
    """Put the values of a record's tags where they belong; count those of no known tag."""
    written = Written()
    ordered = sorted((tag for tag in tags if tag in _PLACES), key=lambda tag: _PLACES[tag][1])
    for tag in ordered:
        filled = [each for each in tags[tag] if each]
        if filled:
            written.values.setdefault(_PLACES[tag][0], []).extend(filled)
    for tag, values in tags.items():
        known = tag == "TY" or is_known(tag)
        for each in filter(None, values if tag != "TY" else ()):
            written.write(tag, each)
            if not known:
                unread.add(tag, each)
    _numbers(tags, written)
    _pages(tags, written)
    types = [each for each in written.all(Slot.TYPE) if not identifiers.doi(each)]
    if len(types) < len(written.all(Slot.TYPE)):  # older writers put the DOI into M3
        written.values[Slot.DOI] = written.all(Slot.DOI, Slot.TYPE)
        written.values[Slot.TYPE] = types
    return written


def _numbers(tags: Tags, written: Written) -> None:
    """Read the numbers whose meaning another tag gives."""
    databases = written.all(Slot.DATABASE)
    for each in tags.get("C3", ()):  # CENTRAL: where it has an article or an entry from
        if _HELD_FROM.match(each):
            written.add(Slot.HELD_FROM_REGISTER, each)
        elif each.lower().startswith("pubmed"):
            written.add(Slot.PMID, each)
    if any(map(_OF_PUBMED.search, databases)):
        written.values[Slot.PMID] = [*written.all(Slot.PMID), *tags.get("AN", ())]
    for database, tag in (("scopus", "C2"), ("embase", "C5")):
        if any(database in each.lower() for each in databases):
            written.values[Slot.PMID] = [*written.all(Slot.PMID), *tags.get(tag, ())]


def _pages(tags: Tags, written: Written) -> None:
    if (written.one(Slot.FIRST_PAGE), written.one(Slot.LAST_PAGE)) == _NO_PAGES:
        written.values[Slot.FIRST_PAGE] = written.values[Slot.LAST_PAGE] = []
