"""A search strategy as people write it, line by line, to the one query that is sent. Pure.

A strategy file is read a line at a time:

    # a remark: a '#' that no digit follows
    #1 multifocal[tiab] AND motor[tiab]
    #2 immunoglobulin*[tiab]
    #3 #1 AND #2

The last numbered line is the query; the lines that it names are put in their places, in brackets.
A file without numbered lines is the query itself, its lines joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.errors import StrategyFault

_NUMBERED = re.compile(r"#(\d+)\s+(\S.*)")
_NAMED = re.compile(r'"[^"]*"|#(\d+)')
_BRACKETS = {")": "(", "]": "["}


def query(strategy: str) -> str:
    """Expand a strategy into one query; raise StrategyFault where that cannot be done."""
    lines = _numbered(strategy)
    if not lines:
        return _plain(strategy)
    expanded: dict[str, str] = {}
    for number, (place, text) in lines.items():
        _check_brackets(place, text)
        expanded[number] = _expand(place, text, expanded)
    return expanded[next(reversed(expanded))]


def words(strategy: str) -> str:
    """Return the lines of words that are searched one by one; raise StrategyFault for none."""
    if not list(_spoken(strategy)):
        raise StrategyFault(1, "no words to search for", "at least one line that is no remark")
    for place, text in _spoken(strategy):
        if _NUMBERED.fullmatch(text):
            expected = "words without a number: each line is a search of its own"
            raise StrategyFault(place, f"'{text}'", expected)
    return to_paste(strategy)


def to_paste(strategy: str) -> str:
    """Return a strategy without its remarks, as a person pastes it."""
    kept = [text for _, text in _spoken(strategy)]
    return "\n".join(kept) + "\n"


def remarks(strategy: str) -> tuple[str, ...]:
    """Return the remarks of a strategy without their signs: for a person, how it is searched."""
    lines = (line.strip() for line in strategy.splitlines())
    said = (line for line in lines if line.startswith("#") and not line[1:2].isdigit())
    return tuple(text for line in said if (text := line.removeprefix("#").strip()))


def _spoken(strategy: str) -> Iterator[tuple[int, str]]:
    """Give the lines that are not remarks and not empty, with their places."""
    for place, line in enumerate(strategy.splitlines(), 1):
        text = line.strip()
        if text and (not text.startswith("#") or text[1:2].isdigit()):
            yield place, text


def _numbered(strategy: str) -> dict[str, tuple[int, str]]:
    """Return the numbered lines by number, in order, or nothing where no line has a number."""
    lines: dict[str, tuple[int, str]] = {}
    for place, text in _spoken(strategy):
        found = _NUMBERED.fullmatch(text)
        if found is None:
            if lines or text.startswith("#"):
                raise StrategyFault(place, f"'{text}'", "a numbered line such as '#1 words'")
            if any(each.startswith("#") for _, each in _spoken(strategy)):
                raise StrategyFault(place, f"'{text}'", "a number before the first words")
            return {}
        if found[1] in lines:
            raise StrategyFault(place, f"line #{found[1]} a second time", "each number once")
        lines[found[1]] = (place, found[2])
    return lines


def _plain(strategy: str) -> str:
    spoken = list(_spoken(strategy))
    if not spoken:
        raise StrategyFault(1, "no words to search for", "at least one line that is no remark")
    text = " ".join(text for _, text in spoken)
    _check_brackets(spoken[0][0], text)
    return text


def _expand(place: int, text: str, earlier: Mapping[str, str]) -> str:
    def stand_in(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        if found[1] not in earlier:
            known = ", ".join(f"#{each}" for each in earlier) or "no line before this one"
            raise StrategyFault(place, f"#{found[1]}", f"a line above it ({known})")
        return f"({earlier[found[1]]})"

    return _NAMED.sub(stand_in, text)


def _check_brackets(place: int, text: str) -> None:
    """A query with an open bracket or quote is not refused by every service; some just guess."""
    if text.count('"') % 2:
        raise StrategyFault(place, "a quotation mark without its partner", "pairs")
    open_ones: list[str] = []
    for character in re.sub(r'"[^"]*"', "", text):
        if character in "([":
            open_ones.append(character)
        elif character in _BRACKETS and (not open_ones or open_ones.pop() != _BRACKETS[character]):
            raise StrategyFault(place, f"a '{character}' that nothing opened", "pairs of brackets")
    if open_ones:
        raise StrategyFault(place, f"a '{open_ones[-1]}' that nothing closes", "pairs of brackets")
