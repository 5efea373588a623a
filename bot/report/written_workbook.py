"""Tables as a workbook of Excel (.xlsx): numbers, instants and texts as what they are. Pure.

A text is never a formula, so that no spreadsheet runs one.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from math import isfinite
from xml.sax.saxutils import escape, quoteattr

from state.errors import BadInput

MOST_ROWS = 1_048_576  # of a sheet, its head among them
MOST_CHARACTERS = 32_767  # of a cell
CUT = " … [cut]"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BEGINS = datetime(1899, 12, 30, tzinfo=UTC)  # Excel counts 1900 as a leap year
_DAY_S = 86_400
_INSTANT, _BOLD = 1, 2  # the styles of cells; 0 is plain
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)
# What XML cannot hold is written as the format has it, and so is a text that looks so already.
_UNWRITABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
# No archive bears the time at which it was made: the same tables are the same bytes.
_ANY_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet to be written; a missing cell is None."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The bytes of a workbook, and the texts that no cell could hold whole, by where they stand."""

    body: bytes
    cut: tuple[str, ...]


def workbook_of(tables: Sequence[SheetTable]) -> Workbook:
    """Write tables as the sheets of a workbook; raise BadInput where a sheet cannot hold one."""
    cut: list[str] = []
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(tables, cut):
            part = zipfile.ZipInfo(name, date_time=_ANY_TIME)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, text)
    return Workbook(packed.getvalue(), tuple(cut))


def _parts(tables: Sequence[SheetTable], cut: list[str]) -> Iterator[tuple[str, str]]:
    sheets = [f"worksheets/sheet{at}.xml" for at in range(1, len(tables) + 1)]
    yield "[Content_Types].xml", _content_types(sheets)
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/workbook.xml", _book(tables)
    kinds = [*(("worksheet", each) for each in sheets), ("styles", "styles.xml")]
    yield "xl/_rels/workbook.xml.rels", _relations(kinds)
    yield "xl/styles.xml", _STYLES
    for place, table in zip(sheets, tables, strict=True):
        yield f"xl/{place}", _sheet(table, cut)


def _content_types(sheets: Iterable[str]) -> str:
    parts = {"workbook.xml": "sheet.main", "styles.xml": "styles"}
    parts |= dict.fromkeys(sheets, "worksheet")
    named = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{_PART}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    named = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{named}</Relationships>'


def _book(tables: Sequence[SheetTable]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(each.name)} sheetId="{at}" r:id="rId{at}"/>'
        for at, each in enumerate(tables, start=1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
    )


def _sheet(table: SheetTable, cut: list[str]) -> str:
    if len(table.rows) >= MOST_ROWS:
        raise BadInput(
            f"{table.name}: found {len(table.rows)} rows, expected fewer than {MOST_ROWS}: a"
            " workbook holds no more; --format parquet does"
        )
    named = "".join(f'<c s="{_BOLD}" t="inlineStr">{_held(each)}</c>' for each in table.columns)
    lines = "".join(_line(table, at, cut) for at in range(len(table.rows)))
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{frozen}'
        f"</sheetView></sheetViews><sheetData><row>{named}</row>{lines}</sheetData></worksheet>"
    )


def _line(table: SheetTable, at: int, cut: list[str]) -> str:
    places = (f"{table.name}, row {at + 2}, {column}" for column in table.columns)
    cells = (_cell(*each, cut) for each in zip(places, table.rows[at], strict=True))
    return f"<row>{''.join(cells)}</row>"


def _cell(place: str, found: object, cut: list[str]) -> str:
    match found:
        case None:
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{found:d}</v></c>'
        case datetime():
            days = (found - _BEGINS).total_seconds() / _DAY_S
            return f'<c s="{_INSTANT}"><v>{days!r}</v></c>'
        case int() | float() if isfinite(found):
            return f"<c><v>{found!r}</v></c>"
    return f'<c t="inlineStr">{_held(_fitting(place, str(found), cut))}</c>'


def _fitting(place: str, text: str, cut: list[str]) -> str:
    """Return as much of a text as a cell holds, which counts as UTF-16 does."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MOST_CHARACTERS:
        return text
    cut.append(f"{place}: {len(text)} characters")
    return units[: 2 * (MOST_CHARACTERS - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _held(text: str) -> str:
    """Write a text as the inside of a cell; spaces at its ends stay."""
    escaped = escape(
        _UNWRITABLE.sub(lambda each: f"_x{ord(each[0]):04X}_", text), {"\r": "_x000D_"}
    )
    return f'<is><t xml:space="preserve">{escaped}</t></is>'
