"""Exports of hand-run sources: recognised by what they hold, read whole or refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from extraction.errors import refused
from extraction.model import Record
from extraction.readers.ctgov import read_page
from extraction.readers.endnote import read_endnote
from extraction.readers.ictrp import ROOT as ICTRP_ROOT
from extraction.readers.ictrp import read_ictrp
from extraction.readers.nbib import read_nbib
from extraction.readers.pubmed import ARTICLE_SET, read_articles
from extraction.readers.ris import read_ris
from extraction.readers.table import is_table, read_table
from extraction.readers.text import decode, digest, identity

KNOWN = "RIS, nbib, CSV, EndNote XML, ICTRP XML, PubMed XML or ClinicalTrials.gov JSON"
CLOSED = ("XML", "JSON")
_RIS = re.compile(r"^TY[ \t]{0,3}-", re.M)
_NBIB = re.compile(r"\A\s*(?:PMID|OWN)\s{0,2}- ")
_LOOKED_AT = 5_000

Reader = Callable[[bytes, str, str], tuple[Record, ...]]


@dataclass(frozen=True, slots=True)
class Export:
    """The records of a file and the dialect it was read in.

    closed: whether the format itself says where the file ends, so that none is proven to be none.
    warnings: what a person should know of how the file was read.
    """

    records: tuple[Record, ...]
    dialect: str
    closed: bool = False
    warnings: tuple[str, ...] = ()


def read_export(payload: bytes, name: str, *, source: str) -> Export:
    """Read an export whole, its records named for `source`.

    Raises UnreadablePayload with the line and the reason where any part of it cannot be read,
    RefusedPayload for a file of no known kind.
    """
    dialect, read = _recognised(payload, name)
    records = tuple(replace(each, source=source) for each in read(payload, name, source))
    return Export(_told_apart(records), dialect, closed=dialect.endswith(CLOSED))


def _recognised(payload: bytes, name: str) -> tuple[str, Reader]:
    start = payload[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _xml(start, name)
    if start.startswith(b"{"):
        return "ClinicalTrials.gov JSON", lambda body, _name, _source: read_page(body).records
    if start.startswith(b"PK\x03\x04"):
        raise refused(name, found="a workbook or archive", expected=f"{KNOWN}; save it as CSV")
    text = decode(payload, name)
    if _RIS.search(text):
        return "RIS", _of_text(read_ris)
    if _NBIB.match(text):
        return "nbib", _of_text(read_nbib)
    if is_table(text):
        return "table", _of_text(read_table)
    raise refused(name, found="a file of no known kind", expected=KNOWN)


def _xml(start: bytes, name: str) -> tuple[str, Reader]:
    if f"<{ARTICLE_SET}".encode() in start:
        return "PubMed XML", lambda body, _name, _source: read_articles(body).records
    if f"<{ICTRP_ROOT}".encode() in start:
        return "ICTRP XML", read_ictrp
    if b"<xml" in start and b"<records" in start:
        return "EndNote XML", read_endnote
    raise refused(name, found="XML or HTML of no known kind", expected=KNOWN)


def _of_text(read: Callable[[str, str, str], tuple[Record, ...]]) -> Reader:
    return lambda payload, name, source: read(decode(payload, name), name, source)


def _told_apart(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Keep one of equal records; give others that share a number a key of their own."""
    different = tuple(dict.fromkeys(records))
    shared = Counter(record.source_id for record in different)
    return tuple(
        record
        if shared[record.source_id] == 1
        else replace(record, source_id=f"{record.source_id}#{digest(identity(record))}")
        for record in different
    )
