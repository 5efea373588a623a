"""Records that their reader cannot take, told apart from an answer that cannot be read.

What can be named is set aside by its number, and the others of the answer are read. What cannot be
named makes the whole answer unreadable, because nobody could say what was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from extraction.errors import ExtractionError, UnreadablePayload
from extraction.model import Record

T = TypeVar("T")

# Where more records of a file are no sound XML, the file is at fault: perhaps its encoding.
MOST_ODD = 20
_LONGEST_REASON = 300  # signs: an error may quote a whole record


@dataclass(frozen=True, slots=True)
class OddRecord:
    """A record that was found and not read: its number in its source, and why."""

    source: str
    source_id: str
    reason: str

    @property
    def key(self) -> str:
        """The name that the record would have: its source and the source's own id."""
        return f"{self.source}:{self.source_id}"


FoundRecord = Record | OddRecord


def read_each(
    items: Iterable[T],
    read: Callable[[T], Record],
    number_of: Callable[[T], str | None],
    *,
    source: str,
) -> tuple[tuple[Record, ...], tuple[OddRecord, ...]]:
    """Read each item by itself; return the records, and what was set aside.

    Raises what the reader raised where an item has no number, where none of several can be read
    (then the answer has another shape, and no single record is odd), and whatever is said of the
    answer as a whole (that it is refused, that the service is busy).
    """
    records: list[Record] = []
    odd: list[OddRecord] = []
    first: Exception | None = None
    for item in items:
        try:
            records.append(read(item))
        except Exception as error:
            of_the_answer = isinstance(error, ExtractionError) and not isinstance(
                error, UnreadablePayload
            )
            number = None if of_the_answer else number_of(item)
            if number is None:
                raise
            first = first or error
            odd.append(OddRecord(source, number, reason_of(error)))
    if first is not None and not records and len(odd) > 1:
        raise first
    return tuple(records), tuple(odd)


def reason_of(error: Exception) -> str:
    """Say what was raised: an error of ours speaks for itself, another is named by its type."""
    own = isinstance(error, ExtractionError)
    said = str(error) if own else f"{type(error).__name__}: {error}"
    return said[:_LONGEST_REASON]
