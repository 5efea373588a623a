"""ClinicalTrials.gov API v2: pages of studies, or one study, as JSON.

The old (v1) shape is recognised and refused with the reason. Dates keep their precision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extraction import identifiers
from extraction.errors import RefusedPayload, unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry

SOURCE = "ctgov"
TYPE = "Clinical Trial Registration"
REGISTER = "ClinicalTrials.gov"
# What the register writes for an enrolment it does not know.
UNKNOWN_ENROLMENT = 99_999_999
HASHED = ("protocolSection", "resultsSection", "documentSection")
_QUOTED = 120
_OLD_KEYS = frozenset({"FullStudiesResponse", "FullStudy", "StudyFieldsResponse", "Study"})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A page of studies; `total` comes with page 1 only, `next_token` with all but the last."""

    records: tuple[Record, ...]
    total: int | None
    next_token: str | None


def read_page(payload: bytes) -> StudyPage:
    """Read a page of studies, or a single study as a page of one."""
    data = _json(payload)
    if "studies" not in data:
        return StudyPage((read_study(data),), 1, None)
    studies, total, token = data["studies"], data.get("totalCount"), data.get("nextPageToken")
    if not isinstance(studies, list):
        raise unreadable("studies", found=repr(studies)[:_QUOTED], expected="a list")
    if total is not None and not isinstance(total, int):
        raise unreadable("totalCount", found=repr(total), expected="a whole number")
    return StudyPage(
        tuple(read_study(each) for each in studies),
        total,
        token if isinstance(token, str) and token else None,
    )


def read_study(study: Json) -> Record:
    """Read one study's register entry as a record."""
    _refuse_old(study)
    protocol = _part(study, "protocolSection")
    identification, status = (
        _part(protocol, "identificationModule"),
        _part(protocol, "statusModule"),
    )
    found = identifiers.register_id(_text(identification, "nctId") or "")
    if found is None:
        raise unreadable(
            "study", found=f"nctId {identification.get('nctId')!r}", expected="an NCT number"
        )
    nct = found.id
    title = _text(identification, "officialTitle") or _text(identification, "briefTitle")
    posted = _date(status, "studyFirstPostDateStruct") or _text(status, "studyFirstSubmitDate")
    return Record(
        source=SOURCE,
        source_id=nct,
        title=title or nct,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_text(_part(protocol, "descriptionModule"), "briefSummary"),
        authors=_people(protocol),
        journal=REGISTER,
        year=int(posted[:4]) if posted and posted[:4].isdigit() else None,
        published_on=posted,
        publication_types=(TYPE,),
        ids=RecordIds(register=_register_ids(nct, identification)),
        entry=_entry(study, protocol, status),
    )


def change_hash(study: Json) -> str:
    """Hash what the trial's own people wrote: a new release of the register leaves it the same."""
    kept = {name: study[name] for name in HASHED if name in study}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _json(payload: bytes) -> Json:
    start = payload[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise unreadable("studies", found="an empty body", expected="JSON")
    if start.startswith(b"<"):
        raise unreadable("studies", found="an HTML page", expected="JSON")
    try:
        data = json.loads(payload.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise unreadable(
            "studies", found="bytes that are not UTF-8", expected="UTF-8 JSON"
        ) from error
    except RecursionError as error:
        raise unreadable("studies", found="JSON nested without end", expected="a page") from error
    except json.JSONDecodeError as error:
        found = f"broken JSON ({error})"
        raise unreadable("studies", found=found, expected="a whole page") from error
    if not isinstance(data, dict):
        raise unreadable("studies", found=type(data).__name__, expected="an object")
    _refuse_old(data)
    return data


def _refuse_old(data: object) -> None:
    if not isinstance(data, dict):
        raise unreadable("study", found=type(data).__name__, expected="an object")
    old = _OLD_KEYS & set(data)
    protocol = data.get("ProtocolSection") or data.get("protocol_section")
    if old or isinstance(protocol, dict):
        raise RefusedPayload(
            "ClinicalTrials.gov: this is the shape of the old API (v1), which was switched off in 2024;"
            " the address must be that of API v2",
        )


def _part(parent: Json, name: str) -> Json:
    found = parent.get(name, {})
    if not isinstance(found, dict):
        raise unreadable(name, found=repr(found)[:_QUOTED], expected="an object")
    return found


def _text(parent: Json, name: str) -> str | None:
    found = parent.get(name)
    return " ".join(found.split()) or None if isinstance(found, str) else None


def _list(parent: Json, name: str) -> Sequence[Any]:
    found = parent.get(name, [])
    return found if isinstance(found, list) else []


def _date(parent: Json, name: str) -> str | None:
    return _text(_part(parent, name), "date")


def _people(protocol: Json) -> tuple[str, ...]:
    """Name the officials; where none is named, the lead sponsor."""
    officials = _list(_part(protocol, "contactsLocationsModule"), "overallOfficials")
    names = tuple(name for each in officials if (name := _text(each, "name")))
    sponsor = _text(_part(_part(protocol, "sponsorCollaboratorsModule"), "leadSponsor"), "name")
    return names or ((sponsor,) if sponsor else ())


def _register_ids(nct: str, identification: Json) -> tuple[str, ...]:
    """Return the entry's own number first, then those it bears in other registers."""
    secondary = [_text(each, "id") for each in _list(identification, "secondaryIdInfos")]
    others = [_text(_part(identification, "orgStudyIdInfo"), "id"), *secondary]
    aliases = [each for each in _list(identification, "nctIdAliases") if isinstance(each, str)]
    found = identifiers.register_ids_in(text for text in (*others, *aliases) if text)
    return tuple(dict.fromkeys([nct, *found]))


def _entry(study: Json, protocol: Json, status: Json) -> RegisterEntry:
    design = _part(protocol, "designModule")
    info = _part(design, "designInfo")
    arms = _part(protocol, "armsInterventionsModule")
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
        interventions=_names(arms, "interventions", "name"),
        arms=_names(arms, "armGroups", "label"),
    )


def _enrolment(info: Json) -> int | None:
    count = info.get("count")
    return count if isinstance(count, int) and count != UNKNOWN_ENROLMENT else None


def _names(parent: Json, listed: str, name: str) -> tuple[str, ...]:
    found = (_text(each, name) for each in _list(parent, listed) if isinstance(each, dict))
    return tuple(each for each in found if each is not None)
