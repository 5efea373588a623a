"""The history of an entry of ClinicalTrials.gov: the list of its versions, and each version's text.

Nobody describes this interface; what is not of the shape that its clients know is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extraction.entry_history import HistoricEntry, ListedVersion
from extraction.errors import unreadable
from extraction.readers.ctgov import read_study
from extraction.readers.payload import Json, parse_json, shown

WHAT = "ClinicalTrials.gov's record history"
_LIST = 'JSON with "changes", each with its version and date'
_VERSION = 'JSON with "studyVersion" and "study"'


def read_changes(payload: bytes) -> tuple[ListedVersion, ...]:
    """Read the list of versions, the first one first; raise UnreadablePayload for what is none."""
    changes = parse_json(payload, WHAT, expected=_LIST).get("changes")
    if not isinstance(changes, list) or not changes:
        raise unreadable(WHAT, found=f"changes {shown(repr(changes))}", expected=_LIST)
    listed = tuple(map(_listed, changes))
    if [each.number for each in listed] != list(range(len(listed))):
        numbers = ", ".join(str(each.number) for each in listed)
        raise unreadable(WHAT, found=f"versions {shown(numbers)}", expected="0, 1, 2, …")
    return listed


def read_version(payload: bytes, number: int) -> HistoricEntry:
    """Read one version's text; raise UnreadablePayload where it is another version's, or none."""
    answer = parse_json(payload, WHAT, expected=_VERSION)
    if answer.get("studyVersion") != number:
        found = f"version {shown(repr(answer.get('studyVersion')))}"
        raise unreadable(WHAT, found=found, expected=f"version {number}")
    record = read_study(answer.get("study"))
    if record.entry is None:
        raise unreadable(WHAT, found="a study without an entry", expected=_VERSION)
    protocol = answer["study"]["protocolSection"]
    status = protocol.get("statusModule") or {}
    handed_in = status.get("resultsFirstSubmitDate")
    return HistoricEntry(
        record.entry,
        tuple(_outcomes(protocol.get("outcomesModule") or {})),
        handed_in if isinstance(handed_in, str) else None,
    )


def _listed(change: Any) -> ListedVersion:
    number, on = (change.get(n) if isinstance(change, dict) else None for n in ("version", "date"))
    if not isinstance(number, int) or not isinstance(on, str):
        raise unreadable(WHAT, found=shown(repr(change)), expected=_LIST)
    labels = change.get("moduleLabels") or []
    return ListedVersion(number, on, tuple(str(each) for each in labels))


def _outcomes(module: Json) -> Iterator[str]:
    """Yield the primary outcomes, each with its time, without the breaks of later versions."""
    for each in module.get("primaryOutcomes") or []:
        parts = (each.get(name) for name in ("measure", "timeFrame"))
        yield " at ".join(" ".join(str(part).split()) for part in parts if part)
