"""Pages of Europe PMC's results to records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction.errors import (
    RateLimited,
    RefusedPayload,
    ServiceFailed,
    UnknownCursor,
    UnreadablePayload,
)
from extraction.model import CorrectionKind, Direction, Record
from extraction.readers.europepmc import read_results

RESULT = {
    "id": "99000001",
    "source": "MED",
    "pmid": "99000001",
    "pmcid": "PMC9900001",
    "doi": "10.5555/FICTION.1",
    "title": "A fictional trial of CD4<sup>+</sup> cells &amp; TNF-&alpha; in neuropathy.",
    "authorString": "Doe J, Roe R.",
    "authorList": {
        "author": [{"fullName": "Doe J"}, {"fullName": "Roe R"}, {"collectiveName": "FICTION"}]
    },
    "journalInfo": {
        "volume": "12",
        "issue": "3",
        "printPublicationDate": "2026-09-01",
        "journal": {"title": "Journal of Fictional Medicine"},
    },
    "pageInfo": "45-50",
    "language": "eng",
    "abstractText": "<h4>Background</h4>Nobody.<h4>Methods</h4><p>NCT99000001, p &lt; 0.05.</p>",
    "pubTypeList": {"pubType": ["Randomized Controlled Trial", "Journal Article"]},
    "meshHeadingList": {
        "meshHeading": [
            {"descriptorName": "Humans"},
            {
                "descriptorName": "Neuropathies",
                "meshQualifierList": {"meshQualifier": [{"qualifierName": "drug therapy"}]},
            },
        ]
    },
    "commentCorrectionList": {
        "commentCorrection": [
            {"id": "99000009", "source": "MED", "type": "Retraction in", "reference": "J 2027"},
            {"id": "99000008", "source": "MED", "type": "Comment on"},
            {"id": "99000007", "source": "MED", "type": "Cites"},
        ]
    },
}


def page(*results: object, **fields: object) -> bytes:
    found = {"version": "6.9", "hitCount": len(results), "resultList": {"result": list(results)}}
    return json.dumps(found | fields).encode()


def one(**changes: object) -> Record:
    (record,) = read_results(page(RESULT | changes)).records
    return record


def test_every_field_is_read_in_the_forms_of_the_other_readers() -> None:
    record = one()

    assert record.key == "europepmc:MED:99000001"
    assert record.title == "A fictional trial of CD4+ cells & TNF-α in neuropathy."
    assert record.abstract == "BACKGROUND: Nobody.\nMETHODS: NCT99000001, p < 0.05."
    assert record.authors == ("Doe J", "Roe R", "FICTION")
    assert (record.journal, record.volume, record.issue, record.pages) == (
        "Journal of Fictional Medicine",
        "12",
        "3",
        "45-50",
    )
    assert (record.year, record.published_on) == (2026, "2026-09-01")
    assert (record.ids.pmid, record.ids.pmcid) == ("99000001", "PMC9900001")
    assert (record.ids.doi, record.ids.register) == ("10.5555/fiction.1", ("NCT99000001",))
    assert record.mesh == ("Humans", "Neuropathies/drug therapy")
    assert [(each.kind, each.direction, each.pmid) for each in record.corrections] == [
        (CorrectionKind.RETRACTION, Direction.OF_THIS, "99000009"),
        (CorrectionKind.COMMENT, Direction.THIS_IS_OF, "99000008"),
    ]


def test_a_preprint_says_so_and_has_no_pmid_of_its_own() -> None:
    record = one(id="PPR1", source="PPR", pmid=None)

    assert record.key == "europepmc:PPR:PPR1"
    assert record.ids.pmid is None
    assert "Preprint" in record.publication_types


def test_authors_are_read_from_the_line_where_there_is_no_list() -> None:
    assert one(authorList=None).authors == ("Doe J", "Roe R")


def test_no_results_are_a_count_of_nought_and_an_empty_list() -> None:
    found = read_results(page())

    assert (found.records, found.total, found.next_cursor) == ((), 0, None)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b'{"version":"6.9"}', UnknownCursor),
        (b'{"errCode":404,"errMsg":"No search criteria provided."}', RefusedPayload),
        (b'{"errCode":500,"errMsg":"down"}', ServiceFailed),
        (b'{"errCode":429,"errMsg":"slow down"}', RateLimited),
        (b'{"hitCount": 1}', UnreadablePayload),
        (b'{"hitCount": -1, "resultList": {"result": []}}', UnreadablePayload),
        (b'{"hitCount": true, "resultList": {"result": []}}', UnreadablePayload),
        (page({"title": "nameless"}), UnreadablePayload),
        (page("a text"), UnreadablePayload),
        (b"<html><title>Maintenance</title></html>", UnreadablePayload),
        (b"", UnreadablePayload),
    ],
)
def test_what_is_no_answer_is_told_apart(payload: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_results(payload)


def test_real_payloads_are_handled_as_they_are(shared: Path) -> None:
    folder = shared / "upstream" / "europepmc"
    (record,) = read_results((folder / "search_core_trimmed.json").read_bytes()).records

    assert record.authors == ("He R", "Miao L", "Deng R", "Xia X")
    assert record.published_on == "2026-09-01"
    with pytest.raises(UnknownCursor):
        read_results((folder / "error_bad_cursor_http200.json").read_bytes())
    for name in ("error_no_query_http200.json", "error_page_size_http200.json"):
        with pytest.raises(RefusedPayload):
            read_results((folder / name).read_bytes())
    with pytest.raises(UnreadablePayload):
        read_results((folder / "error_maintenance_503.txt").read_bytes())
