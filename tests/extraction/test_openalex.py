"""OpenAlex's works to records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extraction.errors import UnreadablePayload
from extraction.model import CorrectionKind, Record
from extraction.readers.openalex import Seed, read_seed, read_works

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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ivo N. van Schaik", "van Schaik IN"),
        ("J.-M. Léger", "Léger JM"),
        ("JM Leger", "Leger JM"),
        ("Léger, Jean-Marc", "Léger JM"),
        ("Juan de la Cruz", "de la Cruz J"),
        ("Ann B. Roe Jr.", "Roe AB Jr"),
        ("The Fictional Study Group", "The Fictional Study Group"),
        ("Fiction Investigators", "Fiction Investigators"),
        ("Plato", "Plato"),
    ],
)
def test_names_are_written_family_first_and_groups_stay(name: str, written: str) -> None:
    assert one(authorships=[{"author": {"display_name": name}}]).authors == (written,)


def test_an_author_without_a_profile_has_the_name_that_was_printed() -> None:
    printed = {"author": {"display_name": None}, "raw_author_name": "Ann B. Roe"}

    assert one(authorships=[printed]).authors == ("Roe AB",)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("article", "Journal Article"),
        ("preprint", "Preprint"),
        ("review", "Review"),
        ("erratum", "Published Erratum"),
        ("retraction", "Retraction of Publication"),
        ("book-chapter", "book-chapter"),
    ],
)
def test_kinds_of_work_are_named_as_pubmed_names_them(kind: str, said: str) -> None:
    assert one(type=kind).publication_types == (said,)


@pytest.mark.parametrize(
    ("code", "language"), [("en", "eng"), ("de", "ger"), ("zh-cn", "chi"), ("xx", "xx")]
)
def test_languages_are_named_as_pubmed_names_them(code: str, language: str) -> None:
    assert one(language=code).languages == (language,)


def test_the_words_of_an_abstract_stand_in_their_places_and_a_gap_is_no_word() -> None:
    index = {"again": [1, 4], "Once": [0], "<b>and</b>": [3], "odd": ["x", None], "none": None}

    assert one(abstract_inverted_index=index).abstract == "Once again and again"


@pytest.mark.parametrize("name", ["https://openalex.org/W123", "W123", "w123"])
def test_a_seed_is_read_with_the_works_that_it_cites(name: str) -> None:
    work = {"id": name, "referenced_works": ["https://openalex.org/W7", "W8", "A1", None]}

    assert read_seed(json.dumps(work).encode()) == Seed("W123", ("W7", "W8"))


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"id": "A1"}', b'{"error": "down"}', b"<html>"])
def test_what_is_no_work_is_refused(payload: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        read_seed(payload)


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
