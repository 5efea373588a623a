"""What people keep of CTIS and ISRCTN: the answers of their interfaces, whole or refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from lxml import etree

from extraction.errors import unreadable
from extraction.readers import ctis, isrctn
from extraction.readers.elements import unknown_elements
from extraction.readers.noted import Unread
from extraction.readers.odd import OddRecord, read_each
from extraction.readers.payload import parse_json, parse_list
from extraction.readers.text import Read, digest

_CTIS_EXPECTED = "a list of trials, or the entry of one"
# The fields of a trial in a list, and of an entry: what is read, and what is known and left.
_ROW, _ENTRY = (
    frozenset(names.split())
    for names in (
        "ctNumber ctStatus ctTitle shortTitle conditions trialCountries decisionDateOverall"
        " decisionDate therapeuticAreas sponsor sponsorType trialPhase product endPoint"
        " primaryEndPoint ageGroup ageRangeSecondary gender trialRegion totalNumberEnrolled"
        " resultsFirstReceived lastUpdated lastPublicationUpdate startDateEU endDate endDateEU"
        " id eudraCtInfo",
        "ctNumber ctStatus startDateEU endDateEU decisionDate publishDate ctPublicStatusCode"
        " authorizedApplication events results documents trialRegion trialRegionCode"
        " correctiveMeasures",
    )
)


def is_ctis(payload: bytes) -> bool:
    """Whether a text in JSON holds trials of CTIS, or a list of it that found none."""
    if b'"protocolSection"' in payload:
        return False
    return b'"ctNumber"' in payload or (b'"pagination"' in payload and b'"totalRecords"' in payload)


def read_ctis(payload: bytes) -> Read:
    """Read a page that is the whole list, one entry, or entries and rows as a list."""
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return _ctis_trials(parse_list(payload, ctis.WHAT, expected=_CTIS_EXPECTED))
    answer = parse_json(payload, ctis.WHAT, expected=_CTIS_EXPECTED)
    if "pagination" not in answer:
        return _ctis_trials([answer])
    page = ctis.read_list(payload)
    _check_whole(len(page.found), page.total)
    trials = answer["data"]
    return Read(page.records, _unread(trials), page.odd, _marks(trials, page.odd))


def ctis_without_persons(payload: bytes) -> bytes:
    """Return what is kept of a list, a page or an entry: all but the people that are named."""
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return ctis.as_kept(parse_list(payload, ctis.WHAT, expected=_CTIS_EXPECTED))
    return ctis.as_kept(parse_json(payload, ctis.WHAT, expected=_CTIS_EXPECTED))


def _ctis_trials(trials: Sequence[object]) -> Read:
    records, odd = read_each(trials, ctis.read_given, ctis.number_of, source=ctis.SOURCE)
    return Read(records, _unread(trials), odd, _marks(trials, odd))


def _unread(trials: Iterable[object]) -> tuple[str, ...]:
    unread = Unread("part of a trial", abstracts=1)
    for trial in trials:
        known = _ENTRY if isinstance(trial, dict) and "authorizedApplication" in trial else _ROW
        for name, found in trial.items() if isinstance(trial, dict) else ():
            if found and name not in known:
                unread.add(name, json.dumps(found))
    return tuple(unread.notes())


def _marks(trials: Sequence[object], odd: Sequence[OddRecord]) -> tuple[str, ...]:
    """Return a digest of each trial; none where some could not be read."""
    if odd:
        return ()
    return tuple(digest([json.dumps(ctis.stripped(each), sort_keys=True)]) for each in trials)


def read_isrctn(payload: bytes) -> Read:
    """Read an answer of ISRCTN that holds all trials that it counts."""
    found = isrctn.read_trials(payload)
    _check_whole(len(found.found), found.total)
    notes = unknown_elements(payload, isrctn.ELEMENTS)
    if found.odd:
        return Read(found.records, notes, found.odd)
    trials = etree.fromstring(payload, etree.XMLParser(resolve_entities=False, no_network=True))
    isrctn.drop_persons(trials)
    marks = tuple(digest([etree.tostring(each, encoding="unicode")]) for each in trials)
    return Read(found.records, notes, marks=marks)


def _check_whole(held: int, total: int) -> None:
    if held != total:
        found = f"{held} of {total} trials"
        raise unreadable("trials", found=found, expected="all of them in one file")
