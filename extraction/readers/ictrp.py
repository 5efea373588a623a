"""WHO ICTRP's exports: entries of many registers, in flat fields; as XML, or as one of two tables.

The weekly table quotes every value twice, writes NULL for none, and breaks lists by <br>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from lxml import etree

from extraction import identifiers
from extraction.errors import UnreadablePayload, unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.dates import dated, iso_day, written_date
from extraction.readers.named_columns import key_of
from extraction.readers.noted import Unread
from extraction.readers.odd import MOST_ODD, read_each
from extraction.readers.payload import parse_xml, pieces_of, text_in_bytes, text_of
from extraction.readers.text import NO_TITLE, Read, digest
from extraction.readers.written import PUBLICATION_TYPE, allocation

ROOT = "Trials_downloaded_from_ICTRP"
# ICTRP has no summary; these fields, labelled, are what a reader screens by.
_SHOWN = ("Study_design", "Intervention", "Inclusion_Criteria", "Primary_outcome")
_SECONDARY = ("Secondary_ID", "Secondary_IDs", "SecondaryIDs", "Bridged_type")
_TRIAL_ID = re.compile(rb"<TrialID>(.*?)</TrialID>", re.S)
_LONGEST_SIZE = 9  # digits: no trial enrols more than all people
_BREAK = re.compile(r"\s*<br\s*/?>\s*|\r", re.I)
# The fields of the XML, those that a record is made of first.
_READ = (
    *("TrialID", "Scientific_title", "Public_title", "Primary_sponsor", "Date_registration3"),
    *("Date_registration", "Recruitment_Status", "Date_enrollement", "results_date_posted"),
    *("Last_Refreshed_on", "Target_size", "Condition", *_SHOWN, *_SECONDARY),
)
_LEFT = (
    *("Internal_Number", "Acronym", "Prospective_registration", "Export_date", "Source_Register"),
    *("web_address", "other_records", "Inclusion_agemin", "Inclusion_agemax", "Inclusion_gender"),
    *("Study_type", "Phase", "Countries", "Contact_Firstname", "Contact_Lastname"),
    *("Contact_Address", "Contact_Email", "Contact_Tel", "Contact_Affiliation"),
    *("Exclusion_Criteria", "Secondary_outcome", "Secondary_Sponsor", "Source_Support"),
    *("Ethics_Approval_Date", "Ethics_Contact_Name", "Ethics_Contact_Address"),
    *("Ethics_Contact_Phone", "Ethics_Contact_Email", "Ethics_Status", "results_url_link"),
    *("results_summary", "results_date_completed", "results_date_first_publication"),
    *("results_baseline_char", "results_participant_flow", "results_adverse_events"),
    *("results_outcome_measures", "results_url_protocol", "results_IPD_plan"),
    *("results_IPD_description", "results_actual_enrolment", "results_yes_no", "Bridging_flag"),
    *("Bridged_flag_TrialIDs", "Childs", "type_enrolment", "Retrospective_flag"),
    *("Public_Contact_Firstname", "Public_Contact_Lastname", "Public_Contact_Address"),
    *("Public_Contact_Email", "Public_Contact_Tel", "Public_Contact_Affiliation"),
    *("Scientific_Contact_Firstname", "Scientific_Contact_Lastname", "Scientific_Contact_Email"),
    *("Scientific_Contact_Address", "Scientific_Contact_Tel", "Scientific_Contact_Affiliation"),
)
# What the tables call a field where it is not the XML's name.
_OTHERWISE = {
    "Last_Refreshed_on": "last_updated",
    "Study_design": "design",
    "Condition": "Conditions",
    "Intervention": "Interventions",
    "Secondary_Sponsor": "Secondary_sponsors",
    "Secondary_outcome": "Secondary_Outcomes",
    "web_address": "url",
    "Inclusion_agemin": "Age_min",
    "Inclusion_agemax": "Age_max",
    "Inclusion_gender": "Gender",
    "results_actual_enrolment": "results_actual_enrollment",
}
FIELDS_OF_ICTRP: Mapping[str, str] = {key_of(each): each for each in (*_READ, *_LEFT)} | {
    key_of(other): name for name, other in _OTHERWISE.items()
}
_MARKS = frozenset(
    map(key_of, ("Last Refreshed on", "Source Register", "Date registration3", "web address"))
)
_WEEKLY = frozenset(map(key_of, ("last_updated", "SecondaryIDs", "Bridging_flag")))
# The columns of the weekly table, in its order: it may come without their names.
WEEKLY_COLUMNS = (
    *("TrialID", "last_updated", "SecondaryIDs", "public_title", "Scientific_title", "url"),
    *("Public_Contact_Firstname", "Public_Contact_Lastname", "Public_Contact_Address"),
    *("Public_Contact_Email", "Public_Contact_Tel", "Public_Contact_Affiliation"),
    *("Scientific_Contact_Firstname", "Scientific_Contact_Lastname", "Scientific_Contact_Address"),
    *("Scientific_Contact_Email", "Scientific_Contact_Tel", "Scientific_Contact_Affiliation"),
    *("study_type", "study_design", "phase", "Date_registration", "Date_enrollement"),
    *("Target_size", "Recruitment_status", "Primary_sponsor", "Secondary_sponsors"),
    *("Source_Support", "Countries", "Conditions", "Interventions", "Age_min", "Age_max"),
    *("Gender", "Inclusion_Criteria", "Exclusion_Criteria", "Primary_Outcome"),
    *("Secondary_Outcomes", "Bridging_flag", "Bridged_type", "Childs", "type_enrolment"),
    *("Retrospective_flag", "results_actual_enrollment", "results_url_link", "results_summary"),
    *("results_date_posted", "results_date_first_publication", "results_baseline_char"),
    *("results_participant_flow", "results_adverse_events", "results_outcome_measures"),
    *("results_url_protocol", "results_IPD_plan", "results_IPD_description"),
    *("results_date_completed", "results_yes_no", "Ethics_Status", "Ethics_Approval_Date"),
    *("Ethics_Contact_Name", "Ethics_Contact_Address", "Ethics_Contact_Phone"),
    "Ethics_Contact_Email",
)
Fields = Mapping[str, str]


def is_ictrp(columns: Iterable[str]) -> bool:
    """Whether a table has the columns of one of ICTRP's."""
    keys = frozenset(map(key_of, columns))
    titled = "trialid" in keys and keys & {"publictitle", "scientifictitle"}
    return bool(titled) and (bool(_MARKS & keys) or keys >= _WEEKLY)


def read_ictrp(payload: bytes, name: str, source: str) -> Read:
    """Read every trial; raise UnreadablePayload for a file cut off or a trial without an id."""
    unread = Unread("element")
    try:
        root = parse_xml(payload, name, root=ROOT)
    except UnreadablePayload as error:
        read = _one_by_one(payload, error, source, unread)
    else:
        if root.tag != ROOT:
            raise unreadable(name, found=f"the root {root.tag}", expected=ROOT)
        read = _whole(root, name, source, unread)
    return replace(read, notes=tuple(unread.notes()))


def _whole(root: etree._Element, name: str, source: str, unread: Unread) -> Read:
    records, marks = [], []
    for place, trial in enumerate(root.findall("Trial"), start=1):
        fields = _fields(trial, unread)
        marks.append(digest([*fields, *fields.values()]))
        records.append(record_of_fields(fields, f"{name}, trial {place}", source))
        unread.abstracts += records[-1].abstract is not None
    return Read(tuple(records), marks=tuple(marks))


def within(payload: bytes, at: int) -> str:
    """Name the trial in which a place of the file is; nothing where it is in none."""
    begun = payload.rfind(b"<Trial>", 0, at)
    found = _TRIAL_ID.search(payload, begun) if begun >= 0 else None
    return f", in the trial {text_in_bytes(found[1])}" if found is not None else ""


def _one_by_one(payload: bytes, error: UnreadablePayload, source: str, unread: Unread) -> Read:
    """Read each trial by itself where one of them is no sound XML; else raise the error."""
    pieces = pieces_of(payload, "Trial", root=ROOT)
    if pieces is None:
        raise error

    def read(piece: bytes) -> Record:
        (trial,) = parse_xml(pieces.whole(piece), "its XML", root=ROOT).findall("Trial")
        return record_of_fields(_fields(trial, unread), "its XML", source)

    records, odd = read_each(pieces.held, read, _number_in_bytes, source=source)
    if not records or len(odd) > MOST_ODD:
        raise error
    return Read(records, odd=odd)


def _number_in_bytes(piece: bytes) -> str | None:
    found = _TRIAL_ID.search(piece)
    number = text_in_bytes(found[1]) if found is not None else ""
    return identifiers.register_key(number) if number else None


def _fields(trial: etree._Element, unread: Unread) -> Fields:
    """Return the filled fields by name; those of no known name are counted as well."""
    found: dict[str, str] = {}
    for each in trial:
        name, text = str(each.tag), text_of(each)
        if text and text != found.get(name):
            found[name] = f"{found[name]}; {text}" if name in found else text
    for name, text in found.items():
        if key_of(name) not in FIELDS_OF_ICTRP:
            unread.add(name, text)
    return found


def record_of_fields(
    fields: Fields, where: str, source: str, *, everything: Iterable[str] | None = None
) -> Record:
    """Make the record of a trial of its fields, by the names of the XML.

    everything: all texts in which a register's number counts; None: those of the fields. Raises
    UnreadablePayload for a trial without a number.
    """
    filled = {field: text for field, cell in fields.items() if (text := _plain(cell))}
    number = filled.get("TrialID")
    if number is None:
        raise unreadable(where, found="no TrialID", expected="one")
    own = identifiers.register_key(number)
    others = identifiers.register_ids_in(
        [*(filled.get(each, "") for each in _SECONDARY), *(everything or filled.values())]
    )
    registered = _registered(filled)
    sponsor = filled.get("Primary_sponsor")
    return Record(
        source=source,
        source_id=own,
        title=filled.get("Scientific_title") or filled.get("Public_title") or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_summary(filled),
        authors=(sponsor,) if sponsor else (),
        year=int(registered[:4]) if registered is not None else None,
        published_on=registered,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=tuple(dict.fromkeys([own, *others]))),
        entry=_entry(filled),
    )


def _plain(cell: str) -> str:
    """Return a field's text: without quotation marks around it, or the word NULL."""
    text = cell.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    return "" if text == "NULL" else text


def _entry(fields: Fields) -> RegisterEntry:
    design, size = fields.get("Study_design", ""), fields.get("Target_size", "")
    posted = fields.get("results_date_posted")
    return RegisterEntry(
        overall_status=fields.get("Recruitment_Status"),
        start_on=_iso(fields.get("Date_enrollement")),  # WHO's own spelling
        results_posted_on=_iso(posted),
        last_update_on=_iso(fields.get("Last_Refreshed_on")),
        enrolment=int(size) if size.isdecimal() and len(size) <= _LONGEST_SIZE else None,
        has_results=posted is not None,
        allocation=allocation(design),
        conditions=_listed(fields, "Condition"),
        interventions=_listed(fields, "Intervention"),
    )


def _iso(text: str | None) -> str | None:
    return iso_day(text) if text is not None else None


def _listed(fields: Fields, field: str) -> tuple[str, ...]:
    """Return the parts of a list: by the line breaks of HTML where it has some, or semicolons."""
    text = fields.get(field, "")
    pieces = _BREAK.split(text) if _BREAK.search(text) else text.split(";")
    return tuple(plain for each in pieces if (plain := each.strip().rstrip(";").strip()))


def _summary(fields: Fields) -> str | None:
    lines = ((field, _BREAK.sub(" ", fields.get(field, "")).strip()) for field in _SHOWN)
    return (
        "\n".join(f"{field.replace('_', ' ').upper()}: {text}" for field, text in lines if text)
        or None
    )


def _registered(fields: Fields) -> str | None:
    """Read YYYYMMDD, the one date that all registers write alike; else the day first."""
    sure = fields.get("Date_registration3", "")
    if re.fullmatch(r"\d{8}", sure):
        return dated(sure[:4], sure[4:6], sure[6:]).on
    found = written_date(fields.get("Date_registration", ""))
    return found.on if found is not None and found.year is not None else None
