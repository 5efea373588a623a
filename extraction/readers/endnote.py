"""EndNote's XML export."""

from __future__ import annotations

from lxml import etree

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds
from extraction.readers.dates import year_in
from extraction.readers.payload import parse_xml, text_of
from extraction.readers.text import NO_TITLE, Read, author, lasting_id

_OF_PUBMED = frozenset({"nlm", "pubmed", "medline"})


def read_endnote(payload: bytes, name: str, source: str) -> Read:
    """Read every record; raise UnreadablePayload where the file is not whole or not EndNote's."""
    root = parse_xml(payload, name, root="xml")
    if root.find("records") is None:
        raise unreadable(name, found=f"the root {root.tag}", expected="xml with records")
    return Read(tuple(_record(each, source) for each in root.iterfind("records/record")))


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
    provider = {
        (_text(element, path) or "").lower()
        for path in ("remote-database-provider", "remote-database-name")
    }
    number = _text(element, "accession-num") or ""
    of_pubmed = provider & _OF_PUBMED
    texts = ("titles/title", "abstract", "notes", "accession-num")
    return RecordIds(
        pmid=identifiers.pmid(number) if of_pubmed else None,
        pmcid=identifiers.pmcid(_text(element, "custom2") or ""),
        doi=identifiers.doi(_text(element, "electronic-resource-num") or ""),
        register=identifiers.register_ids_in(_text(element, path) or "" for path in texts),
    )
