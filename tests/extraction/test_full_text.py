"""Where full texts lie, as three services answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction.errors import UnreadablePayload
from extraction.model import FullTextLocation
from extraction.readers.full_text import (
    europepmc_locations,
    openalex_locations,
    unpaywall_locations,
)

DOI = "10.5555/ficta.results"
PDF = "https://journal.example.org/ficta.pdf"


def sample(shared: Path, name: str) -> bytes:
    return (shared / "upstream" / "registers" / name).read_bytes()


def test_unpaywalls_copies_have_version_and_licence(shared: Path) -> None:
    first = unpaywall_locations(sample(shared, "unpaywall/oa.json"), DOI)[0]

    assert first == FullTextLocation(PDF, True, True, "publishedVersion", "cc-by")
    closed = sample(shared, "unpaywall/closed.json")
    assert unpaywall_locations(closed, "10.5555/ficta.closed") == ()


def test_openalex_tells_each_address_once(shared: Path) -> None:
    found = openalex_locations(sample(shared, "openalex/work_locations.json"), DOI)

    assert [(each.url, each.is_open) for each in found] == [
        (PDF, True),
        ("https://doi.org/10.5555/ficta.results", True),
        ("https://repo.example.org/1", True),
    ]
    assert found[-1].version == "submittedVersion"


def test_europe_pmc_tells_subscribers_copies_as_such(shared: Path) -> None:
    payload = sample(shared, "fulltext/europepmc_core_fulltexturls.json")
    found = europepmc_locations(payload, DOI)

    assert [(each.is_pdf, each.is_open, each.licence) for each in found] == [
        (True, True, "cc by"),
        (False, True, "cc by"),
        (False, False, None),
    ]
    assert europepmc_locations(payload, "10.5555/another") == ()


def test_an_address_that_is_none_of_the_web_is_passed_over() -> None:
    answer = {"doi": DOI, "oa_locations": [{"url_for_pdf": "javascript:alert(1)"}]}

    assert unpaywall_locations(json.dumps(answer).encode(), DOI) == ()


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (unpaywall_locations, {"doi": "10.5555/another", "oa_locations": []}),
        (unpaywall_locations, {"doi": DOI}),
        (openalex_locations, {"doi": None, "locations": []}),
        (openalex_locations, {"doi": DOI, "locations": ["x"]}),
        (europepmc_locations, {"version": "6.9"}),
    ],
)
def test_what_is_no_answer_about_the_document_is_refused(read: object, answer: object) -> None:
    with pytest.raises(UnreadablePayload):
        read(json.dumps(answer).encode(), DOI)  # type: ignore[operator]
