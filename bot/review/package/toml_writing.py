"""Tables as TOML, key by key. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Plain = str | bool | int | float | Sequence[str] | Mapping[str, str]


def toml_table(name: str, values: Mapping[str, Plain | None], *, of_list: bool = True) -> str:
    """Write a table, one of a list unless said otherwise; a key without a value is left out."""
    head = f"[[{name}]]" if of_list else f"[{name}]"
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
    return "\n".join([head, *lines]) + "\n"


def _value(value: Plain) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {quoted(each)}" for key, each in value.items()) + " }"
    return f"[{', '.join(quoted(each) for each in value)}]"


def quoted(text: str) -> str:
    """Write a text: one of JSON is one of TOML, but for this sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
