"""ClinicalTrials.gov's answers, in small payloads written for these tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extraction.errors import ExtractionError, RefusedPayload, UnreadablePayload
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.ctgov import read_page, read_study


def study(nct: str = "NCT01234567", **modules: Any) -> dict[str, Any]:
    """Write a study with what a test is about; modules by their names without 'Module'."""
    identification = {"nctId": nct, "briefTitle": "A trial"} | modules.pop("identification", {})
    named = {f"{name}Module": content for name, content in modules.items()}
    return {"protocolSection": {"identificationModule": identification, **named}}


def page(**fields: Any) -> bytes:
    """Write a page."""
    return json.dumps(fields).encode()


def test_a_page_gives_its_records_count_and_token() -> None:
    found = read_page(page(studies=[study()], totalCount=2, nextPageToken="abc"))

    assert [record.source_id for record in found.records] == ["NCT01234567"]
    assert (found.total, found.next_token) == (2, "abc")


def test_an_empty_page_may_go_on() -> None:
    found = read_page(page(studies=[], nextPageToken="abc"))

    assert (found.records, found.total, found.next_token) == ((), None, "abc")


def test_a_single_study_is_a_page_of_one() -> None:
    found = read_page(json.dumps(study()).encode())

    assert (len(found.records), found.total, found.next_token) == (1, 1, None)


def test_every_field_of_an_entry_is_read() -> None:
    full = study(
        identification={
            "officialTitle": " A controlled trial ",
            "orgStudyIdInfo": {"id": "AB-1"},
            "secondaryIdInfos": [
                {"id": "2009-013841-27", "type": "EUDRACT_NUMBER"},
                {"id": "R01XY000001", "type": "NIH"},
            ],
            "nctIdAliases": ["NCT00000009"],
        },
        status={
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2020-01"},
            "primaryCompletionDateStruct": {"date": "2021-02-03", "type": "ACTUAL"},
            "completionDateStruct": {"date": "2021-03"},
            "studyFirstSubmitDate": "2019-12-01",
            "studyFirstPostDateStruct": {"date": "2019-12-04", "type": "ESTIMATED"},
            "resultsFirstPostDateStruct": {"date": "2022-05-06"},
            "lastUpdatePostDateStruct": {"date": "2023-01-02"},
        },
        sponsorCollaborators={"leadSponsor": {"name": "A sponsor"}},
        description={"briefSummary": "We ask\n\nwhether it works."},
        conditions={"conditions": ["MMN", "CIDP"]},
        design={
            "designInfo": {"allocation": "RANDOMIZED", "interventionModel": "CROSSOVER"},
            "enrollmentInfo": {"count": 42, "type": "ACTUAL"},
        },
        armsInterventions={
            "armGroups": [{"label": "First"}, {"label": "Second"}],
            "interventions": [{"type": "DRUG", "name": "IVIg"}],
        },
        contactsLocations={"overallOfficials": [{"name": "Ann Roe, MD", "role": "STUDY_CHAIR"}]},
    ) | {"hasResults": True}

    assert read_study(full) == Record(
        source="ctgov",
        source_id="NCT01234567",
        title="A controlled trial",
        kind=RecordKind.REGISTER_ENTRY,
        abstract="We ask\n\nwhether it works.",
        authors=("Ann Roe, MD",),
        year=2019,
        published_on="2019-12-04",
        publication_types=("Clinical Trial Registration",),
        ids=RecordIds(register=("NCT01234567", "NCT00000009", "2009-013841-27")),
        entry=RegisterEntry(
            overall_status="COMPLETED",
            start_on="2020-01",
            primary_completion_on="2021-02-03",
            completion_on="2021-03",
            results_posted_on="2022-05-06",
            last_update_on="2023-01-02",
            enrolment=42,
            has_results=True,
            allocation="RANDOMIZED",
            intervention_model="CROSSOVER",
            conditions=("MMN", "CIDP"),
            interventions=("IVIg",),
            arms=("First", "Second"),
        ),
    )


def test_the_sponsor_stands_in_where_no_official_is_named() -> None:
    record = read_study(study(sponsorCollaborators={"leadSponsor": {"name": "A sponsor"}}))

    assert record.authors == ("A sponsor",)


def test_what_is_not_reported_is_none() -> None:
    record = read_study(study())

    assert (record.abstract, record.year, record.published_on) == (None, None, None)
    assert record.entry == RegisterEntry()


def test_an_enrolment_that_the_register_does_not_know_is_none() -> None:
    record = read_study(study(design={"enrollmentInfo": {"count": 99999999}}))

    assert record.entry is not None
    assert record.entry.enrolment is None


def test_a_change_is_one_of_the_trials_people_not_of_the_registers_release() -> None:
    before = study() | {"derivedSection": {"miscInfoModule": {"versionHolder": "2026-01-01"}}}
    released = study() | {"derivedSection": {"miscInfoModule": {"versionHolder": "2026-02-01"}}}
    changed = study(status={"overallStatus": "COMPLETED"})

    assert read_study(before) == read_study(released)
    assert read_study(before) != read_study(changed)


DEEP = b'{"studies":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("payload", "error", "words"),
    [
        (b"", UnreadablePayload, "an empty body"),
        (b"<html><title>Maintenance</title>", UnreadablePayload, "titled 'Maintenance'"),
        (b"<clinical_study/>", UnreadablePayload, "XML"),
        (b'{"studies":[{"protocolSection"', UnreadablePayload, "JSON cut off"),
        (b"Study not found", UnreadablePayload, "not JSON"),
        (DEEP, UnreadablePayload, "nested too deeply"),
        (b"[]", UnreadablePayload, "a JSON list"),
        (b"{}", UnreadablePayload, "JSON with nothing"),
        (b'{"resourceType":"ResearchStudy"}', UnreadablePayload, "resourceType"),
        (page(studies={}), UnreadablePayload, "studies"),
        (page(studies=[1]), UnreadablePayload, "a study"),
        (page(studies=[], totalCount="7"), UnreadablePayload, "totalCount"),
        (page(studies=[study("NCT1")]), UnreadablePayload, "nctId 'NCT1'"),
        (page(studies=[study(status=[1])] * 2), UnreadablePayload, "statusModule"),
        (
            page(studies=[study(status={"overallStatus": 1})] * 2),
            UnreadablePayload,
            "overallStatus",
        ),
        (page(FullStudiesResponse={"FullStudies": []}), RefusedPayload, r"old API \(v1\)"),
        (page(studies=[{"ProtocolSection": {}}]), RefusedPayload, r"old API \(v1\)"),
    ],
)
def test_what_is_no_answer_raises_its_own_error(
    payload: bytes, error: type[ExtractionError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_page(payload)
