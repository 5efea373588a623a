"""OpenAlex's works to records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extraction.errors import UnreadablePayload
from extraction.model import CorrectionKind, Record
from extraction.readers.openalex import read_work_name, read_works

WORK: dict[str, Any] = {
    "id": "https://openalex.org/W123",
    "doi": "https://doi.org/10.5555/FICTION.1",
    "ids": {
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/99000001",
        "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/9900001",
    },
    "title": "A fictional <i>trial</i>",
    "publication_year": 2026,
    "publication_date": "2026-09-01",
    "language": "en",
    "type": "article",
    "authorships": [
        {"author": {"display_name": "Ivo N. van Schaik"}},
        {"author": {"display_name": "Jean-Marc Léger"}},
        {"author": {"display_name": "FICTION"}},
    ],
    "primary_location": {"source": {"display_name": "Journal of Fictional Medicine"}},
    "biblio": {"volume": "12", "issue": "3", "first_page": "45", "last_page": "50"},
    "abstract_inverted_index": {"Nobody": [0], "was": [1], "treated": [2], "(NCT99000001).": [3]},
}


def page(*works: object, **meta: object) -> bytes:
    return json.dumps({"meta": {"count": len(works)} | meta, "results": list(works)}).encode()


def one(**changes: object) -> Record:
    (record,) = read_works(page(WORK | changes)).records
    return record


def test_every_field_is_read_in_the_forms_of_the_other_readers() -> None:
    record = one()

    assert record.key == "openalex:W123"
    assert record.title == "A fictional trial"
    assert record.abstract == "Nobody was treated (NCT99000001)."
    assert record.authors == ("van Schaik IN", "Léger JM", "FICTION")
    assert (record.journal, record.volume, record.issue, record.pages) == (
        "Journal of Fictional Medicine",
        "12",
        "3",
        "45-50",
    )
    assert (record.ids.doi, record.ids.pmid) == ("10.5555/fiction.1", "99000001")
    assert (record.ids.pmcid, record.ids.register) == ("PMC9900001", ("NCT99000001",))
    assert (record.languages, record.publication_types) == (("eng",), ("Journal Article",))


def test_a_retracted_work_says_so() -> None:
    (notice,) = one(is_retracted=True).corrections

    assert notice.kind is CorrectionKind.RETRACTION


def test_what_a_work_lacks_is_not_reported() -> None:
    record = read_works(page({"id": "W1"})).records[0]

    assert (record.title, record.abstract, record.year) == ("[no title]", None, None)


@pytest.mark.parametrize("name", ["https://openalex.org/W123", "W123", "w123"])
def test_a_works_name_is_read_from_its_address(name: str) -> None:
    assert read_work_name(json.dumps({"id": name}).encode()) == "W123"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"<html></html>",
        b'{"error": "down"}',
        b'{"meta": {"count": -1}, "results": []}',
        b'{"meta": {"count": 1}, "results": [{"title": "nameless"}]}',
        b'{"meta": {"count": 1}, "results": ["W1"]}',
        b'{"meta": {"count": 1}, "results": null}',
    ],
)
def test_what_is_no_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        read_works(payload)
