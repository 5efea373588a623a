"""What registers have posted of a study's results: offered to read, never taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.sources.catalogue import SOURCES
from extraction.ctgov_results import PostedResults
from extraction.errors import ExtractionError
from state import records
from state.values import StoredRecord

Reader = Callable[[str, bytes], PostedResults | None]


@dataclass(frozen=True, slots=True)
class Posted:
    """The results of one register entry, or why they could not be read."""

    entry: str
    results: PostedResults | None
    fault: str | None = None


def posted(connection: Connection, linked: tuple[StoredRecord, ...]) -> list[Posted]:
    """Read the posted results of a study's register entries from the answers we keep."""
    return [
        _read(each.record.source_id, records.payload(connection, each.payload_sha256), read)
        for each in linked
        if _has_results(each) and (read := _reader(each.record.source)) is not None
    ]


def _has_results(stored: StoredRecord) -> bool:
    return stored.record.entry is not None and stored.record.entry.has_results


def _reader(source: str) -> Reader | None:
    """Return how a source's posted results are read; None of a source that posts none."""
    declared = SOURCES.get(source)
    return declared.own("posted_results:posted_results") if declared is not None else None


def _read(entry: str, payload: bytes, read: Reader) -> Posted:
    try:
        found = read(entry, payload)
    except ExtractionError as error:
        return Posted(entry, None, str(error))
    fault = None if found is not None else "the answer that we keep does not hold this entry"
    return Posted(entry, found, fault)
