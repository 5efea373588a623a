"""What registers have posted of a study's results: offered to read, never taken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from extraction.ctgov_results import PostedResults, read_results
from extraction.errors import ExtractionError
from extraction.readers.ctgov import SOURCE, WHAT
from extraction.readers.payload import parse_json
from state import records
from state.values import StoredRecord


@dataclass(frozen=True, slots=True)
class Posted:
    """The results of one register entry, or why they could not be read."""

    entry: str
    results: PostedResults | None
    fault: str | None = None


def posted(connection: Connection, linked: tuple[StoredRecord, ...]) -> list[Posted]:
    """Read the posted results of a study's register entries from the answers we keep."""
    entries = [each for each in linked if each.record.source == SOURCE and _has_results(each)]
    return [
        _read(each.record.source_id, records.payload(connection, each.payload_sha256))
        for each in entries
    ]


def _has_results(stored: StoredRecord) -> bool:
    return stored.record.entry is not None and stored.record.entry.has_results


def _read(nct: str, payload: bytes) -> Posted:
    try:
        answer = parse_json(payload, WHAT, expected="a page of studies, or one study")
        for study in answer.get("studies", [answer]):
            if study["protocolSection"]["identificationModule"]["nctId"] == nct:
                return Posted(nct, read_results(study))
    except ExtractionError as error:
        return Posted(nct, None, str(error))
    return Posted(nct, None, "the answer that we keep does not hold this entry")
