"""What the answers of one run hold as they are read today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from extraction.errors import ExtractionError
from extraction.readers.odd import FoundRecord


@dataclass(slots=True)
class Reread:
    """What the answers of one run hold as they are read today.

    records: by key, what can be read and what is odd of it; unread: the hash of an answer that
    holds no record (a list of numbers, say) or cannot be read any more, and why.
    """

    records: dict[str, FoundRecord] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def read_each(
    bodies: Mapping[str, bytes], read: Callable[[bytes], Iterable[FoundRecord]]
) -> Reread:
    """Read each answer, by its hash."""
    found = Reread()
    for digest, body in bodies.items():
        try:
            found.records |= {each.key: each for each in read(body)}
        except ExtractionError as error:
            found.unread[digest] = str(error)
    return found
