"""Tables of records: CSV with comma, semicolon, bar or tab, or a sheet, by the names of columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record
from extraction.readers.dialects import dialect_of
from extraction.readers.europepmc import PREPRINT, PREPRINTS
from extraction.readers.ictrp import FIELDS_OF_ICTRP, WEEKLY_COLUMNS, record_of_fields
from extraction.readers.named_columns import Dialect, key_of, like_a_title, slot_of
from extraction.readers.noted import Noted, Unread
from extraction.readers.payload import shown
from extraction.readers.text import Read, lines, unended
from extraction.readers.written import (
    OF_PUBMED,
    Spot,
    WrittenRecord,
    medline_numbers,
    note_number,
    record_of,
)

# "Journal (2014) 3:3 (152-160). Date of Publication: 2014", as Embase writes a source.
_SOURCE = re.compile(r"(?P<journal>.+?) \((?P<year>\d{4})\) (?P<volume>[^: ]+):(?P<issue>[^ ]+)"
                     r"(?: \((?P<pages>[^)]+)\))?\..*", re.S)  # fmt: skip
# "Fict Neurol. 2025 Apr 3;12(4):100-108. doi: 10.5555/x.", as PubMed cites.
_CITED = re.compile(r".+?\. (?P<date>\d{4}[^;]*);(?P<volume>[^():;]*)(?:\((?P<issue>[^)]*)\))?"
                    r":(?P<pages>[^.]+)\..*", re.S)  # fmt: skip
_WITH_INITIALS = re.compile(r".+ (?:[^\W\d_]\.?-?){1,4}")
_FAMILY_FIRST = re.compile(r"[^,]+, [^,]+")
_FORMULA = re.compile(r'="(.*)"', re.S)  # a spreadsheet keeps the text of a cell as it is by that
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.I)
_KIND_BEFORE = re.compile(r"(?:[A-Z][A-Z_]+|[A-Z][a-z]+(?: [A-Z][a-z]+)?): ")

_DELIMITERS = "\t;,|"
LONGEST_CELL = 100_000_000  # signs: more than any file that is taken in has
_LONGEST_NAME = 60  # of a column; prose has commas too
_PREAMBLE_LINES = 20  # some platforms write the search above the table
_LISTS = frozenset(
    {
        Spot.LANGUAGE,
        Spot.TYPE,
        Spot.CONDITION,
        Spot.INTERVENTION,
        Spot.ARM,
    }
)
# Of these every filled column counts; of all others the first.
_MANY = _LISTS | {
    *(
        Spot.ABSTRACT,
        Spot.DOI,
        Spot.PMID,
        Spot.PMCID,
        Spot.ADDRESS,
        Spot.REMARK,
        Spot.DATABASE,
    ),
    *(
        Spot.OWN_NUMBER,
        Spot.OTHER_NUMBERS,
        Spot.HELD_FROM_REGISTER,
        Spot.DESIGN,
        Spot.REFERENCES,
    ),
    *(
        Spot.LEFT,
        Spot.SHOWN,
        Spot.PUBLISHED,
        Spot.REGISTERED,
        Spot.MONTH,
        Spot.DAY,
        Spot.YEAR,
    ),
}
_IDS = {
    Spot.PMID: identifiers.pmid,
    Spot.PMCID: identifiers.pmcid,
    Spot.DOI: identifiers.doi,
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column by its name, where it goes, and its place among others that go there."""

    at: int
    name: str
    slot: Spot | None
    place: int = 0
    label: str | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """The line of column names: where it is, what parts it, where each column goes."""

    line: int
    delimiter: str
    names: tuple[str, ...]
    columns: tuple[_Column, ...] = ()
    dialect: Dialect | None = None

    @property
    def known(self) -> int:
        """How many columns go somewhere."""
        return sum(each.slot is not None for each in self.columns)

    @property
    def has_title(self) -> bool:
        """Whether a column holds titles."""
        return any(each.slot in (Spot.TITLE, Spot.OFFICIAL_TITLE) for each in self.columns)


@dataclass(slots=True)
class _Reading:
    """A table being read, and what is noted of it."""

    name: str
    header: _Header
    noted: Noted = field(default_factory=Noted)
    unread: Unread = field(default_factory=Unread)
    marks: list[str] = field(default_factory=list)


def is_table(text: str) -> bool:
    """Whether a text begins with a line of column names, a title's among them."""
    return _header(text) is not None


def table_of(text: str) -> tuple[str | None, str | None]:
    """Name the program that wrote a table, and the database, where the columns tell."""
    header = _header(text)
    dialect = header.dialect if header is not None else None
    return (dialect.name, dialect.origin) if dialect is not None else (None, None)


def column_names(text: str) -> tuple[str, ...]:
    """Return the columns that the first line would have, for a message."""
    first = next((line for line in lines(text) if line.strip()), "")
    return _cells(first, max(_DELIMITERS, key=first.count))


def read_table(text: str, name: str, source: str) -> Read:
    """Read every row; raise UnreadablePayload naming the first line that does not fit."""
    header = _header(text)
    if header is None:
        raise unreadable(name, found="no column of titles", expected="one")
    reading = _Reading(name, header)
    _check_header(header, f"{name}, line {header.line}")
    if header.line > 1:
        said = f"left out above the column names: {header.line - 1} line(s)"
        reading.noted.add("above", said)
    records = tuple(_records(reading, text, source))
    notes = (*reading.noted.notes(), *reading.unread.notes(), *unended(text, records))
    return Read(records, notes, marks=tuple(reading.marks))


def _records(reading: _Reading, text: str, source: str) -> Iterator[Record]:
    """Read each row; ICTRP's tables hold the fields of its XML."""
    dialect = reading.header.dialect
    of_ictrp = dialect is not None and dialect.name == "ICTRP"
    for where, cells in _rows(reading, text):
        written = _written(reading, where, cells)
        if of_ictrp:
            fields = _fields_of_ictrp(reading.header, cells)
            record = record_of_fields(fields, where, source, everything=written.everything)
        else:
            record = record_of(written, source)
            _count_other_title(reading, written, record)
            note_number(written, record, where, reading.noted)
        reading.marks.append(written.mark)
        reading.unread.abstracts += record.abstract is not None
        yield record


def _count_other_title(reading: _Reading, written: WrittenRecord, record: Record) -> None:
    """Count the title that is not the record's, of a table whose program is not known."""
    for each in reading.header.columns if reading.header.dialect is None else ():
        if each.slot in (Spot.TITLE, Spot.OFFICIAL_TITLE):
            other = written.one(each.slot)
            if other is not None and other != record.title:
                reading.unread.add(each.name, other)


# ---- the line of column names --------------------------------------------------------------------


def _header(text: str) -> _Header | None:
    """Find the header: the first line that names a title, alone only where nothing is above it."""
    above = False
    for number, line in enumerate(_first_lines(text), start=1):
        if not line.strip():
            continue
        found = max(
            (header_of(_cells(line, each), number, each) for each in _DELIMITERS),
            key=lambda header: (header.known, len(header.names)),
        )
        if found.has_title and not (above and len(found.names) < 2):
            return found
        above = True
    return _weekly(text)


def _weekly(text: str) -> _Header | None:
    """Know ICTRP's weekly table, which may come without the names of its columns."""
    cells = _cells(next(iter(_first_lines(text)), ""), ",")
    if len(cells) == len(WEEKLY_COLUMNS) and identifiers.register_id(cells[0]) is not None:
        return header_of(WEEKLY_COLUMNS, 0, ",")
    return None


def _first_lines(text: str) -> list[str]:
    """Return the lines that may hold the header, without splitting a large file."""
    return lines(text[:_HEADER_SIGNS])[:_PREAMBLE_LINES]


_HEADER_SIGNS = 200_000


def header_of(names: Sequence[str], line: int, delimiter: str) -> _Header:
    """Say where each column goes; of no dialect, the one that speaks of a title is it."""
    dialect = dialect_of(names)
    columns = tuple(_column(at, name, dialect) for at, name in enumerate(names))
    header = _Header(line, delimiter, tuple(names), columns, dialect)
    names_alone = len(names) > 1 and all(len(each) <= _LONGEST_NAME for each in names)
    guessed = like_a_title(names) if names_alone and not header.has_title else None
    if guessed is None:
        return header
    return replace(
        header,
        columns=tuple(
            replace(each, slot=Spot.TITLE) if each.name == guessed else each for each in columns
        ),
    )


def _column(at: int, name: str, dialect: Dialect | None) -> _Column:
    label = dialect.labels.get(key_of(name)) if dialect is not None else None
    slot = slot_of(name, dialect)
    if slot is None:
        return _Column(at, name.strip(), None)
    return _Column(at, name.strip(), slot[0], slot[1], label)


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(iter(csv.reader([line], delimiter=delimiter)), ()))
    except csv.Error:  # a cell longer than any name
        return ()


def _check_header(header: _Header, where: str) -> None:
    """Refuse a column that is there twice where it matters which of the two is read."""
    seen = Counter(" ".join(each.name.lower().split()) for each in header.columns)
    for each in header.columns:
        twice = seen[" ".join(each.name.lower().split())] > 1
        if twice and each.slot is not None and each.slot not in _MANY:
            found = f"the column '{each.name}' ({each.slot}) more than once"
            raise unreadable(where, found=found, expected="each column once")


# ---- rows ----------------------------------------------------------------------------------------


def _rows(reading: _Reading, text: str) -> Iterator[tuple[str, list[str]]]:
    header, name = reading.header, reading.name
    body = StringIO("\n".join(lines(text)[header.line :]), newline="")
    csv.field_size_limit(LONGEST_CELL)  # beyond it a cell is odd, and the others are still read
    reader = csv.reader(body, delimiter=header.delimiter, strict=True)
    begins = header.line + 1
    try:
        for cells in reader:
            where = f"{name}, line {begins}"
            begins = header.line + reader.line_num + 1
            if tuple(cells) == header.names:
                reading.noted.add("column names", f"{where}: left out, the column names again")
            elif any(cell.strip() for cell in cells):
                cells = _without_last(cells, header)
                _check_width(cells, header, where)
                _doubt(reading, cells, where)
                yield where, cells
    except csv.Error as error:
        found = f"{error}, in the row that begins here"
        expected = "a whole row; it is cut off, or a quotation mark is not closed"
        raise unreadable(f"{name}, line {begins}", found=found, expected=expected) from error


def _without_last(cells: list[str], header: _Header) -> list[str]:
    """Leave out an empty cell at the end: Web of Science writes one there, without a name."""
    ended = len(cells) == len(header.names) + 1 and header.delimiter == "\t" and not cells[-1]
    return cells[:-1] if ended else cells


def _check_width(cells: Sequence[str], header: _Header, where: str) -> None:
    if len(cells) != len(header.names):
        found, expected = f"{len(cells)} cells", f"the {len(header.names)} of the header"
        raise unreadable(where, found=found, expected=expected)


def _doubt(reading: _Reading, cells: Sequence[str], where: str) -> None:
    """Say where a cell holds a line that looks like a row: a quotation mark may be left open."""
    width = len(reading.header.names)
    for cell in cells:
        for piece in lines(cell)[1:] if width > 3 and "\n" in cell or "\r" in cell else ():
            if piece.count(reading.header.delimiter) >= width - 1:
                reading.noted.add(
                    "rows within a cell",
                    f"{where}: a cell holds a line that looks like a row of its own; please see"
                    f" whether a quotation mark was left open: {shown(piece)}",
                )


# ---- what a row says -----------------------------------------------------------------------------


def _written(reading: _Reading, where: str, cells: Sequence[str]) -> WrittenRecord:
    """Put each cell where its column goes, and count those that go nowhere."""
    dialect = reading.header.dialect
    written = WrittenRecord(day_is_first=dialect is None or dialect.day_is_first)
    filled = [
        (column, text)
        for column in reading.header.columns
        if (text := plain_cell(cells[column.at], dialect))
    ]
    for column, text in filled:
        written.write(column.name, text)
    taken: dict[Spot, str] = {}
    for column, text in sorted(filled, key=lambda each: each[0].place):
        if column.slot is None:
            reading.unread.add(column.name, text)
        else:
            _take(reading, written, column, text, taken)
            _check_number(reading, where, column, text)
    _complete(written, dialect)
    return written


def plain_cell(cell: str, dialect: Dialect | None) -> str:
    """Return a cell's text: without a spreadsheet's formula around it, or a word for nothing."""
    text = cell.strip()
    formula = _FORMULA.fullmatch(text)
    text = formula[1].strip() if formula is not None else text
    return "" if dialect is not None and text in dialect.nothing else text


def _take(
    reading: _Reading,
    written: WrittenRecord,
    column: _Column,
    text: str,
    taken: dict[Spot, str],
) -> None:
    slot, dialect = column.slot, reading.header.dialect
    assert slot is not None
    if column.label is not None and slot is not Spot.SHOWN:
        written.add(Spot.SHOWN, text, column.label)
    if slot in taken and slot not in _MANY:
        if dialect is None and text != taken[slot]:
            reading.unread.add(column.name, text)
        return
    taken[slot] = text
    for each in _parts(slot, text, dialect):
        written.add(slot, each, column.label or "")


def _check_number(reading: _Reading, where: str, column: _Column, text: str) -> None:
    """Say where a column of numbers holds none: a spreadsheet spoils long ones."""
    read = _IDS.get(column.slot) if column.slot is not None else None
    if read is not None and read(text) is None:
        kind = f"no {column.slot.upper() if column.slot else ''} in its column"
        reading.noted.add(kind, f"{where}: '{column.name}' holds {shown(text)}, which is none")


def _parts(slot: Spot, text: str, dialect: Dialect | None) -> Iterator[str]:
    if slot is Spot.AUTHORS:
        yield from _authors(text, dialect.authors_by if dialect is not None else None)
    elif slot in _LISTS:
        for each in listed(text):
            plain = dialect is not None and dialect.kinds_before and slot is Spot.INTERVENTION
            yield _KIND_BEFORE.sub("", each, count=1) if plain else each
    else:
        yield text


def listed(text: str) -> list[str]:
    """Return the parts of a list: by line breaks of HTML where it has some, bars, or semicolons."""
    if _BREAK.search(text):
        pieces = [each.strip().rstrip(";") for each in _BREAK.split(text)]
    else:
        pieces = text.split("|" if "|" in text else ";")
    return [each.strip() for each in pieces if each.strip()]


def _authors(text: str, by: str | None) -> Iterator[str]:
    """Names are parted by semicolons; else as the dialect does, or by commas after initials."""
    names = [each.strip() for each in text.rstrip(". ;").split(";") if each.strip()]
    if len(names) == 1 and by is not None:
        names = [each.strip() for each in names[0].split(by) if each.strip()]
    if len(names) == 1:
        names = _unglued(names[0])
    yield from names


def _unglued(text: str) -> list[str]:
    joined = [each.strip() for each in text.split(" and ")]
    if len(joined) > 1 and all(_FAMILY_FIRST.fullmatch(each) for each in joined):
        return joined
    barred = [each.strip() for each in text.split("|") if each.strip()]
    if len(barred) > 1:
        return barred
    pieces = [each.strip() for each in text.split(", ")]
    if len(pieces) > 1 and all(_WITH_INITIALS.fullmatch(each) for each in pieces):
        return pieces
    return [text]


def _complete(written: WrittenRecord, dialect: Dialect | None) -> None:
    """Take apart what stands in one cell: Embase's source, PubMed's citation, its number's kind."""
    source = _SOURCE.fullmatch(written.one(Spot.JOURNAL) or "")
    if source is not None:
        written.values[Spot.JOURNAL] = [source["journal"]]
        _fill(written, source, {"year": Spot.YEAR})
    cited = _CITED.fullmatch(written.one(Spot.CITATION) or "")
    if cited is not None:
        _fill(written, cited, {"date": Spot.PUBLISHED})
    completing = _COMPLETING.get(dialect.name) if dialect is not None else None
    if completing is not None:
        completing(written)


def _of_europe_pmc(written: WrittenRecord) -> None:
    """Its number has a meaning with its source alone: PubMed's, or that of a preprint."""
    number = " ".join(written.all(Spot.ACCESSION)[:1])
    database = written.one(Spot.DATABASE) or ""
    if number and database == "MED":
        written.add(Spot.PMID, number)
    if database == PREPRINTS and "preprint" not in map(str.casefold, written.all(Spot.TYPE)):
        written.add(Spot.TYPE, PREPRINT)
    written.values[Spot.ACCESSION] = [f"{database}:{number}"] if number and database else []


def _of_refworks(written: WrittenRecord) -> None:
    if any(map(OF_PUBMED.search, written.all(Spot.DATABASE))):
        numbers = medline_numbers(written.all(Spot.ACCESSION), written.all(Spot.ADDRESS))
        written.values[Spot.PMID] = [*written.all(Spot.PMID), *numbers]


_COMPLETING: Mapping[str, Callable[[WrittenRecord], None]] = {
    "Europe PMC": _of_europe_pmc,
    "RefWorks": _of_refworks,
}


def _fill(written: WrittenRecord, found: re.Match[str], more: dict[str, Spot]) -> None:
    """Put the parts of a citation where no column of theirs is filled."""
    parts = {
        "volume": Spot.VOLUME,
        "issue": Spot.ISSUE,
        "pages": Spot.PAGES,
        **more,
    }
    printed = written.one(Spot.FIRST_PAGE, Spot.PAGES) is not None
    for name, slot in parts.items():
        if found[name] and not written.all(slot) and not (slot is Spot.PAGES and printed):
            written.add(slot, found[name].strip())


def _fields_of_ictrp(header: _Header, cells: Sequence[str]) -> dict[str, str]:
    """Return the fields of ICTRP's XML that a row of one of its tables holds."""
    named = ((FIELDS_OF_ICTRP.get(key_of(each.name)), cells[each.at]) for each in header.columns)
    return {field: cell for field, cell in named if field is not None}
