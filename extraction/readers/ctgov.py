"""ClinicalTrials.gov API v2: pages of studies, or one study, as JSON.

The old (v1) shape is recognised and refused with the reason. What the register derives itself
(derivedSection: terms, the release's date) is not read: it changes with every release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from extraction import identifiers
from extraction.errors import refused, unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.dates import year_in
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, shown

SOURCE = "ctgov"
WHAT = "ClinicalTrials.gov"
PUBLICATION_TYPE = "Clinical Trial Registration"
NO_TITLE = "[no title]"
# What the register writes for an enrolment it does not know.
UNKNOWN_ENROLMENT = 99_999_999
_EXPECTED = "API v2 JSON with studies or one study"
_OLD = frozenset(
    {"FullStudiesResponse", "StudyFieldsResponse", "FullStudy", "Study", "ProtocolSection"}
)


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A page of studies; `total` comes with page 1 only, `next_token` with all but the last.

    odd: the studies that could not be read, by their numbers.
    """

    records: tuple[Record, ...]
    total: int | None
    next_token: str | None
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


def read_page(payload: bytes) -> StudyPage:
    """Read a page of studies, or a single study as a page of one.

    Raises UnreadablePayload for what is no answer of the register, RefusedPayload for its old API.
    """
    answer = parse_json(payload, WHAT, expected=_EXPECTED)
    if "studies" not in answer:
        return StudyPage((read_study(answer),), 1, None)
    studies, total = answer["studies"], answer.get("totalCount")
    if not isinstance(studies, list):
        raise unreadable("studies", found=shown(repr(studies)), expected="a list")
    if total is not None and (not isinstance(total, int) or total < 0):
        raise unreadable("totalCount", found=shown(repr(total)), expected="a whole number")
    records, odd = read_each(studies, read_study, number_of, source=SOURCE)
    return StudyPage(
        records=records,
        total=total,
        next_token=_text(answer, "nextPageToken"),
        odd=odd,
    )


def number_of(study: object) -> str | None:
    """Return the number of a study that cannot be read, where that at least can be."""
    found = study
    for name in ("protocolSection", "identificationModule", "nctId"):
        found = found.get(name) if isinstance(found, dict) else None
    number = identifiers.register_id(found) if isinstance(found, str) else None
    return number.id if number is not None and number.register == WHAT else None


def read_study(study: object) -> Record:
    """Read one study as the record of its register entry.

    The title is the official one, else the brief one; the abstract is the brief summary; the
    authors are the study's officials, else its lead sponsor; published means first posted.
    """
    whole = _checked(study)
    protocol = _part(whole, "protocolSection")
    identification, status = (
        _part(protocol, "identificationModule"),
        _part(protocol, "statusModule"),
    )
    nct = _nct(identification)
    posted = _date(status, "studyFirstPostDateStruct")
    return Record(
        source=SOURCE,
        source_id=nct,
        title=_text(identification, "officialTitle")
        or _text(identification, "briefTitle")
        or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_text(_part(protocol, "descriptionModule"), "briefSummary"),
        authors=_people(protocol),
        year=year_in(posted) if posted is not None else None,
        published_on=posted,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=_register_ids(nct, identification)),
        entry=_entry(whole, protocol, status),
    )


def _checked(study: object) -> Json:
    if not isinstance(study, dict):
        raise unreadable("a study", found=shown(repr(study)), expected="an object")
    if _OLD & study.keys():
        raise refused(
            WHAT,
            found="the shape of its old API (v1), switched off in 2024",
            expected="that of API v2; the address to ask must be mended",
        )
    if "protocolSection" not in study:
        found = f"JSON with {', '.join(study) or 'nothing'}"
        raise unreadable(WHAT, found=shown(found), expected=_EXPECTED)
    return study


def _nct(identification: Json) -> str:
    text = _text(identification, "nctId") or ""
    found = identifiers.register_id(text)
    if found is None or found.register != WHAT:
        raise unreadable("a study", found=f"nctId '{text}'", expected="an NCT number")
    return found.id


def _part(parent: Json, name: str) -> Json:
    found = parent.get(name) or {}
    if not isinstance(found, dict):
        raise unreadable(name, found=shown(repr(found)), expected="an object")
    return found


def _list(parent: Json, name: str) -> list[Any]:
    found = parent.get(name) or []
    if not isinstance(found, list):
        raise unreadable(name, found=shown(repr(found)), expected="a list")
    return found


def _text(parent: Json, name: str) -> str | None:
    found = parent.get(name)
    if found is not None and not isinstance(found, str):
        raise unreadable(name, found=shown(repr(found)), expected="text")
    return found.strip() or None if found else None


def _date(parent: Json, name: str) -> str | None:
    return _text(_part(parent, name), "date")


def _texts(parent: Json, listed: str, name: str) -> tuple[str, ...]:
    """Return one text of each object in a list."""
    texts = (_text(each, name) for each in _list(parent, listed) if isinstance(each, dict))
    return tuple(text for text in texts if text is not None)


def _people(protocol: Json) -> tuple[str, ...]:
    officials = _texts(_part(protocol, "contactsLocationsModule"), "overallOfficials", "name")
    sponsor = _text(_part(_part(protocol, "sponsorCollaboratorsModule"), "leadSponsor"), "name")
    return officials or ((sponsor,) if sponsor else ())


def _register_ids(nct: str, identification: Json) -> tuple[str, ...]:
    """Return the entry's own number first, then those it gives of itself in other places."""
    own = _text(_part(identification, "orgStudyIdInfo"), "id")
    aliases = [each for each in _list(identification, "nctIdAliases") if isinstance(each, str)]
    others = [own or "", *aliases, *_texts(identification, "secondaryIdInfos", "id")]
    return tuple(dict.fromkeys([nct, *identifiers.register_ids_in(others)]))


def _entry(study: Json, protocol: Json, status: Json) -> RegisterEntry:
    design = _part(protocol, "designModule")
    info, groups = _part(design, "designInfo"), _part(protocol, "armsInterventionsModule")
    conditions = _list(_part(protocol, "conditionsModule"), "conditions")
    return RegisterEntry(
        overall_status=_text(status, "overallStatus"),
        start_on=_date(status, "startDateStruct"),
        primary_completion_on=_date(status, "primaryCompletionDateStruct"),
        completion_on=_date(status, "completionDateStruct"),
        results_posted_on=_date(status, "resultsFirstPostDateStruct"),
        last_update_on=_date(status, "lastUpdatePostDateStruct"),
        enrolment=_enrolment(_part(design, "enrollmentInfo")),
        has_results=bool(study.get("hasResults")) or "resultsSection" in study,
        allocation=_text(info, "allocation"),
        intervention_model=_text(info, "interventionModel"),
        conditions=tuple(str(each) for each in conditions),
        interventions=_texts(groups, "interventions", "name"),
        arms=_texts(groups, "armGroups", "label"),
    )


def _enrolment(info: Json) -> int | None:
    count = info.get("count")
    return count if isinstance(count, int) and count != UNKNOWN_ENROLMENT else None
