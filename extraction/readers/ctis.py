"""CTIS: pages of a list of trials, and the entry of one trial, as JSON.

The interface backs the public portal and is described nowhere; the shapes are those since June
2024. A list writes days first (24/06/2026), an entry writes instants. What is known of persons
(contacts, investigators) is not read, and not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, shown, squeezed
from extraction.readers.text import NO_TITLE

SOURCE = "ctis"
WHAT = "CTIS"
PUBLICATION_TYPE = "Clinical Trial Registration"
_LIST = "JSON with pagination.totalRecords and data"
_ENTRY = "JSON with ctNumber and authorizedApplication"
_NUMBER = re.compile(r"20\d\d-5\d{5}-\d\d-\d\d")
_DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_RANDOMISED = re.compile(r"randomi[sz]ed|randomly", re.I)
# The public status of a trial, from the portal's own list.
STATUSES: Mapping[int, str] = MappingProxyType(
    {
        1: "Under evaluation",
        2: "Authorised, recruitment pending",
        3: "Authorised, recruiting",
        4: "Ongoing, recruiting",
        5: "Ongoing, recruitment ended",
        6: "Temporarily halted",
        7: "Suspended",
        8: "Ended",
        9: "Expired",
        10: "Revoked",
        11: "Not authorised",
        12: "Cancelled",
    }
)
# Who is named in an entry, with mail and telephone.
_PERSONS = frozenset({"publicContacts", "scientificContacts", "thirdParties", "personInfo"})


@dataclass(frozen=True, slots=True)
class TrialList:
    """A page of a list; `total` is how many trials the whole list has."""

    records: tuple[Record, ...]
    total: int
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


def read_list(payload: bytes) -> TrialList:
    """Read a page of a list; raise UnreadablePayload for what is none."""
    answer = parse_json(payload, WHAT, expected=_LIST)
    pagination, rows = answer.get("pagination"), answer.get("data")
    total = pagination.get("totalRecords") if isinstance(pagination, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise unreadable(WHAT, found=f"pagination {shown(repr(pagination))}", expected=_LIST)
    if not isinstance(rows, list):
        raise unreadable(WHAT, found=f"data {shown(repr(rows))}", expected="a list of trials")
    records, odd = read_each(rows, _row, number_of, source=SOURCE)
    return TrialList(records, total, odd)


def read_trial(payload: bytes) -> Record:
    """Read the entry of one trial; raise UnreadablePayload for what is none."""
    answer = parse_json(payload, WHAT, expected=_ENTRY)
    number, application = number_of(answer), answer.get("authorizedApplication")
    if number is None or not isinstance(application, dict):
        raise unreadable(WHAT, found=shown(repr(answer)), expected=_ENTRY)
    part = _part(application, "authorizedPartI")
    details = _part(part, "trialDetails")
    named, information = (
        _part(details, "clinicalTrialIdentifiers"),
        _part(details, "trialInformation"),
    )
    title, decided = _title(named), _day(answer.get("decisionDate"))
    return Record(
        source=SOURCE,
        source_id=number,
        title=title or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_summary(information),
        authors=_sponsors(part),
        year=int(decided[:4]) if decided is not None else None,
        published_on=decided,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=_register_ids(number, named, application)),
        entry=_entry(answer, application, part, title or ""),
    )


def read_given(trial: object) -> Record:
    """Read one trial of a file: an entry, or a row of a list."""
    if isinstance(trial, dict) and "authorizedApplication" in trial:
        return read_trial(json.dumps(trial).encode())
    return _row(trial)


def without_persons(payload: bytes) -> bytes:
    """Return an entry as it is kept: without the people that it names."""
    return as_kept(parse_json(payload, WHAT, expected=_ENTRY))


def as_kept(value: object) -> bytes:
    """Write an entry, a list or a page as it is kept: without the people that it names."""
    return json.dumps(stripped(value), ensure_ascii=True, separators=(",", ":")).encode()


def names_persons(payload: bytes) -> bool:
    """Whether a file names people in the fields that are for them."""
    return any(f'"{name}"'.encode() in payload for name in _PERSONS)


def stripped(value: object) -> object:
    """Return what is left of a JSON value without the people that it names."""
    if isinstance(value, dict):
        return {key: stripped(each) for key, each in value.items() if key not in _PERSONS}
    return [stripped(each) for each in value] if isinstance(value, list) else value


# ---- a list --------------------------------------------------------------------------------------


def _row(row: object) -> Record:
    number = number_of(row)
    if not isinstance(row, dict) or number is None:
        raise unreadable(WHAT, found=shown(repr(row)), expected="a trial with its ctNumber")
    decided = _day(row.get("decisionDateOverall"))
    title = _text(row, "ctTitle") or _text(row, "shortTitle")
    return Record(
        source=SOURCE,
        source_id=number,
        title=title or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_labelled(
            ("CONDITION", _text(row, "conditions")),
            ("INTERVENTION", _text(row, "product")),
            ("PRIMARY OUTCOME", _text(row, "primaryEndPoint")),
        ),
        authors=tuple(filter(None, [_text(row, "sponsor")])),
        year=int(decided[:4]) if decided is not None else None,
        published_on=decided,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=identifiers.register_ids_in([number])),
        entry=RegisterEntry(
            overall_status=_status(row.get("ctStatus")),
            start_on=_day(row.get("startDateEU")),
            completion_on=_day(row.get("endDate")) or _day(row.get("endDateEU")),
            last_update_on=_day(row.get("lastPublicationUpdate")) or _day(row.get("lastUpdated")),
            enrolment=_whole(row.get("totalNumberEnrolled")),
            has_results=_text(row, "resultsFirstReceived") == "Yes",
            allocation=_allocation(title or ""),
            conditions=tuple(filter(None, [_text(row, "conditions")])),
            interventions=tuple(filter(None, [_text(row, "product")])),
        ),
    )


# ---- an entry ------------------------------------------------------------------------------------


def _title(named: Json) -> str | None:
    names = (_text(named, each) for each in ("fullTitle", "publicTitle", "shortTitle"))
    return next(filter(None, names), None)


def _summary(information: Json) -> str | None:
    criteria, ends = _part(information, "eligibilityCriteria"), _part(information, "endPoint")
    return _labelled(
        ("OBJECTIVE", _text(_part(information, "trialObjective"), "mainObjective")),
        ("INCLUSION", _joined(criteria, "principalInclusionCriteria")),
        ("PRIMARY OUTCOME", _joined(ends, "primaryEndPoints", "endPoint")),
    )


def _sponsors(part: Json) -> tuple[str, ...]:
    organisations = (_part(each, "organisation") for each in _objects(part, "sponsors"))
    return tuple(filter(None, (_text(each, "name") for each in organisations)))


def _register_ids(number: str, named: Json, application: Json) -> tuple[str, ...]:
    second = _part(named, "secondaryIdentifyingNumbers")
    others = [
        _text(_part(application, "eudraCt"), "eudraCtCode"),
        _text(_part(second, "nctNumber"), "number"),
        _text(_part(second, "whoUniversalTrialNumber"), "number"),
        *(_text(each, "number") for each in _objects(second, "additionalRegistries")),
    ]
    return identifiers.register_ids_in([number, *filter(None, others)])


def _entry(answer: Json, application: Json, part: Json, title: str) -> RegisterEntry:
    results = answer.get("results") or {}
    conditions = [_text(each, "medicalCondition") for each in _objects(part, "medicalConditions")]
    ended = application.get("trialGlobalEnd")
    planned = _part(_part(_part(part, "trialDetails"), "trialInformation"), "trialDuration")
    return RegisterEntry(
        overall_status=_status(answer.get("ctPublicStatusCode")),
        start_on=_day(answer.get("startDateEU")),
        primary_completion_on=_day(planned.get("estimatedGlobalEndDate")),
        completion_on=_end(ended),
        results_posted_on=min(_handed_in(results), default=None),
        last_update_on=_day(answer.get("publishDate")),
        enrolment=_enrolment(application, part),
        has_results=any(results.values()) if isinstance(results, dict) else False,
        allocation=_allocation(title),
        conditions=tuple(filter(None, conditions)),
        interventions=tuple(
            filter(None, (_text(each, "productName") for each in _objects(part, "products")))
        ),
    )


def _end(ended: object) -> str | None:
    """Return the day on which a trial ended: an object has it, a list stands there before."""
    days = (_day(each) for each in ended.values()) if isinstance(ended, dict) else ()
    return max(filter(None, days), default=None)


def _handed_in(results: object) -> Iterator[str]:
    """Yield the days on which results were handed in."""
    for kind in results.values() if isinstance(results, dict) else ():
        for each in kind if isinstance(kind, list) else ():
            day = _day(each.get("submissionDate") or each.get("submitDate"))
            if day is not None:
                yield day


def _enrolment(application: Json, part: Json) -> int | None:
    """Add up whom each state enrols, and those of the rest of the world."""
    counts = [
        _whole(each.get("recruitmentSubjectCount"))
        for each in _objects(application, "authorizedPartsII")
    ]
    known = [each for each in counts if each is not None]
    return sum(known) + (_whole(part.get("rowSubjectCount")) or 0) if known else None


# ---- cells ---------------------------------------------------------------------------------------


def number_of(trial: object) -> str | None:
    """Return the number of a trial, if it has a sound one."""
    found = trial.get("ctNumber") if isinstance(trial, dict) else None
    return found if isinstance(found, str) and _NUMBER.fullmatch(found) else None


def _status(code: object) -> str | None:
    """Return the public status in the portal's words; of a code that nobody knows, the code."""
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    return STATUSES.get(code, f"status {code}, which is not in the portal's list")


def _day(text: object) -> str | None:
    """Read a day; instants have up to nine decimals, lists write the day first."""
    if not isinstance(text, str):
        return None
    first = _DAY_FIRST.match(text)
    if first is not None:
        return f"{first[3]}-{first[2]}-{first[1]}"
    found = _ISO.match(text)
    return found[0] if found is not None else None


def _whole(value: object) -> int | None:
    text = str(value).strip() if isinstance(value, str | int) else ""
    return int(text) if text.isdecimal() and len(text) < 10 else None  # fewer than all people


def _allocation(title: str) -> str | None:
    """Say that a trial is randomised where its title does: no field does."""
    return "RANDOMIZED" if _RANDOMISED.search(title) else None


def _part(parent: Mapping[str, Any], name: str) -> Json:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _objects(parent: Mapping[str, Any], name: str) -> list[Json]:
    found = parent.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(parent: Mapping[str, Any], name: str) -> str | None:
    found = parent.get(name)
    return squeezed(found) or None if isinstance(found, str) else None


def _joined(parent: Json, name: str, field: str | None = None) -> str | None:
    texts = (_text(each, field or name) for each in _objects(parent, name))
    return "; ".join(filter(None, texts)) or None


def _labelled(*parts: tuple[str, str | None]) -> str | None:
    return "\n".join(f"{label}: {text}" for label, text in parts if text) or None
