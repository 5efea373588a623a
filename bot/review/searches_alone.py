"""The searches that a strategy for people asks for, each of which is sent alone. Pure.

Lines that are numbered, in whatever way a database numbers them, make one search: they name each
other, and the last is what is exported. Of lines without numbers each is a search of its own,
unless it is the rest of one: a bracket is open, or an operator stands where the lines meet.
"""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"(?:[#Ss]\d+\b|\d+[.):]?\s)")
_OPERATORS = r"(?:and|or|not|(?:near|next)(?:/\d*)?)"
_ENDS_OPEN = re.compile(rf"(?:\b{_OPERATORS}|[,(])$", re.IGNORECASE)
_BEGINS_OPEN = re.compile(rf"(?:{_OPERATORS}\b|\))", re.IGNORECASE)


def searches(text: str) -> tuple[str, ...]:
    """Return the searches of a text to paste (`strategy_text.to_paste`), at least one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or all(_NUMBERED.match(line) for line in lines):
        return (text.strip(),)
    found = [lines[0]]
    for line in lines[1:]:
        if _goes_on(found[-1], line):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return tuple(dict.fromkeys(found))


def _goes_on(before: str, line: str) -> bool:
    open_ones = before.count("(") > before.count(")") or before.count('"') % 2 == 1
    return open_ones or bool(_ENDS_OPEN.search(before)) or bool(_BEGINS_OPEN.match(line))
