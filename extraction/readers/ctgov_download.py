"""What ClinicalTrials.gov gives to download as JSON: a list of studies, a page of them, or one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from extraction.errors import refused, unreadable
from extraction.readers.ctgov import SOURCE, WHAT, number_of, read_page, read_study
from extraction.readers.noted import Unread
from extraction.readers.odd import read_each
from extraction.readers.payload import Json, parse_json, parse_list
from extraction.readers.text import Read, digest

_EXPECTED = "a list of studies"
_SECTIONS = frozenset(
    {
        *("protocolSection", "resultsSection", "annotationSection", "documentSection"),
        *("derivedSection", "hasResults", "studies", "totalCount", "nextPageToken"),
    }
)
# The parts of an entry, and what is in each: what is read, and what is known and left.
_MODULES: Mapping[str, frozenset[str]] = {
    module: frozenset(fields.split())
    for module, fields in {
        "identificationModule": "acronym briefTitle nctId nctIdAliases officialTitle"
        " orgStudyIdInfo organization secondaryIdInfos",
        "statusModule": "completionDateStruct delayedPosting dispFirstPostDateStruct"
        " dispFirstSubmitDate dispFirstSubmitQcDate expandedAccessInfo lastKnownStatus"
        " lastUpdatePostDateStruct lastUpdateSubmitDate overallStatus"
        " primaryCompletionDateStruct resultsFirstPostDateStruct resultsFirstSubmitDate"
        " resultsFirstSubmitQcDate startDateStruct statusVerifiedDate"
        " studyFirstPostDateStruct studyFirstSubmitDate studyFirstSubmitQcDate whyStopped"
        " resultsWaived resultsFirstPostedQCCommentsDateStruct",
        "sponsorCollaboratorsModule": "collaborators leadSponsor responsibleParty",
        "oversightModule": "fdaaa801Violation isFdaRegulatedDevice isFdaRegulatedDrug isPpsd"
        " isUnapprovedDevice isUsExport oversightHasDmc",
        "descriptionModule": "briefSummary detailedDescription",
        "conditionsModule": "conditions keywords",
        "designModule": "bioSpec designInfo enrollmentInfo expandedAccessTypes"
        " nPtrsToThisExpAccNctId patientRegistry phases studyType targetDuration",
        "armsInterventionsModule": "armGroups interventions",
        "outcomesModule": "otherOutcomes primaryOutcomes secondaryOutcomes",
        "eligibilityModule": "eligibilityCriteria genderBased genderDescription maximumAge"
        " healthyVolunteers minimumAge samplingMethod sex stdAges studyPopulation",
        "contactsLocationsModule": "centralContacts locations overallOfficials",
        "referencesModule": "availIpds references seeAlsoLinks",
        "ipdSharingStatementModule": "accessCriteria description infoTypes ipdSharing timeFrame"
        " url",
    }.items()
}


def read_download(payload: bytes) -> Read:
    """Read all studies of a file; raise UnreadablePayload where it is not all of a search.

    The register gives a token after a last page that is full: the count tells that it is the last.
    """
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return _listed(payload)
    page = read_page(payload)
    whole = page.total == len(page.found) or (page.total is None and page.next_token is None)
    if not whole:
        found = f"{len(page.found)} of {page.total or 'more'} studies"
        raise unreadable("studies", found=found, expected="all of them in one file")
    answer = parse_json(payload, WHAT, expected=_EXPECTED)
    studies = answer.get("studies", [answer])
    return Read(page.records, _notes(studies), page.odd, _marks(studies, len(page.records)))


def _listed(payload: bytes) -> Read:
    studies = parse_list(payload, WHAT, expected=_EXPECTED)
    if not all(isinstance(each, dict) and "protocolSection" in each for each in studies):
        raise refused(WHAT, found="a list in JSON that is not of its studies", expected=_EXPECTED)
    records, odd = read_each(studies, read_study, number_of, source=SOURCE)
    return Read(records, _notes(studies), odd, _marks(studies, len(records)))


def _marks(studies: Sequence[object], read: int) -> tuple[str, ...]:
    """Return a digest of each study; none where some could not be read."""
    if read != len(studies):
        return ()
    return tuple(digest([json.dumps(each, sort_keys=True)]) for each in studies)


def _notes(studies: Iterable[object]) -> tuple[str, ...]:
    """Name the parts of studies that no known version of the register has."""
    unread = Unread("part of a study", abstracts=1)  # of every study a summary is asked
    for study in studies:
        for path, found in _unknown(study if isinstance(study, dict) else {}):
            unread.add(path, json.dumps(found))
    return tuple(unread.notes())


def _unknown(study: Json) -> Iterator[tuple[str, Any]]:
    yield from ((name, found) for name, found in study.items() if name not in _SECTIONS and found)
    protocol = study.get("protocolSection")
    for name, module in protocol.items() if isinstance(protocol, dict) else ():
        known = _MODULES.get(name)
        if known is None:
            yield name, module
        elif isinstance(module, dict):
            yield from ((f"{name}.{each}", module[each]) for each in module if each not in known)
