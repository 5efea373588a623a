"""EndNote's XML export."""

from __future__ import annotations

import re

from lxml import etree

from extraction import identifiers
from extraction.errors import UnreadablePayload, unreadable
from extraction.model import Record, RecordIds
from extraction.readers.dates import year_in
from extraction.readers.noted import Unread
from extraction.readers.odd import MOST_ODD, read_each
from extraction.readers.payload import parse_xml, pieces_of, text_in_bytes, text_of
from extraction.readers.text import NO_TITLE, Read, author, digest, lasting_id
from extraction.readers.written import Spot, WrittenRecord, pubmed_number

_ACCESSION = re.compile(rb"<accession-num>(.*?)</accession-num>", re.S)
_OF_PUBMED = re.compile(r"\bnlm\b|pubmed|medline", re.I)
_KNOWN = frozenset(
    {
        *(
            "database",
            "alt-periodical",
            "source-app",
            "rec-number",
            "foreign-keys",
            "ref-type",
            "contributors",
        ),
        *("auth-address", "auth-affiliaton", "titles", "periodical", "pages", "volume", "number"),
        *("issue", "num-vols", "edition", "section", "reprint-edition", "reprint-status"),
        *("keywords", "dates", "pub-location", "publisher", "orig-pub", "isbn", "accession-num"),
        *("call-num", "report-id", "coden", "electronic-resource-num", "abstract", "label"),
        *("image", "caption", "notes", "research-notes", "work-type", "reviewed-item"),
        *("availability", "remote-source", "meeting-place", "work-location", "work-extent"),
        *("pack-method", "size", "repro-ratio", "remote-database-name", "remote-database-provider"),
        *("language", "urls", "access-date", "modified-date", "source", "electronic-resource"),
        *(f"custom{number}" for number in range(1, 9)),
        *(f"misc{number}" for number in range(1, 4)),
    }
)
_REMARKS = ("notes", "research-notes", "label")


def read_endnote(payload: bytes, name: str, source: str) -> Read:
    """Read every record; raise UnreadablePayload where the file is not whole or not EndNote's."""
    try:
        root = parse_xml(payload, name, root="xml")
    except UnreadablePayload as error:
        return _one_by_one(payload, error, source)
    if root.find("records") is None:
        raise unreadable(name, found=f"the root {root.tag}", expected="xml with records")
    unread, records, marks = Unread("element"), [], []
    for each in root.iterfind("records/record"):
        records.append(_record(each, source))
        marks.append(digest([etree.tostring(each, encoding="unicode")]))
        unread.abstracts += records[-1].abstract is not None
        for part in each:
            text = text_of(part) if part.tag not in _KNOWN else None
            if text:
                unread.add(str(part.tag), text)
    return Read(tuple(records), tuple(unread.notes()), marks=tuple(marks))


def _one_by_one(payload: bytes, error: UnreadablePayload, source: str) -> Read:
    """Read each record by itself where one of them is no sound XML; else raise the error.

    A record that cannot be read is named by its number there, or by its own bytes.
    """
    pieces = pieces_of(payload, "record", root="xml")
    if pieces is None:
        raise error

    def read(piece: bytes) -> Record:
        (element,) = parse_xml(pieces.whole(piece), "its XML", root="xml").findall("records/record")
        return _record(element, source)

    records, odd = read_each(pieces.held, read, _number_in_bytes, source=source)
    if not records or len(odd) > MOST_ODD:
        raise error
    return Read(records, odd=odd)


def _number_in_bytes(piece: bytes) -> str:
    found = _ACCESSION.search(piece)
    number = text_in_bytes(found[1]) if found is not None else ""
    return number or digest([piece.hex()])


def _record(element: etree._Element, source: str) -> Record:
    title, journal = _text(element, "titles/title"), _journal(element)
    found = [text_of(each) for each in element.findall("contributors/authors/author")]
    authors = tuple(author(each) for each in found if each)
    ids = _ids(element)
    year, day = _text(element, "dates/year"), _text(element, "dates/pub-dates/date")
    published = " ".join(part for part in (year, day) if part) or None
    kind = element.find("ref-type")
    return Record(
        source=source,
        source_id=lasting_id(
            _text(element, "accession-num"), ids, (title, published, *authors[:1], journal)
        ),
        title=title or NO_TITLE,
        abstract=_text(element, "abstract"),
        authors=authors,
        journal=journal,
        volume=_text(element, "volume"),
        issue=_text(element, "number"),
        pages=_text(element, "pages"),
        year=year_in(year or ""),
        published_on=published,
        languages=tuple(filter(None, (_text(element, "language"),))),
        publication_types=tuple(filter(None, (kind.get("name") if kind is not None else None,))),
        ids=ids,
    )


def _text(element: etree._Element, path: str) -> str | None:
    return text_of(element.find(path))


def _journal(element: etree._Element) -> str | None:
    return _text(element, "periodical/full-title") or _text(element, "titles/secondary-title")


def _ids(element: etree._Element) -> RecordIds:
    """An accession number is a PMID only where the record says that it is PubMed's."""
    providers = (
        _text(element, path) or "" for path in ("remote-database-provider", "remote-database-name")
    )
    number = _text(element, "accession-num") or ""
    of_pubmed = any(map(_OF_PUBMED.search, providers))
    remarked = WrittenRecord(
        {Spot.REMARK: [each for path in _REMARKS if (each := _text(element, path))]}
    )
    return RecordIds(
        pmid=(identifiers.pmid(number) if of_pubmed else None) or pubmed_number(remarked),
        pmcid=identifiers.pmcid(_text(element, "custom2") or ""),
        doi=identifiers.doi(_text(element, "electronic-resource-num") or ""),
        register=_register(element),
    )


def _register(element: etree._Element) -> tuple[str, ...]:
    """Return the register numbers in the record, those of its title and abstract first."""
    texts = [_text(element, path) or "" for path in ("titles/title", "abstract", "accession-num")]
    others = " | ".join(text_of(each) or "" for each in element)
    return identifiers.register_ids_in([*texts, others])
