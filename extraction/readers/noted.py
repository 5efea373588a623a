"""What a person should know of how a file was read: one note a kind, with how often it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# A text as long as this may be an abstract: shorter ones are titles, names and addresses.
_ABSTRACT_SIGNS, _ABSTRACT_WORDS = 60, 9


@dataclass(slots=True)
class Noted:
    """Notes as they come, by kind: the first is said whole, the others are counted."""

    _first: dict[str, str] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, text: str) -> None:
        """Note something that may come again; kind: a few words that two notes of it share."""
        self._first.setdefault(kind, text)
        self._counts[kind] += 1

    def notes(self) -> Iterator[str]:
        """Say the first of each kind, and how many more there are."""
        for kind, text in self._first.items():
            more = self._counts[kind] - 1
            yield f"{text} (and {more} more: {kind})" if more else text


@dataclass(slots=True)
class Unread:
    """The fields that are written and not used, by the names that the file gives them."""

    what: str = "column"
    abstract: str = "name the column Abstract"
    cells: Counter[str] = field(default_factory=Counter)
    long: set[str] = field(default_factory=set)
    abstracts: int = 0

    def add(self, name: str, text: str) -> None:
        """Count a text that went into no field of the record."""
        self.cells[name] += 1
        if len(text) >= _ABSTRACT_SIGNS and len(text.split()) >= _ABSTRACT_WORDS:
            self.long.add(name)

    def notes(self) -> Iterator[str]:
        """Name every such field with its number of texts; ask about what may be an abstract."""
        if self.cells:
            said = "; ".join(f"'{name}' ({count})" for name, count in self.cells.items())
            yield f"not read, by {self.what} and number of texts: {said}"
        like = [name for name in self.cells if name in self.long]
        if like and not self.abstracts:
            named = " and ".join(f"'{name}'" for name in like)
            yield (
                f"no record has an abstract, and {named} looks like an abstract: if it is one,"
                f" {self.abstract} and give the file again"
            )
