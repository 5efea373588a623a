"""Rows of a CSV text by the names of its columns, each with its line, or what is wrong. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.faults import Fault


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `line` is where it begins to be of use to a person: its last line."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


class Rows:
    """The rows of a CSV file whose header is given; collects faults."""

    def __init__(self, file: str, text: str, columns: Sequence[str]) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._text = text
        self._columns = list(columns)

    def fault(self, line: int, place: str, found: str, expected: str) -> None:
        """Note a fault on a line."""
        self.faults.append(Fault(self.file, line, place, found, expected))

    def __iter__(self) -> Iterator[Row]:
        reader = csv.reader(io.StringIO(self._text, newline=""), strict=True)
        try:
            header = [cell.strip() for cell in next(reader, [])]
            if header != self._columns:
                expected = ",".join(self._columns)
                self.fault(1, "columns", f"'{','.join(header)}'", f"'{expected}'")
                return
            for cells in reader:
                if cells and self._whole(reader.line_num, cells):
                    stripped = (cell.strip() for cell in cells)
                    yield Row(reader.line_num, dict(zip(header, stripped, strict=True)))
        except csv.Error as error:
            self.fault(reader.line_num, "syntax", f"'{error}'", "CSV")

    def _whole(self, line: int, cells: list[str]) -> bool:
        if len(cells) == len(self._columns):
            return True
        self.fault(line, "row", f"{len(cells)} cells", f"{len(self._columns)}")
        return False
