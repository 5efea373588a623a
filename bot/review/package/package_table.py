"""A table of a package: its cells by column, its numbers as they are written there. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from bot.errors import Fault, NotOfInterventions, PackageFaults
from bot.review.package.model import NotHeld

NOT_APPLICABLE = "#N/A"
_TRUE = {"true": True, "yes": True, "false": False, "no": False}
_CODED_AS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def refuse(file: str, line: int, place: str, found: str, expected: str) -> PackageFaults:
    """Return the error for one thing that is wrong in a package."""
    return PackageFaults([Fault(file, line, place, found, expected)])


def diagnostic(file: str, place: str, found: str) -> NotOfInterventions:
    """Return the error for a review of diagnostic tests."""
    return NotOfInterventions([Fault(file, 1, place, found, "a review of interventions")])


def decoded(file: str, content: bytes) -> str:
    """Return a text file's text; raise PackageFaults with the line where it is not UTF-8."""
    coded_as = next((name for mark, name in _CODED_AS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(coded_as)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse(file, line, "file", "bytes that are not UTF-8", "UTF-8") from error


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table with the line on which it ends; what is asked for by column is noted."""

    file: str
    number: int
    cells: Mapping[str, str]
    read: set[str] = field(compare=False)

    def text(self, column: str) -> str:
        """Return a cell as it stands; `#N/A` (does not apply) and no such column are nothing."""
        self.read.add(column)
        found = self.cells.get(column, "")
        return "" if found.strip() == NOT_APPLICABLE else found

    def word(self, column: str) -> str:
        """Return a cell without blanks about it."""
        return self.text(column).strip()

    def needed(self, column: str) -> str:
        """Return a cell that may not be empty."""
        found = self.word(column)
        if not found:
            raise self.wrong(column, "nothing", "a text")
        return found

    def number_of(self, column: str) -> float | None:
        """Return a number; None where the cell is empty or says that there is none."""
        try:
            return number(self.word(column))
        except ValueError as error:
            found = self.word(column)
            raise self.wrong(column, f"'{found}'", "a number such as 0.25 or 3.59E-4") from error

    def flag(self, column: str, *, otherwise: bool) -> bool:
        """Return true or false, as a cell says it."""
        found = self.word(column).casefold()
        if not found:
            return otherwise
        if found not in _TRUE:
            raise self.wrong(column, f"'{self.word(column)}'", "true or false")
        return _TRUE[found]

    def wrong(self, column: str, found: str, expected: str) -> PackageFaults:
        """Return the error for a cell of this row."""
        return refuse(self.file, self.number, column, found, expected)


def number(text: str) -> float | None:
    """Return a number as Java and JavaScript write it (100.0, 3.59E-4, NaN); None for none.

    Raises ValueError where it is none: a decimal comma is not guessed at.
    """
    if text in {"", "NaN", NOT_APPLICABLE}:
        return None
    if "_" in text:
        raise ValueError(text)
    found = float(text)
    return None if math.isnan(found) else found


@dataclass(slots=True)
class Table:
    """A CSV file of a package, read by the names of its columns."""

    file: str
    lines: list[Line]
    columns: tuple[str, ...]
    read: set[str]

    def unread(self) -> Iterator[NotHeld]:
        """Name the columns that nobody asked for, with how many of their cells say something."""
        for column in self.columns:
            if column not in self.read:
                filled = sum(1 for line in self.lines if line.cells[column].strip())
                if filled:
                    yield NotHeld(self.file, f"column '{column}'", filled)


def table(file: str, content: bytes, needed: Collection[str]) -> Table:
    """Read a CSV file; raise PackageFaults where it is no table or lacks a needed column."""
    reader = csv.reader(io.StringIO(decoded(file, content), newline=""), strict=True)
    read: set[str] = set()
    lines: list[Line] = []
    header: tuple[str, ...] = ()
    try:
        header = _header(file, next(reader, []), needed)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                found = f"{len(cells)} cells"
                raise refuse(file, reader.line_num, "row", found, f"{len(header)} as the header")
            lines.append(Line(file, reader.line_num, dict(zip(header, cells, strict=True)), read))
    except csv.Error as error:
        raise refuse(file, reader.line_num, "syntax", f"'{error}'", "CSV") from error
    return Table(file, lines, header, read)


def _header(file: str, cells: list[str], needed: Collection[str]) -> tuple[str, ...]:
    header = tuple(" ".join(cell.split()) for cell in cells)
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise refuse(file, 1, "columns", f"'{twice[0]}' twice", "each column once")
    missing = [name for name in needed if name not in header]
    if missing:
        shown = f"'{','.join(header)}'" if header else "nothing"
        raise refuse(file, 1, "columns", shown, f"a column '{missing[0]}'")
    return header
