"""Tables put into a TOML text, and a value replaced in it; every other sign stays as it was. Pure.

The text has been accepted by tomllib before, as for `bot.review.toml_lines`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from bot.review.toml_lines import Path, scan

Written = str | bool | Iterable[str]

_TEXT = re.compile(r"""(=[ \t]*)(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*')""")


def table(section: str, values: Mapping[str, Written]) -> str:
    """Write one table of an array of tables."""
    lines = [f"[[{section}]]", *(f"{key} = {_value(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def with_table(text: str, section: str, written: str) -> str:
    """Return the text with a table after the last one of its section, or at the end."""
    ends = [end for path, _, end in scan(text) if path[0] == section]
    place = ends[-1] if ends else len(text)
    before, after = text[:place].rstrip("\n"), text[place:].lstrip("\n")
    return f"{before}\n\n{written}" + (f"\n{after}" if after else "")


def with_text(text: str, path: Path, value: str) -> str:
    """Return the text with another value of a key of one line that holds a text."""
    start, end = next((start, end) for found, start, end in scan(text) if found == path)
    line = _TEXT.sub(lambda found: f"{found[1]}{_value(value)}", text[start:end], count=1)
    return f"{text[:start]}{line}{text[end:]}"


def without_table(text: str, section: str, place: int) -> str:
    """Return the text without one table of an array of tables, counted from 0."""
    spans = [(start, end) for path, start, end in scan(text) if path[:2] == (section, place)]
    start, end = spans[0][0], max(end for _, end in spans)
    return text[:start] + text[end:].lstrip("\n")


def with_list(text: str, path: Path, values: Iterable[str]) -> str:
    """Return the text with another list of texts as the value of a key."""
    start, end = next((start, end) for found, start, end in scan(text) if found == path)
    return f"{text[:start]}{path[-1]} = {_value(list(values))}\n{text[end:]}"


def _value(value: Written) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A text of JSON is one of TOML, but for this sign.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(_value(each) for each in value)}]"
