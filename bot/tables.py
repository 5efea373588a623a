"""Read a checked value out of a TOML table, or note what is wrong with it and go on. Pure.

A reader never stops at a fault: it puts a stand-in in its place, so that the rest of the file is
checked as well. Whoever reads a whole file must look at `Notes.faults` before using the values.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from bot.faults import Fault
from bot.toml_lines import Path, TomlLines

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = object()


class Notes:
    """Collects the faults of one file with their lines."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._text = text
        self._lines: TomlLines | None = None

    def add(self, path: Path, place: str, found: str, expected: str) -> None:
        """Note a fault at a path of the file."""
        if self._lines is None:
            self._lines = TomlLines(self._text)
        fault = Fault(self.file, self._lines.of(path), place, found, expected)
        if fault not in self.faults:
            self.faults.append(fault)

    def document(self) -> Table | None:
        """Return the file's outermost table, or None where the text is no TOML."""
        try:
            return Table(self, (), self.file, tomllib.loads(self._text))
        except ValueError as error:  # TOMLDecodeError is one; so is a number of too many digits
            where = _SYNTAX_LINE.search(str(error))
            last = self._text.count("\n") + 1
            line = int(where[1]) if where and where[1] else last
            said = _SYNTAX_LINE.sub("", str(error))
            self.faults.append(Fault(self.file, line, "syntax", f"'{said}'", "TOML"))
            return None


class Table:
    """One table of the file; asks for each key once, and then tells which keys nobody asked for."""

    def __init__(self, notes: Notes, path: Path, name: str, data: Mapping[str, object]) -> None:
        self.notes = notes
        self.path = path
        self.name = name
        self._data = data
        self._asked: set[str] = set()

    def fault(self, key: str, found: str, expected: str) -> None:
        """Note a fault at one of the table's keys."""
        self.notes.add((*self.path, key), f"{self.name}, {key}", found, expected)

    def text(self, key: str) -> str:
        """Read a text that is not empty."""
        return self.optional_text(key, required=True) or ""

    def optional_text(self, key: str, *, required: bool = False) -> str | None:
        """Read a text that may be left out."""
        found = self._take(key, "a text", required=required)
        if found is _MISSING:
            return None
        if not isinstance(found, str) or not found.strip():
            self.fault(key, _shown(found), "a text that is not empty")
            return None
        return found.strip()

    def identifier(self, key: str = "id") -> str:
        """Read an id: letters, digits, '.', '_' and '-'."""
        found = self.text(key)
        if found and not _ID.fullmatch(found):
            expected = "letters, digits, '.', '_' or '-', the first a letter or digit"
            self.fault(key, f"'{found}'", expected)
            return ""
        return found

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """Read a text out of a closed set."""
        return self._known(key, self.text(key), allowed)

    def optional_one_of(self, key: str, allowed: Collection[str]) -> str | None:
        """Read a text out of a closed set that may be left out."""
        found = self.optional_text(key)
        return self._known(key, found, allowed) or None if found is not None else None

    def _known(self, key: str, found: str, allowed: Collection[str]) -> str:
        if found and found not in allowed:
            self.fault(key, f"'{found}'", f"one of {', '.join(allowed) or '(none is defined)'}")
            return ""
        return found

    def flag(self, key: str) -> bool:
        """Read true or false; false where it is left out."""
        found = self._take(key, "true or false", required=False)
        if found is not _MISSING and not isinstance(found, bool):
            self.fault(key, _shown(found), "true or false")
        return found is True

    def whole(self, key: str, *, least: int = 1) -> int:
        """Read a whole number of at least `least`."""
        found = self._take(key, "a whole number", required=True)
        if found is _MISSING:
            return least
        return self._whole(key, found, least)

    def optional_whole(self, key: str, *, least: int = 1) -> int | None:
        """Read a whole number that may be left out."""
        found = self._take(key, "a whole number", required=False)
        return self._whole(key, found, least) if found is not _MISSING else None

    def _whole(self, key: str, found: object, least: int) -> int:
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            self.fault(key, _shown(found), f"a whole number of {least} or more")
            return least
        return found

    def optional_number(self, key: str) -> float | None:
        """Read a number that may be left out."""
        found = self._take(key, "a number", required=False)
        if found is _MISSING:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.fault(key, _shown(found), "a number")
        elif abs(found) <= sys.float_info.max:  # neither nan nor inf is
            return float(found)
        else:
            self.fault(key, _shown(found), "a finite number")
        return None

    def day(self, key: str) -> str:
        """Read a date, written plainly or as a text."""
        expected = "a date such as 2026-11-25"
        found = self._take(key, expected, required=True)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found.isoformat()
        if isinstance(found, str) and _DAY.fullmatch(found) and _is_day(found):
            return found
        if found is not _MISSING:
            self.fault(key, _shown(found), expected)
        return ""

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """Read a list of different texts; an empty one where it may be left out and is."""
        found = self._take(key, "a list of texts", required=least > 0)
        if found is _MISSING:
            return ()
        if not isinstance(found, list) or not _different_texts(found):
            self.fault(key, _shown(found), "a list of different texts")
            return ()
        if len(found) < least:
            self.fault(key, _shown(found), f"a list of at least {least}")
        return tuple(each.strip() for each in found)

    def table(self, key: str, name: str) -> Table | None:
        """Read a table inside this one; note it as missing where it is."""
        found = self._take(key, f"a table [{key}]", required=True)
        return self._table(key, found, name) if found is not _MISSING else None

    def optional_table(self, key: str, name: str) -> Table | None:
        """Read a table inside this one that may be left out."""
        found = self._take(key, f"a table [{key}]", required=False)
        return self._table(key, found, name) if found is not _MISSING else None

    def _table(self, key: str, found: object, name: str) -> Table | None:
        if isinstance(found, dict):
            return Table(self.notes, (*self.path, key), name, found)
        self.fault(key, _shown(found), f"a table [{key}]")
        return None

    def each(self, key: str, name: str, *, least: int = 1) -> Iterator[Table]:
        """Read the tables of an array; each is called by its name and its id or place."""
        found = self._take(key, f"at least one [[{key}]]", required=least > 0)
        if found is _MISSING:
            return
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self.fault(key, _shown(found), f"tables headed [[{key}]]")
            return
        if len(found) < least:
            self.fault(key, "an empty list", f"at least one [[{key}]]")
        for place, data in enumerate(found):
            own = data.get("id", place + 1)
            table = Table(self.notes, (*self.path, key, place), f"{name} '{own}'", data)
            yield table
            table.close()

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                expected = f"one of {', '.join(sorted(self._asked))}"
                self.notes.add((*self.path, key), self.name, f"unknown key '{key}'", expected)

    def _take(self, key: str, expected: str, *, required: bool) -> object:
        self._asked.add(key)
        if key in self._data:
            return self._data[key]
        if required:
            self.notes.add(self.path, self.name, f"no '{key}'", expected)
        return _MISSING


def _shown(found: object) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    shown = f"'{found}'" if isinstance(found, str) else str(found)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _different_texts(found: list[object]) -> bool:
    texts = [each for each in found if isinstance(each, str) and each.strip()]
    return len(texts) == len(found) == len(set(texts))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
