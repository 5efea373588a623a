"""Workbooks of Excel (.xlsx) to tables as text: the sheets that hold one, the others by name."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO, StringIO

from lxml import etree

from extraction.errors import UnreadablePayload, refused, unreadable
from extraction.readers.payload import parse_xml

WORKBOOK = b"PK\x03\x04"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_BYTES = 500_000_000  # unpacked; a file of 25 MB that holds more is made to do harm
_COLUMN = re.compile(r"([A-Z]{1,3})\d+")
_MOST_COLUMNS = 16_384  # of a sheet
# Formats of numbers that are dates; the others are told by the letters of their pattern.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_PATTERN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BEFORE_FIRST = date(1899, 12, 30)  # Excel counts 1900 as a leap year
_BEFORE_1904 = date(1904, 1, 1)  # where a workbook of old Macintosh begins to count
# What reading a damaged archive, or a number in it, may raise.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError),
    *(ValueError, KeyError),
)
_LAST_DAY = 2_958_465  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its name, and its filled rows as lines of a table with commas."""

    name: str
    text: str
    rows: int


def is_workbook(payload: bytes) -> bool:
    """Whether a file is a workbook of Excel."""
    return payload.startswith(WORKBOOK) and b"xl/" in payload


def sheets_of(payload: bytes, name: str) -> tuple[Sheet, ...]:
    """Return the sheets that hold anything.

    Raises UnreadablePayload for a file that is cut off, RefusedPayload for one with a password.
    """
    try:
        with zipfile.ZipFile(BytesIO(payload)) as held:
            return _sheets(held, name)
    except _DAMAGED as error:
        raise unreadable(name, found=f"a workbook that cannot be opened ({error})",
                         expected="a whole one; it is cut off") from error  # fmt: skip
    except RuntimeError as error:  # what zipfile raises where a password is needed
        raise refused(name, found="a workbook with a password", expected="one without") from error


def _sheets(held: zipfile.ZipFile, name: str) -> tuple[Sheet, ...]:
    if sum(each.file_size for each in held.infolist()) > _MOST_BYTES:
        raise refused(name, found="a workbook of more than 500 MB", expected="a smaller one")
    book = _part(held, "xl/workbook.xml", name)
    if book is None:
        raise unreadable(name, found="a workbook without xl/workbook.xml", expected="a whole one")
    targets = _targets(held, name)
    settings = book.find(f"{_MAIN}workbookPr")
    begins = _BEFORE_FIRST
    if settings is not None and settings.get("date1904") in ("1", "true"):
        begins = _BEFORE_1904
    reading = _Cells(_strings(held, name), _date_styles(held, name), begins)
    found = []
    for each in book.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        tree = _part(held, targets.get(each.get(_RELATION) or "", ""), name)
        if tree is not None:
            found.append(_sheet(each.get("name") or "", tree, reading))
    return tuple(each for each in found if each.rows)


def _part(held: zipfile.ZipFile, path: str, name: str) -> etree._Element | None:
    """Return a part of the workbook; None where there is none."""
    if path not in held.namelist():
        return None
    payload = held.read(path).replace(_STRICT.strip("{}").encode(), _MAIN.strip("{}").encode())
    try:
        return parse_xml(payload, path, root="a part of a workbook")
    except UnreadablePayload as error:
        raise unreadable(name, found=str(error), expected="a whole workbook") from error


def _targets(held: zipfile.ZipFile, name: str) -> Mapping[str, str]:
    relations = _part(held, "xl/_rels/workbook.xml.rels", name)
    found = {} if relations is None else {each.get("Id"): each.get("Target") for each in relations}
    return {
        id: target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        for id, target in found.items()
        if id and target
    }


def _strings(held: zipfile.ZipFile, name: str) -> tuple[str, ...]:
    tree = _part(held, "xl/sharedStrings.xml", name)
    return () if tree is None else tuple(_text(each) for each in tree.iterfind(f"{_MAIN}si"))


def _text(element: etree._Element) -> str:
    """Return the text of a cell, without the help for reading it aloud that Japanese ones have."""
    pieces = element.iterfind(f"{_MAIN}t"), element.iterfind(f"{_MAIN}r/{_MAIN}t")
    return "".join(each.text or "" for found in pieces for each in found)


def _date_styles(held: zipfile.ZipFile, name: str) -> frozenset[int]:
    """Return the styles of cells whose numbers are days."""
    tree = _part(held, "xl/styles.xml", name)
    if tree is None:
        return frozenset()
    own = {
        int(each.get("numFmtId") or 0): _NO_PATTERN.sub("", each.get("formatCode") or "").lower()
        for each in tree.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
    }
    days = _DATES | {number for number, pattern in own.items() if set(pattern) & {"y", "d"}}
    styles = tree.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    return frozenset(at for at, each in enumerate(styles) if int(each.get("numFmtId") or 0) in days)


@dataclass(frozen=True, slots=True)
class _Cells:
    """What the cells of a workbook refer to."""

    strings: tuple[str, ...]
    days: frozenset[int]
    begins: date

    def text(self, cell: etree._Element) -> str:
        """Return what a cell shows."""
        kind, inline = cell.get("t") or "n", cell.find(f"{_MAIN}is")
        if inline is not None:
            return _text(inline)
        value = cell.findtext(f"{_MAIN}v") or ""
        if kind == "s":
            at = int(value) if value.isdecimal() else -1
            return self.strings[at] if 0 <= at < len(self.strings) else ""
        return self._number(value, int(cell.get("s") or 0)) if kind == "n" and value else value

    def _number(self, value: str, style: int) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        if style in self.days and 0 < number <= _LAST_DAY:
            return (self.begins + timedelta(days=int(number))).isoformat()
        whole = number.is_integer() and abs(number) < 10**15
        return str(int(number)) if whole else value


def _sheet(name: str, tree: etree._Element, reading: _Cells) -> Sheet:
    rows = [row for each in tree.iter(f"{_MAIN}row") if any(row := list(_row(each, reading)))]
    width = max(map(len, rows), default=0)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return Sheet(name, out.getvalue(), len(rows))


def _row(row: etree._Element, reading: _Cells) -> Iterator[str]:
    """Give the cells of a row in their places; a sheet leaves out those that are empty."""
    at = 0
    for cell in row.iterfind(f"{_MAIN}c"):
        place = _place(cell.get("r") or "")
        while place is not None and at < place:
            at += 1
            yield ""
        at += 1
        yield reading.text(cell)


def _place(reference: str) -> int | None:
    found = _COLUMN.fullmatch(reference)
    if found is None:
        return None
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return min(place, _MOST_COLUMNS) - 1
