"""What a source answered to a whole search, and the gathering of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.errors import Incomplete, SourceMoved
from bot.sources.upstream.reply import Payload, Reply
from extraction.model import Record
from extraction.readers.odd import FoundRecord, OddRecord

T = TypeVar("T")

# (source, records so far, records in all)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """A source's answer, reconciled with its own count.

    query: verbatim as sent. found: the number the source itself gave. problems: what is known to
    be missing or odd although records arrived; where there are any, the search has failed in part.
    payload_of: from a record's key to the hash of the payload it was read from. odd: what was
    found, and counted, and could not be read.
    """

    records: tuple[Record, ...]
    payloads: tuple[Payload, ...]
    payload_of: Mapping[str, str]
    query: str
    found: int
    pages: int
    requests: int
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    odd: tuple[OddRecord, ...] = ()


@dataclass(slots=True)
class Tally:
    """What a search has gathered so far besides its records."""

    payloads: dict[str, Payload] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    pages: int = 0
    warnings: dict[str, None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def ask(self) -> None:
        """Count a request."""
        self.requests += 1

    def keep(self, reply: Reply[object]) -> None:
        """Keep a reply's payload."""
        self.payloads[reply.payload.sha256] = reply.payload

    def keep_page(self, reply: Reply[object], records: Iterable[FoundRecord]) -> None:
        """Keep the payload of a reply that brought records, and that they came with it."""
        self.keep(reply)
        self.pages += 1
        self.origins |= {record.key: reply.payload.sha256 for record in records}

    def answer(self, query: str, found: int, records: tuple[FoundRecord, ...]) -> SourceAnswer:
        """Close the search."""
        return SourceAnswer(
            records=tuple(each for each in records if isinstance(each, Record)),
            payloads=tuple(self.payloads.values()),
            payload_of={record.key: self.origins[record.key] for record in records},
            query=query,
            found=found,
            pages=self.pages,
            requests=self.requests,
            warnings=tuple(self.warnings),
            problems=tuple(self.problems),
            odd=tuple(each for each in records if isinstance(each, OddRecord)),
        )


def silent(source: str, done: int, total: int) -> None:
    """Be the progress hook of a search that nobody watches."""


def settled(gather: Callable[[], T], *, address: str, attempts: int) -> T:
    """Gather an answer, anew while the source moves; raise Incomplete where it does not settle."""
    reason = ""
    for _ in range(attempts):
        try:
            return gather()
        except SourceMoved as moved:
            reason = str(moved)
    raise Incomplete(address, reason)
