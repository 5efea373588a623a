"""Exports of hand-run sources: recognised by what they hold, read whole or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from extraction.errors import refused
from extraction.model import Record
from extraction.readers.pubmed import read_articles


@dataclass(frozen=True, slots=True)
class Export:
    """The records of a file and the dialect it was read in."""

    records: tuple[Record, ...]
    dialect: str


def read_export(payload: bytes, name: str, *, source: str) -> Export:
    """Read an export whole; a file of a kind that is not known is refused."""
    if b"<PubmedArticleSet" in payload[:2000]:
        records = read_articles(payload).records
        return Export(tuple(replace(record, source=source) for record in records), "PubMed XML")
    raise refused(name, found="a file of no known kind", expected="PubMed XML")
