"""Tables of records: CSV with comma or semicolon, or tabs, by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds
from extraction.readers.dates import year_in
from extraction.readers.text import NO_TITLE, author, lasting_id

_COLUMNS = {
    "title": ("title", "article title", "document title", "primary title", "ti"),
    "vernacular": ("original title",),
    "abstract": ("abstract", "notes abstract", "ab"),
    "authors": ("authors", "author names", "author(s)", "author", "first authors", "au"),
    "journal": (
        *("journal", "journal/book", "source title", "publication title", "publicationname"),
        *("secondary title", "source"),
    ),
    "year": ("year", "publication year", "py"),
    "published": ("publication date", "date of publication"),
    "volume": ("volume", "vl"),
    "issue": ("issue", "number", "is"),
    "pages": ("pages", "page", "start page"),
    "language": ("language", "language of original document"),
    "type": ("publication type", "document type", "publication types"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id", "medline pmid", "pubmed pmid"),
    "pmcid": ("pmcid", "pmc id"),
    "accession": ("accession number", "embase accession id", "pui", "eid"),
    "register": ("clinical trial numbers", "trial registration", "trial id"),
}
# "Journal (2014) 3:3 (152-160). Date of Publication: 2014", as Embase writes a source.
_SOURCE = re.compile(r"(?P<journal>.+?) \((?P<year>\d{4})\) (?P<volume>[^: ]+):(?P<issue>[^ ]+)"
                     r"(?: \((?P<pages>[^)]+)\))?\..*", re.S)  # fmt: skip
_WITH_INITIALS = re.compile(r".+ (?:[^\W\d_]\.?-?){1,4}")

Row = Mapping[str, str]


def is_table(text: str) -> bool:
    """Whether a text begins with a line of column names, a title's among them."""
    return "title" in _named(_header(text))


def read_table(text: str, name: str, source: str) -> tuple[Record, ...]:
    """Read every row; raise UnreadablePayload naming the first line that does not fit."""
    return tuple(_record(row, source) for row in _rows(text, name))


def _header(text: str) -> list[str]:
    first = text.lstrip("\ufeff\r\n").partition("\n")[0].strip("\r")
    return next(iter(csv.reader([first], delimiter=_delimiter(first))), [])


def _delimiter(header: str) -> str:
    return max("\t;,", key=header.count)


def _named(header: Sequence[str]) -> dict[str, int]:
    """Return the column of each field, by the first of its names that the header has."""
    columns = {" ".join(each.lower().replace("_", " ").split()): n for n, each in enumerate(header)}
    found = {
        field: next((columns[each] for each in names if each in columns), None)
        for field, names in _COLUMNS.items()
    }
    return {field: column for field, column in found.items() if column is not None}


def _rows(text: str, name: str) -> Iterator[Row]:
    text = text.lstrip("\r\n")
    header = _header(text)
    columns = _named(header)
    delimiter = _delimiter(text.partition("\n")[0])
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(lines)
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _check_width(cells, header, f"{name}, line {lines.line_num}")
                yield {field: cells[column].strip() for field, column in columns.items()}
    except csv.Error as error:
        where = f"{name}, line {lines.line_num}"
        raise unreadable(where, found=str(error), expected="a whole row; it is cut off") from error


def _check_width(cells: Sequence[str], header: Sequence[str], where: str) -> None:
    if len(cells) != len(header):
        found, expected = f"{len(cells)} cells", f"the {len(header)} of the header"
        raise unreadable(where, found=found, expected=expected)


def _record(row: Row, source: str) -> Record:
    row = {**row, **_source(row)}
    authors = tuple(_authors(row.get("authors", "")))
    ids = RecordIds(
        pmid=identifiers.pmid(row.get("pmid", "")),
        pmcid=identifiers.pmcid(row.get("pmcid", "")),
        doi=identifiers.doi(row.get("doi", "")),
        register=identifiers.register_ids_in(
            row.get(field, "") for field in ("register", "title", "abstract")
        ),
    )
    published = row.get("published") or row.get("year") or None
    title, journal = row.get("title") or None, row.get("journal") or None
    return Record(
        source=source,
        source_id=lasting_id(
            row.get("accession") or None, ids, (title, published, *authors[:1], journal)
        ),
        title=title or NO_TITLE,
        abstract=row.get("abstract") or None,
        vernacular_title=row.get("vernacular") or None,
        authors=authors,
        journal=journal,
        volume=row.get("volume") or None,
        issue=row.get("issue") or None,
        pages=row.get("pages") or None,
        year=year_in(row.get("year") or published or ""),
        published_on=published,
        languages=_listed(row, "language"),
        publication_types=_listed(row, "type"),
        ids=ids,
    )


def _source(row: Row) -> Row:
    found = _SOURCE.fullmatch(row.get("journal", ""))
    if found is None:
        return {}
    return {
        field: text for field, text in found.groupdict().items() if text and not row.get(field)
    } | {"journal": found["journal"]}


def _listed(row: Row, field: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in row.get(field, "").split(";") if each.strip())


def _authors(text: str) -> Iterator[str]:
    """Names are parted by semicolons, or by commas where each ends in initials."""
    names = [each.strip() for each in text.rstrip(". ;").split(";") if each.strip()]
    if len(names) == 1:
        pieces = [each.strip() for each in names[0].split(", ")]
        if len(pieces) > 1 and all(_WITH_INITIALS.fullmatch(each) for each in pieces):
            names = pieces
    yield from (author(each) for each in names)
