"""WHO ICTRP's XML export: entries of many registers, in flat fields."""

from __future__ import annotations

import re

from lxml import etree

from extraction import identifiers
from extraction.errors import UnreadablePayload, unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.dates import dated
from extraction.readers.odd import MOST_ODD, read_each
from extraction.readers.payload import parse_xml, pieces_of, text_in_bytes, text_of
from extraction.readers.text import NO_TITLE, Read

ROOT = "Trials_downloaded_from_ICTRP"
PUBLICATION_TYPE = "Clinical Trial Registration"
# ICTRP has no summary; these fields, labelled, are what a reader screens by.
_SHOWN = ("Study_design", "Intervention", "Inclusion_Criteria", "Primary_outcome")
_SECONDARY = ("Secondary_ID", "Secondary_IDs", "SecondaryIDs", "Bridged_type")
_TRIAL_ID = re.compile(rb"<TrialID>(.*?)</TrialID>", re.S)
_RANDOMISED = re.compile(r"Allocation:\s*randomi[sz]ed|\brandomi[sz]ed:\s*yes", re.I)
_LONGEST_SIZE = 9  # digits: no trial enrols more than all people
_BREAK = re.compile(r"\s*<br\s*/?>\s*|\r", re.I)


def read_ictrp(payload: bytes, name: str, source: str) -> Read:
    """Read every trial; raise UnreadablePayload for a file cut off or a trial without an id."""
    try:
        root = parse_xml(payload, name, root=ROOT)
    except UnreadablePayload as error:
        return _one_by_one(payload, error, source)
    if root.tag != ROOT:
        raise unreadable(name, found=f"the root {root.tag}", expected=ROOT)
    trials = enumerate(root.findall("Trial"), start=1)
    return Read(tuple(_record(trial, f"{name}, trial {place}", source) for place, trial in trials))


def _one_by_one(payload: bytes, error: UnreadablePayload, source: str) -> Read:
    """Read each trial by itself where one of them is no sound XML; else raise the error."""
    pieces = pieces_of(payload, "Trial", root=ROOT)
    if pieces is None:
        raise error

    def read(piece: bytes) -> Record:
        (trial,) = parse_xml(pieces.whole(piece), "its XML", root=ROOT).findall("Trial")
        return _record(trial, "its XML", source)

    records, odd = read_each(pieces.held, read, _number_in_bytes, source=source)
    if not records or len(odd) > MOST_ODD:
        raise error
    return Read(records, odd=odd)


def _number_in_bytes(piece: bytes) -> str | None:
    found = _TRIAL_ID.search(piece)
    number = text_in_bytes(found[1]) if found is not None else ""
    return identifiers.register_key(number) if number else None


def _record(trial: etree._Element, where: str, source: str) -> Record:
    number = _text(trial, "TrialID")
    if number is None:
        raise unreadable(where, found="no TrialID", expected="one")
    own = identifiers.register_key(number)
    others = identifiers.register_ids_in(_text(trial, each) or "" for each in _SECONDARY)
    registered = _day(_text(trial, "Date_registration3"))
    sponsor = _text(trial, "Primary_sponsor")
    return Record(
        source=source,
        source_id=own,
        title=_text(trial, "Scientific_title") or _text(trial, "Public_title") or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_summary(trial),
        authors=(sponsor,) if sponsor else (),
        year=int(registered[:4]) if registered is not None else None,
        published_on=registered,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=tuple(dict.fromkeys([own, *others]))),
        entry=_entry(trial),
    )


def _entry(trial: etree._Element) -> RegisterEntry:
    design, size = _text(trial, "Study_design") or "", _text(trial, "Target_size") or ""
    posted = _text(trial, "results_date_posted")
    return RegisterEntry(
        overall_status=_text(trial, "Recruitment_Status"),
        start_on=_text(trial, "Date_enrollement"),  # WHO's own spelling
        results_posted_on=posted,
        last_update_on=_text(trial, "Last_Refreshed_on"),
        enrolment=int(size) if size.isdecimal() and len(size) <= _LONGEST_SIZE else None,
        has_results=posted is not None,
        allocation="RANDOMIZED" if _RANDOMISED.search(design) else None,
        conditions=_listed(trial, "Condition"),
        interventions=_listed(trial, "Intervention"),
    )


def _text(trial: etree._Element, field: str) -> str | None:
    text = text_of(trial.find(field))
    return _BREAK.sub(" ", text).strip() or None if text is not None else None


def _listed(trial: etree._Element, field: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in (_text(trial, field) or "").split(";") if each.strip())


def _summary(trial: etree._Element) -> str | None:
    lines = ((field, _text(trial, field)) for field in _SHOWN)
    return (
        "\n".join(f"{field.replace('_', ' ').upper()}: {text}" for field, text in lines if text)
        or None
    )


def _day(text: str | None) -> str | None:
    """Read YYYYMMDD, the one date that all registers write alike here."""
    if text is None or not re.fullmatch(r"\d{8}", text):
        return None
    return dated(text[:4], text[4:6], text[6:]).on
