"""A TOML text through a model of pydantic: its values, or every fault with its line. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import Fault
from bot.review.faults import Path, Written, Wrong, named, wrong_in
from bot.review.toml_lines import TomlLines
from bot.review.wanted import Form

_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")

Page = TypeVar("Page", bound=BaseModel)


@dataclass(slots=True)
class TomlPage:
    """One file as text, what its parts are called, and what is wrong with it so far."""

    file: str
    text: str
    parts: Mapping[str, str]
    data: dict[str, Any] = field(init=False, default_factory=dict)
    faults: list[Fault] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        try:
            self.data = tomllib.loads(self.text)
        except ValueError as error:  # TOMLDecodeError is one; so is a number of too many digits
            where = _SYNTAX_LINE.search(str(error))
            last = self.text.count("\n") + 1
            line = int(where[1]) if where and where[1] else last
            said = _SYNTAX_LINE.sub("", str(error))
            self.faults.append(Fault(self.file, line, "syntax", f"'{said}'", "TOML"))

    def read(self, model: type[Page], context: object = None) -> Page | None:
        """Check the file against a model; where it does not hold, note every fault."""
        try:
            return model.model_validate(self.data, context=context)
        except ValidationError as error:
            self.note(wrong_in(error, self._written(model)))
            return None

    def note(self, found: Iterable[Wrong]) -> None:
        """Note faults with their lines, each once."""
        lines = TomlLines(self.text)
        for each in found:
            line = lines.of(each.path)
            fault = Fault(self.file, line, each.place, each.found, each.expected)
            if fault not in self.faults:
                self.faults.append(fault)

    def wrong(self, path: Path, found: str, expected: str) -> Wrong:
        """Say that a place is wrong, by the name that the file gives it."""
        return Wrong(path, named(path, self._written(BaseModel)), found, expected)

    def tables(self, section: str) -> list[Mapping[str, Any]]:
        """Return the tables of a section as they were written; none where it is no such section."""
        found = self.data.get(section)
        if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
            return []
        return found

    def given_twice(self, section: str) -> Iterator[Wrong]:
        """Say which ids a section gives a second time."""
        seen: set[str] = set()
        for place, table in enumerate(self.tables(section)):
            own = table.get("id")
            if isinstance(own, str) and own in seen:
                yield self.wrong((section, place, "id"), f"'{own}' a second time", "each id once")
            elif isinstance(own, str):
                seen.add(own)

    def _written(self, model: type[BaseModel]) -> Written:
        return Written(model, self.data, self.file, self.parts, Form.TOML)
