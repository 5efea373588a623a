"""Files that people give by mistake or for want of another: named, with what to export instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extraction.readers.payload import html_page

KNOWN = (
    "RIS, nbib, CSV, Excel (.xlsx), BibTeX, EndNote XML, ICTRP XML, PubMed XML, ClinicalTrials.gov"
    " JSON, the tagged texts of Web of Science, Ovid and RefWorks, or EUCTR's texts"
)
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class OtherFormat:
    """A format that is not read: its name, and what to give instead."""

    name: str
    instead: str


_SAVE_AS_CSV = f"{KNOWN}; save the sheet as CSV (UTF-8)"
_EXPORT_RIS = f"{KNOWN}; export the same records as RIS"
_EXPORT_NOT_LIBRARY = f"{KNOWN}; in EndNote: File, Export, as XML or RefMan (RIS)"
_BY_FIRST_BYTES = (
    (b"\xd0\xcf\x11\xe0", OtherFormat("an old Excel or Word file", _SAVE_AS_CSV)),
    (b"%PDF", OtherFormat("a PDF", _EXPORT_RIS)),
    (b"{\\rtf", OtherFormat("an RTF document", _EXPORT_RIS)),
    (b"\x1f\x8b", OtherFormat("a gzip archive", f"{KNOWN}; unpack it first")),
    (b"7z\xbc\xaf", OtherFormat("a 7z archive", f"{KNOWN}; unpack it first")),
    (b"Rar!", OtherFormat("a RAR archive", f"{KNOWN}; unpack it first")),
    (b"SQLite format 3", OtherFormat("a database or an EndNote library", _EXPORT_NOT_LIBRARY)),
    (b"\xfe\xfe\x07", OtherFormat("an EndNote library (.enl)", _EXPORT_NOT_LIBRARY)),
)
_PUBMED_FORMAT = f"{KNOWN}; in PubMed: Save, Format, PubMed"
_BY_WORDS = (
    (
        r"\A\s*1[.:] (?=.*\n)(?s:.{0,20000}?)\n(?:PMID: \d+|DOI: 10\.\d+)",
        OtherFormat('PubMed\'s "Abstract (text)"', _PUBMED_FORMAT),
    ),
    (
        r"\A\s*1[.:] (?s:.{0,3000}?)\bPMID: \d+",
        OtherFormat('PubMed\'s "Summary (text)"', _PUBMED_FORMAT),
    ),
)
_IN_ZIP = (
    (b"sdb/", OtherFormat("an EndNote library (.enlx)", _EXPORT_NOT_LIBRARY)),
    (b"word/", OtherFormat("a Word document", _EXPORT_RIS)),
    (b"", OtherFormat("a zip archive", f"{KNOWN}; unpack it first")),
)


def other_format(payload: bytes) -> OtherFormat | None:
    """Name a file that is none of the formats that are read; None where it may be one."""
    start = payload[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return OtherFormat(
            "an empty file", f"{KNOWN}; a search that found nothing is said, not given"
        )
    if payload.startswith(b"PK\x03\x04"):
        return next(found for mark, found in _IN_ZIP if mark in payload)
    for mark, found in _BY_FIRST_BYTES:
        if start.startswith(mark):
            return found
    page = html_page(payload)
    if page is not None:
        return OtherFormat(page, f"{KNOWN}; were you signed in when you exported?")
    return None


def other_text(text: str) -> OtherFormat | None:
    """Name a text that people read and that no program writes records in."""
    start = text[:_LOOKED_AT]
    return next((found for mark, found in _BY_WORDS if re.search(mark, start)), None)
