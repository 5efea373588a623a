"""What is wrong with a review folder, so that a person can mend all of it in one go."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: file and line, the place by name, what was found and expected."""

    file: str
    line: int
    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}: {self.place}"
        return f"{where}: found {self.found}, expected {self.expected}"
