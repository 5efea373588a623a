"""Exports of hand-run sources: recognised by what they hold, read whole or refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from extraction.errors import ExtractionError, refused, unreadable
from extraction.model import Record
from extraction.readers.ctgov import read_page
from extraction.readers.endnote import read_endnote
from extraction.readers.euctr import is_euctr, read_euctr
from extraction.readers.foreign import KNOWN, other_format
from extraction.readers.ictrp import ROOT as ICTRP_ROOT
from extraction.readers.ictrp import read_ictrp
from extraction.readers.nbib import read_nbib
from extraction.readers.odd import OddRecord
from extraction.readers.pubmed import ARTICLE_SET, read_articles
from extraction.readers.ris import read_ris
from extraction.readers.table import column_names, is_table, read_table
from extraction.readers.text import NO_TITLE, Read, Text, as_utf8, decode, digest, identity

CLOSED = ("XML", "JSON")
_RIS = re.compile(r"^[ \t]*TY[ \t\xa0]{0,3}-", re.M)
_NBIB = re.compile(r"\A\s*(?:PMID|OWN)\s{0,2}- ")
_LOOKED_AT = 5_000
_LONGEST_NAME = 60  # of a column; prose has commas too
# Who wrote a file, by what only they write. Ovid and ProQuest are platforms of many databases.
_ORIGINS = {
    "Ovid": re.compile(r"ovidsp|ovidweb|Ovid Technologies", re.I),
    "ProQuest": re.compile(r"search\.proquest\.com", re.I),
    "CENTRAL": re.compile(r"^AN {2}- CN-\d", re.M),
    "Embase": re.compile(r"^DB {2}- Embase|www\.embase\.com", re.M),
    "Scopus": re.compile(r"^DB {2}- Scopus|www\.scopus\.com", re.M),
    "Web of Science": re.compile(r"^(?:AN|UT) {2}- WOS:|Clarivate", re.M),
    "PubMed": re.compile(r"^(?:DP {2}- NLM|DB {2}- PubMed|PMID- \d)|Medline/PubMed", re.M),
}
PLATFORMS = frozenset({"Ovid", "ProQuest"})


@dataclass(frozen=True, slots=True)
class Export:
    """The records of a file and the dialect it was read in.

    held: the records of the file, repeats included. origin: the database or platform
    that wrote it, where that can be told. closed: whether the format itself says where the file
    ends, so that none is proven to be none. warnings: what a person should know of the reading.
    odd: the records that could not be read, each by itself.
    """

    records: tuple[Record, ...]
    dialect: str
    held: int
    origin: str | None = None
    closed: bool = False
    warnings: tuple[str, ...] = ()
    odd: tuple[OddRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a file is read: the dialect, who wrote it, what is noted already, the reader."""

    dialect: str
    origin: str | None
    read: Callable[[str], Read]  # the argument is the source that the records are named for
    notes: tuple[str, ...] = ()


def read_export(payload: bytes, name: str, *, source: str) -> Export:
    """Read an export whole, its records named for `source`.

    Raises UnreadablePayload with the line and the reason where any part of it cannot be read,
    RefusedPayload for a file of no known kind, which is named with what to export instead.
    """
    reading = _recognised(payload, name)
    try:
        read = reading.read(source)
    except ExtractionError as error:
        if str(error).startswith(name):
            raise
        raise type(error)(f"{name}: {error}") from error
    named = tuple(replace(each, source=source) for each in read.records)
    records = _told_apart(named)
    return Export(
        records=records,
        dialect=reading.dialect,
        held=len(named) + len(read.odd),
        origin=reading.origin,
        closed=reading.dialect.endswith(CLOSED),
        warnings=(*reading.notes, *read.notes, *_oddities(named, records)),
        odd=tuple(replace(each, source=source) for each in read.odd),
    )


def _recognised(payload: bytes, name: str) -> _Reading:
    payload = as_utf8(payload, name)
    other = other_format(payload)
    if other is not None:
        raise refused(name, found=other.name, expected=other.instead)
    start = payload[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _xml(payload, start, name)
    if start.startswith(b"{"):
        return _Reading("ClinicalTrials.gov JSON", "ClinicalTrials.gov", lambda _: _page(payload))
    return _text(decode(payload, name), name)


def _xml(payload: bytes, start: bytes, name: str) -> _Reading:
    if f"<{ARTICLE_SET}".encode() in start:
        return _Reading("PubMed XML", "PubMed", lambda _: _articles(payload))
    if f"<{ICTRP_ROOT}".encode() in start:
        return _Reading("ICTRP XML", "ICTRP", lambda source: read_ictrp(payload, name, source))
    if b"<xml" in start and b"<records" in start:
        return _Reading("EndNote XML", None, lambda source: read_endnote(payload, name, source))
    raise refused(name, found="XML of no known kind", expected=KNOWN)


def _articles(payload: bytes) -> Read:
    page = read_articles(payload)
    return Read(page.records, odd=page.odd)


def _page(payload: bytes) -> Read:
    """Read a page of the register's interface, if it is the only one."""
    page = read_page(payload)
    if page.next_token is not None or page.total not in (None, len(page.found)):
        found = f"{len(page.found)} of {page.total or 'more'} studies"
        raise unreadable("studies", found=found, expected="all of them in one file")
    return Read(page.records, odd=page.odd)


def _text(text: Text, name: str) -> _Reading:
    body, origin = text.text, _origin(text.text)
    if _RIS.search(body):
        return _Reading("RIS", origin, lambda source: read_ris(body, name, source), text.notes)
    if _NBIB.match(body):
        return _Reading("nbib", origin, lambda source: read_nbib(body, name, source), text.notes)
    if is_euctr(body):
        who = "EU Clinical Trials Register"
        return _Reading("EUCTR text", who, lambda src: read_euctr(body, name, src), text.notes)
    if is_table(body):
        return _Reading("table", origin, lambda source: read_table(body, name, source), text.notes)
    columns = column_names(body)
    if len(columns) > 1 and all(0 < len(each.strip()) <= _LONGEST_NAME for each in columns):
        found = f"a table without a column of titles (it has {', '.join(columns[:8])})"
        raise refused(f"{name}, line 1", found=found, expected=f"a column Title, or {KNOWN}")
    raise refused(name, found="a file of no known kind", expected=KNOWN)


def _origin(text: str) -> str | None:
    return next((name for name, mark in _ORIGINS.items() if mark.search(text)), None)


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


def _oddities(held: tuple[Record, ...], kept: tuple[Record, ...]) -> list[str]:
    """Say what is odd of the records themselves: repeats, and none with a title."""
    said = []
    if len(kept) < len(held):
        repeats = f"{len(held) - len(kept)} of {len(held)} records"
        said.append(f"{repeats} are equal to another in all that is read, and were taken once")
    untitled = sum(record.title == NO_TITLE for record in kept)
    if untitled:
        said.append(f"{untitled} of {len(kept)} records have no title")
    return said
