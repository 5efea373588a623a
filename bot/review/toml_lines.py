"""On which line of a TOML text each table and key stands, for messages to people. Pure.

The text has been accepted by tomllib before: this scan finds places, it does not judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

Path = tuple[str | int, ...]

_HEADER = re.compile(r"[ \t]*(\[\[?)([^\n]*?)\]\]?[ \t]*(?:#[^\n]*)?(?:\n|$)")
_NAME = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_KEY = re.compile(rf"[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*=")
_PART = re.compile(r""""([^"\n]*)"|'([^'\n]*)'|([\w-]+)""")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class TomlLines:
    """Answers where a path such as ("analyses", 2, "arm_1") stands."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[Path, int]:
        return {path: self._text.count("\n", 0, at) + 1 for path, at, _ in scan(self._text)}

    def of(self, path: Path) -> int:
        """Return the line of a path, or of the nearest table around it (1 for the whole file)."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def scan(text: str) -> Iterator[tuple[Path, int, int]]:
    """Yield each table and key with where its lines begin and end, in the order of the text."""
    table: Path = ()
    arrays: Counter[Path] = Counter()
    position = 0
    while position < len(text):
        if header := _HEADER.match(text, position):
            table = _table(header, arrays)
            yield table, position, header.end()
            if table[-1] == 0:
                yield table[:-1], position, header.end()
            position = header.end()
        elif key := _KEY.match(text, position):
            end = _end_of_value(text, key.end())
            yield (*table, *_parts(key[1])), position, end
            position = end
        else:
            position = _next_line(text, position)


def _table(header: re.Match[str], arrays: Counter[Path]) -> Path:
    """Name the table of a header; tables inside the last table of an array belong to it."""
    parts = _parts(header[2])
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        if arrays[path]:
            path = (*path, arrays[path] - 1)
    path = (*path, parts[-1])
    if header[1] == "[[":
        arrays[path] += 1
        return (*path, arrays[path] - 1)
    return path


def _parts(dotted: str) -> list[str]:
    return ["".join(found) for found in _PART.findall(dotted)]


def _end_of_value(text: str, position: int) -> int:
    """Return where the line after a value begins; values may run over many lines."""
    depth = 0
    while position < len(text):
        character = text[position]
        if string := _STRING.match(text, position):
            position = string.end()
        elif character == "#":
            position = text.find("\n", position)
            position = len(text) if position < 0 else position
        elif character == "\n" and depth == 0:
            return position + 1
        else:
            depth += (character in "[{") - (character in "]}")
            position += 1
    return position


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1
