"""Every field of real records, against values read from the payloads by eye.

The abstracts are not copied: their beginning, length and hash stand for them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from extraction.model import Record
from extraction.readers import ctgov, pubmed

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.mark.parametrize("row", GOLDEN, ids=lambda path: path.stem)
def test_every_field_is_as_a_person_reads_it(row: Path, shared: Path) -> None:
    expected = json.loads(row.read_text())

    records, deleted = read(shared / "upstream" / expected["payload"])

    assert [shown(record) for record in records] == expected["records"]
    assert deleted == expected["deleted"]


def read(payload: Path) -> tuple[tuple[Record, ...], list[str]]:
    """Read a payload with the reader of its source."""
    if payload.suffix == ".json":
        return ctgov.read_page(payload.read_bytes()).records, []
    page = pubmed.read_articles(payload.read_bytes())
    return page.records, list(page.deleted)


def shown(record: Record) -> dict[str, Any]:
    """Write a record as its golden row does."""
    row: dict[str, Any] = json.loads(json.dumps(asdict(record)))
    if record.abstract is not None:
        digest = hashlib.sha256(record.abstract.encode()).hexdigest()
        row["abstract"] = {
            "starts": record.abstract[:60],
            "length": len(record.abstract),
            "sha256": digest,
        }
    return row
