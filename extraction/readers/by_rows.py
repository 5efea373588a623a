"""Embase's table "by row": a line for each field of a record, its name first, then its texts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from extraction.errors import unreadable
from extraction.readers.named_columns import key_of
from extraction.readers.text import lines

_TITLE = key_of("title")
# Names that stand at the beginning of lines; of a table of columns no two are below each other.
_NAMES = frozenset(
    map(
        key_of,
        (
            *("title", "author names", "author addresses", "source", "source title"),
            *("publication year", "publication type", "date of publication", "abstract", "doi"),
            *("medline pmid", "pui", "embase accession id", "volume", "issue", "first page"),
        ),
    )
)
_ENOUGH = 4  # names below each other
_LOOKED_AT = 200_000
_FIRST_LINES = 60

Fields = dict[str, list[str]]


def is_by_rows(text: str) -> bool:
    """Whether a text has the names of fields below each other."""
    seen = set()
    for line in lines(text[:_LOOKED_AT])[:_FIRST_LINES]:
        name, comma, _ = line.partition(",")
        if comma:
            seen.add(key_of(name.strip('" ')))
    return _TITLE in seen and len(seen & _NAMES) >= _ENOUGH


def turned(text: str, name: str) -> str:
    """Return the table with a column a field and a line a record; texts of one are parted by ";".

    Raises UnreadablePayload for a file that is cut within a text.
    """
    records = list(_records(text, name))
    names = list(dict.fromkeys(each for record in records for each in record))
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for record in records:
        writer.writerow("; ".join(record.get(each, ())) for each in names)
    return out.getvalue()


def _records(text: str, name: str) -> Iterator[Fields]:
    """Give the fields of each record: one ends where a name comes again."""
    record: Fields = {}
    for first, *texts in _rows(text, name):
        field = first.strip()
        if field in record:
            yield record
            record = {}
        if record or key_of(field) in _NAMES:
            record[field] = list(filter(None, texts))
    if record:
        yield record


def _rows(text: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        yield from (cells for cells in reader if cells and cells[0].strip())
    except csv.Error as error:
        found = f"{error}, in the row that ends here"
        expected = "a whole row; it is cut off, or a quotation mark is not closed"
        raise unreadable(
            f"{name}, line {reader.line_num}", found=found, expected=expected
        ) from error
