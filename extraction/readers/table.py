"""Tables of records: CSV with comma or semicolon, or tabs, by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.dates import year_in
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, Read, author, lasting_id, lines, unended

_COLUMNS = {
    "title": (
        *("title", "article title", "document title", "primary title", "ti"),
        *("scientific title", "official title", "full title", "study title", "trial title"),
        *("title of the trial", "public title", "brief title"),
    ),
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
    "trial": (
        *("trialid", "trial id", "trial number", "ct number", "eu ct number", "eu trial number"),
        *("eudract number", "nct number", "jrct id", "registry id", "registration number"),
    ),
    "sponsor": ("primary sponsor", "sponsor", "sponsor name", "lead sponsor"),
    "status": ("recruitment status", "overall trial status", "study status", "overall status"),
    "condition": ("conditions", "condition", "medical conditions", "medical condition"),
    "intervention": ("interventions", "intervention"),
    "start": ("start date", "date enrollement"),
    "register": ("clinical trial numbers", "trial registration", "secondary id"),
}
# "Journal (2014) 3:3 (152-160). Date of Publication: 2014", as Embase writes a source.
_SOURCE = re.compile(r"(?P<journal>.+?) \((?P<year>\d{4})\) (?P<volume>[^: ]+):(?P<issue>[^ ]+)"
                     r"(?: \((?P<pages>[^)]+)\))?\..*", re.S)  # fmt: skip
_WITH_INITIALS = re.compile(r".+ (?:[^\W\d_]\.?-?){1,4}")

_DELIMITERS = "\t;,|"
LONGEST_CELL = 100_000_000  # signs: more than any file that is taken in has
_PREAMBLE_LINES = 20  # some platforms write the search above the table

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Header:
    """The line of column names: where it is, what parts it, which column holds which field."""

    line: int
    delimiter: str
    names: tuple[str, ...]
    columns: Mapping[str, int]


def is_table(text: str) -> bool:
    """Whether a text begins with a line of column names, a title's among them."""
    return _header(text) is not None


def column_names(text: str) -> tuple[str, ...]:
    """Return the columns that the first line would have, for a message."""
    first = next((line for line in lines(text) if line.strip()), "")
    return _cells(first, max(_DELIMITERS, key=first.count))


def read_table(text: str, name: str, source: str) -> Read:
    """Read every row; raise UnreadablePayload naming the first line that does not fit."""
    notes: list[str] = []
    records = tuple(_record(row, source) for row in _rows(text, name, notes))
    return Read(records, (*notes, *unended(text, records)))


def _header(text: str) -> _Header | None:
    """Find the header: the first line that names a title, alone only where nothing is above it."""
    above = False
    for number, line in enumerate(lines(text)[:_PREAMBLE_LINES], start=1):
        if not line.strip():
            continue
        found = max(
            (
                _Header(number, each, cells := _cells(line, each), _named(cells))
                for each in _DELIMITERS
            ),
            key=lambda header: (len(header.columns), len(header.names)),
        )
        if "title" in found.columns and not (above and len(found.names) < 2):
            return found
        above = True
    return None


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(iter(csv.reader([line], delimiter=delimiter)), ()))
    except csv.Error:  # a cell longer than any name
        return ()


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())


def _named(header: Sequence[str]) -> dict[str, int]:
    """Return the column of each field, by the first of its names that the header has."""
    columns = {_plain(each): place for place, each in reversed(list(enumerate(header)))}
    found = {
        field: next((columns[each] for each in names if each in columns), None)
        for field, names in _COLUMNS.items()
    }
    return {field: column for field, column in found.items() if column is not None}


def _rows(text: str, name: str, notes: list[str]) -> Iterator[Row]:
    header = _header(text)
    if header is None:
        raise unreadable(name, found="no column of titles", expected="one")
    _check_header(header, f"{name}, line {header.line}")
    if header.line > 1:
        notes.append(f"left out above the column names: {header.line - 1} line(s)")
    body = StringIO("\n".join(lines(text)[header.line :]), newline="")
    csv.field_size_limit(LONGEST_CELL)  # beyond it a cell is odd, and the others are still read
    reader = csv.reader(body, delimiter=header.delimiter, strict=True)
    begins = header.line + 1
    try:
        for cells in reader:
            where = f"{name}, line {begins}"
            begins = header.line + reader.line_num + 1
            if tuple(cells) == header.names:
                notes.append(f"{where}: left out, the column names again")
            elif any(cell.strip() for cell in cells):
                _check_width(cells, header, where)
                notes += _doubts(cells, header, where)
                yield {field: cells[at].strip() for field, at in header.columns.items()}
    except csv.Error as error:
        found = f"{error}, in the row that begins here"
        expected = "a whole row; it is cut off, or a quotation mark is not closed"
        raise unreadable(f"{name}, line {begins}", found=found, expected=expected) from error


def _check_header(header: _Header, where: str) -> None:
    """Refuse a column that is there twice where it matters which of the two is read."""
    seen = Counter(_plain(each) for each in header.names)
    for field, at in header.columns.items():
        if seen[_plain(header.names[at])] > 1:
            found = f"the column '{header.names[at]}' ({field}) more than once"
            raise unreadable(where, found=found, expected="each column once")


def _check_width(cells: Sequence[str], header: _Header, where: str) -> None:
    if len(cells) != len(header.names):
        found, expected = f"{len(cells)} cells", f"the {len(header.names)} of the header"
        raise unreadable(where, found=found, expected=expected)


def _doubts(cells: Sequence[str], header: _Header, where: str) -> Iterator[str]:
    """Say where a cell holds a line that looks like a row: a quotation mark may be left open."""
    width = len(header.names)
    for cell in cells:
        for piece in lines(cell)[1:]:
            if width > 3 and piece.count(header.delimiter) >= width - 1:
                yield (
                    f"{where}: a cell holds a line that looks like a row of its own; please see"
                    f" whether a quotation mark was left open: {shown(piece)}"
                )


def _record(row: Row, source: str) -> Record:
    return (
        _entry(row, source)
        if identifiers.register_id(row.get("trial", ""))
        else _article(row, source)
    )


def _entry(row: Row, source: str) -> Record:
    """Read a row of a register's own list: it is known by the register's number."""
    own = identifiers.register_key(row["trial"])
    others = identifiers.register_ids_in(row.get(field, "") for field in ("register", "title"))
    sponsor, start = row.get("sponsor"), row.get("start")
    return Record(
        source=source,
        source_id=own,
        title=row.get("title") or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        authors=(sponsor,) if sponsor else (),
        ids=RecordIds(register=tuple(dict.fromkeys([own, *others]))),
        entry=RegisterEntry(
            overall_status=row.get("status") or None,
            start_on=start or None,
            conditions=_listed(row, "condition"),
            interventions=_listed(row, "intervention"),
        ),
    )


def _article(row: Row, source: str) -> Record:
    filled = {name: text for name, text in {**row, **_source(row)}.items() if text}
    authors = tuple(_authors(filled.get("authors", "")))
    ids = _article_ids(filled)
    published = filled.get("published", filled.get("year"))
    title, journal = filled.get("title"), filled.get("journal")
    return Record(
        source=source,
        source_id=lasting_id(
            filled.get("accession"), ids, (title, published, *authors[:1], journal)
        ),
        title=title or NO_TITLE,
        abstract=filled.get("abstract"),
        vernacular_title=filled.get("vernacular"),
        authors=authors,
        journal=journal,
        volume=filled.get("volume"),
        issue=filled.get("issue"),
        pages=filled.get("pages"),
        year=year_in(filled.get("year", published or "")),
        published_on=published,
        languages=_listed(row, "language"),
        publication_types=_listed(row, "type"),
        ids=ids,
    )


def _article_ids(row: Row) -> RecordIds:
    named = (row.get(field, "") for field in ("register", "title", "abstract"))
    return RecordIds(
        pmid=identifiers.pmid(row.get("pmid", "")),
        pmcid=identifiers.pmcid(row.get("pmcid", "")),
        doi=identifiers.doi(row.get("doi", "")),
        register=identifiers.register_ids_in(named),
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
