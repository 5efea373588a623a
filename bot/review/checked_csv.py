"""Rows of a CSV text through a model of pydantic, or every fault with its line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import Fault
from bot.review.faults import Written, wrong_in

CheckedRow = TypeVar("CheckedRow", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CsvRow(Generic[CheckedRow]):
    """One row: the line on which it ends, its cells by column, and its values where they hold."""

    line: int
    cells: dict[str, str]
    values: CheckedRow | None


@dataclass(slots=True)
class CheckedCsv(Generic[CheckedRow]):
    """The rows of a CSV file, each checked against a model, and all that is wrong with them."""

    file: str
    text: str
    columns: tuple[str, ...]
    model: type[CheckedRow]
    context: object = None
    may_follow: tuple[str, ...] = ()  # columns after the others that may be left out
    faults: list[Fault] = field(init=False, default_factory=list)
    rows: list[CsvRow[CheckedRow]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [CsvRow(line, cells, self._checked(line, cells)) for line, cells in self._all()]

    def fault(self, line: int, place: str, found: str, expected: str) -> None:
        """Note a fault on a line."""
        self.faults.append(Fault(self.file, line, place, found, expected))

    def _checked(self, line: int, cells: dict[str, str]) -> CheckedRow | None:
        try:
            return self.model.model_validate(cells, context=self.context)
        except ValidationError as error:
            for each in wrong_in(error, Written(self.model, cells)):
                self.fault(line, each.place, each.found, each.expected)
            return None

    def _all(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Give the cells of each whole row by column, with its line."""
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        try:
            header = tuple(cell.strip() for cell in next(reader, []))
            if header not in (self.columns, (*self.columns, *self.may_follow)):
                self.fault(1, "columns", f"'{','.join(header)}'", f"'{','.join(self.columns)}'")
                return
            for cells in reader:
                if len(cells) == len(header):
                    stripped = (cell.strip() for cell in cells)
                    yield reader.line_num, dict(zip(header, stripped, strict=True))
                elif cells:
                    self.fault(reader.line_num, "row", f"{len(cells)} cells", f"{len(header)}")
        except csv.Error as error:
            self.fault(reader.line_num, "syntax", f"'{error}'", "CSV")
