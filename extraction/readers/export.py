"""Exports of hand-run sources: recognised by what they hold, read whole or refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from extraction.errors import ExtractionError, refused
from extraction.model import Record
from extraction.readers.bibtex import is_bibtex, read_bibtex
from extraction.readers.by_rows import is_by_rows, turned
from extraction.readers.ctgov_download import read_download
from extraction.readers.elements import unknown_elements
from extraction.readers.endnote import read_endnote
from extraction.readers.euctr import is_euctr, read_euctr
from extraction.readers.euctr_protocol import is_protocol, read_protocols
from extraction.readers.europepmc import WHAT as EUROPE_PMC
from extraction.readers.europepmc_download import ROOT as EUROPE_PMC_ROOT
from extraction.readers.europepmc_download import is_europepmc, read_json_answer, read_xml_answer
from extraction.readers.foreign import KNOWN, other_format, other_text
from extraction.readers.ictrp import ROOT as ICTRP_ROOT
from extraction.readers.ictrp import read_ictrp, within
from extraction.readers.idlist import is_id_list, read_id_list
from extraction.readers.isrctn import ROOT as ISRCTN_ROOT
from extraction.readers.nbib import read_nbib
from extraction.readers.noted import Noted
from extraction.readers.odd import OddRecord
from extraction.readers.payload import forbidden_signs
from extraction.readers.pubmed import ARTICLE_SET, read_articles
from extraction.readers.pubmed_record import ELEMENTS
from extraction.readers.register_download import is_ctis, read_ctis, read_isrctn
from extraction.readers.ris import read_ris
from extraction.readers.table import column_names, is_table, read_table, table_of
from extraction.readers.tagged import (
    OVID_LABELLED,
    OVID_TAGGED,
    REFER,
    REFWORKS,
    WEB_OF_SCIENCE,
    TaggedFormat,
    read_tagged,
)
from extraction.readers.text import NO_TITLE, Read, Text, as_utf8, decode, digest, identity
from extraction.readers.workbook import is_workbook, sheets_of

CLOSED = ("XML", "JSON")
_SET = ARTICLE_SET.encode()
_RIS = re.compile(r"^[ \t]*TY[ \t\xa0]{0,3}-", re.M)
_NBIB = re.compile(r"\A\s*(?:PMID|OWN)\s{0,2}- ")
# Formats of tagged lines, by how each begins, and the database that it is of.
_TAGGED: tuple[tuple[re.Pattern[str], TaggedFormat, str | None], ...] = (
    (re.compile(r"\A\s*FN [^\r\n]+\s+VR ", re.M), WEB_OF_SCIENCE, "Web of Science"),
    (re.compile(r"\A\s*<\d+\. ?>"), OVID_TAGGED, "Ovid"),
    (re.compile(r"\A\s*<\d+>\s"), OVID_LABELLED, "Ovid"),
    (re.compile(r"^RT [A-Z][^\r\n]*[\r\n]+(?:SR|ID|A1|T1) ", re.M), REFWORKS, None),
    (re.compile(r"\A\s*%[0A-Z] [^\r\n]*[\r\n]+%[0-9A-Z@~] ", re.M), REFER, None),
)
_LOOKED_AT = 5_000
_ORIGIN_SIGNS = 300_000
_LONGEST_NAME = 60  # of a column; prose has commas too
# Who wrote a file, by what only they write. Ovid and ProQuest are platforms of many databases.
_ORIGINS = {
    "Ovid": re.compile(r"\bovidsp\b|\bovidweb\b|\bOvid Technologies\b", re.I),
    "ProQuest": re.compile(r"(?:search|www)\.proquest\.com", re.I),
    "EBSCOhost": re.compile(r"^DP {2}- EBSCOhost|search\.ebscohost\.com", re.M),
    "CENTRAL": re.compile(r"^AN {2}- CN-\d", re.M),
    "Embase": re.compile(r"^DB {2}- Embase|www\.embase\.com", re.M),
    "Scopus": re.compile(r"^DB {2}- Scopus|www\.scopus\.com", re.M),
    "Web of Science": re.compile(r"^(?:AN|UT) {2}- WOS:|Clarivate", re.M),
    "PubMed": re.compile(r"^(?:DP {2}- NLM|DB {2}- PubMed|PMID- \d)|Medline/PubMed", re.M),
}
PLATFORMS = frozenset({"Ovid", "ProQuest", "EBSCOhost"})


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
    records = _told_apart(named, read.marks)
    return Export(
        records=records,
        dialect=reading.dialect,
        held=len(named) + len(read.odd),
        origin=reading.origin,
        closed=reading.dialect.endswith(CLOSED),
        warnings=(*reading.notes, *read.notes, *_oddities(named, records, reading.dialect)),
        odd=tuple(replace(each, source=source) for each in read.odd),
    )


def _recognised(payload: bytes, name: str) -> _Reading:
    payload = as_utf8(payload, name)
    if is_workbook(payload):
        return _workbook(payload, name)
    other = other_format(payload)
    if other is not None:
        raise refused(name, found=other.name, expected=other.instead)
    start = payload[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"<(?!\d)", start):
        return _xml(payload, start, name)
    if start.startswith((b"{", b"[")):
        return _json(payload)
    return _text(decode(payload, name), name)


def _json(payload: bytes) -> _Reading:
    if is_ctis(payload):
        return _Reading("CTIS JSON", "CTIS", lambda _: read_ctis(payload))
    if is_europepmc(payload):
        return _Reading(f"{EUROPE_PMC} JSON", EUROPE_PMC, lambda _: read_json_answer(payload))
    who = "ClinicalTrials.gov"
    return _Reading(f"{who} JSON", who, lambda _: read_download(payload))


def _workbook(payload: bytes, name: str) -> _Reading:
    """Read the one sheet that holds a table of records; the others are named."""
    sheets = sheets_of(payload, name)
    tables = [each for each in sheets if is_table(each.text)]
    if len(tables) != 1:
        found = f"a workbook with {len(tables)} sheets that hold a column of titles"
        named = ", ".join(f"'{each.name}'" for each in sheets)
        expected = f"one (its sheets are {named or 'empty'}); save the right one by itself"
        raise refused(name, found=found, expected=expected)
    (table,) = tables
    left = [f"'{each.name}' ({each.rows} rows)" for each in sheets if each is not table]
    notes = (f"not read, the sheets {', '.join(left)}",) if left else ()
    _, origin = table_of(table.text)
    return _Reading("workbook", origin, lambda src: read_table(table.text, name, src), notes)


def _xml(payload: bytes, start: bytes, name: str) -> _Reading:
    """Recognise XML; a sign that it forbids is left out of it, and said with its place."""
    sound = forbidden_signs(payload)
    reading = _sound_xml(sound.payload, start, name)
    noted = Noted()
    for place in sound.places:
        line = payload.count(b"\n", 0, place) + 1
        said = f"left out: a sign that XML forbids, line {line}{within(payload, place)}"
        noted.add("signs that XML forbids", said)
    return replace(reading, notes=(*reading.notes, *noted.notes()))


def _sound_xml(payload: bytes, start: bytes, name: str) -> _Reading:
    pubmed = _pubmed_set(payload, start)
    if pubmed is not None:
        return _Reading("PubMed XML", "PubMed", lambda _: _articles(pubmed))
    if f"<{ICTRP_ROOT}".encode() in start:
        return _Reading("ICTRP XML", "ICTRP", lambda source: read_ictrp(payload, name, source))
    if f"<{ISRCTN_ROOT}".encode() in start:
        return _Reading("ISRCTN XML", "ISRCTN", lambda _: read_isrctn(payload))
    if f"<{EUROPE_PMC_ROOT}".encode() in start:
        return _Reading(f"{EUROPE_PMC} XML", EUROPE_PMC, lambda _: read_xml_answer(payload))
    if b"<xml" in start and b"<records" in start:
        return _Reading("EndNote XML", None, lambda source: read_endnote(payload, name, source))
    raise refused(name, found="XML of no known kind", expected=KNOWN)


def _pubmed_set(payload: bytes, start: bytes) -> bytes | None:
    """Return PubMed's articles as a set: one may stand alone, or books in a set of their own."""
    alone = re.match(rb"(?:<[?!][^>]*>\s*)*<(Pubmed(?:Book)?Article)[\s>]", start)
    if alone is not None:
        article = payload[payload.index(b"<" + alone[1]) :].rstrip()
        return b"".join([b"<%b>" % _SET, article, b"</%b>" % _SET])
    if b"<PubmedBookArticleSet" in start:
        return payload.replace(b"PubmedBookArticleSet", _SET)
    return payload if b"<%b" % _SET in start else None


def _articles(payload: bytes) -> Read:
    page = read_articles(payload)
    return Read(page.records, unknown_elements(payload, ELEMENTS), odd=page.odd)


def _text(text: Text, name: str) -> _Reading:
    body = text.text
    for begins, form, origin in _TAGGED:
        if begins.search(body[:_LOOKED_AT]):
            return _tagged(text, name, form, origin)
    if _RIS.search(body):
        return _Reading("RIS", _origin(body), lambda src: read_ris(body, name, src), text.notes)
    if _NBIB.match(body):
        return _Reading("nbib", _origin(body), lambda src: read_nbib(body, name, src), text.notes)
    if is_protocol(body):
        return _Reading("EUCTR protocol", _EUCTR, lambda src: read_protocols(body, name, src),
                        text.notes)  # fmt: skip
    if is_euctr(body):
        return _Reading("EUCTR text", _EUCTR, lambda src: read_euctr(body, name, src), text.notes)
    return _bibtex_or_table(text, name)


_EUCTR = "EU Clinical Trials Register"


def _tagged(text: Text, name: str, form: TaggedFormat, origin: str | None) -> _Reading:
    def read(source: str) -> Read:
        return read_tagged(text.text, name, source, form)

    return _Reading(form.name, origin, read, text.notes)


def _bibtex_or_table(text: Text, name: str) -> _Reading:
    body = text.text
    if is_by_rows(body):
        text = replace(text, text=turned(body, name))
        body = text.text
    if is_bibtex(body):
        return _Reading(
            "BibTeX", _origin(body), lambda src: read_bibtex(body, name, src), text.notes
        )
    other = other_text(body)
    if other is not None:
        raise refused(name, found=other.name, expected=other.instead)
    if is_table(body):
        _, origin = table_of(body)
        return _Reading(
            "table", origin or _origin(body), lambda src: read_table(body, name, src), text.notes
        )
    if is_id_list(body):
        return _Reading(
            "list of numbers", None, lambda src: read_id_list(body, name, src), text.notes
        )
    columns = column_names(body)
    if len(columns) > 1 and all(0 < len(each.strip()) <= _LONGEST_NAME for each in columns):
        found = f"a table without a column of titles (it has {', '.join(columns[:8])})"
        raise refused(f"{name}, line 1", found=found, expected=f"a column Title, or {KNOWN}")
    raise refused(name, found="a file of no known kind", expected=KNOWN)


def _origin(text: str) -> str | None:
    """Tell who wrote a file by its first records: a search of all of a large one takes seconds."""
    start = text[:_ORIGIN_SIGNS]
    return next((name for name, mark in _ORIGINS.items() if mark.search(start)), None)


def _told_apart(records: tuple[Record, ...], marks: tuple[str, ...]) -> tuple[Record, ...]:
    """Keep one of records that are equal in all that is written; give others a key each.

    marks: of each record, a digest of what is written; none where the records hold it all.
    """
    written = marks or ("",) * len(records)
    different = dict.fromkeys(zip(records, written, strict=True))
    shared = Counter(record.source_id for record, _ in different)
    apart = [
        (record, mark)
        if shared[record.source_id] == 1
        else (_keyed(record, identity(record)), mark)
        for record, mark in different
    ]
    still = Counter(record.source_id for record, _ in apart)
    return tuple(
        record if still[record.source_id] == 1 else _keyed(record, (repr(record), mark))
        for record, mark in apart
    )


def _keyed(record: Record, parts: tuple[str | None, ...]) -> Record:
    return replace(record, source_id=f"{record.source_id}#{digest(parts)}")


def _oddities(held: tuple[Record, ...], kept: tuple[Record, ...], dialect: str) -> list[str]:
    """Say what is odd of the records themselves: repeats, and none with a title."""
    said = []
    if len(kept) < len(held):
        repeats = f"{len(held) - len(kept)} of {len(held)} records"
        said.append(f"{repeats} are equal to another in all that is written, and were taken once")
    untitled = sum(record.title == NO_TITLE for record in kept)
    if untitled and dialect != "list of numbers":
        said.append(f"{untitled} of {len(kept)} records have no title")
    return said
