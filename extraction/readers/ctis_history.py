"""The course of a trial in CTIS: the applications that its entry dates, and no more of them."""

from __future__ import annotations

from typing import Any

from extraction.errors import unreadable
from extraction.model import HistoryStep
from extraction.readers.ctis import WHAT, number_of
from extraction.readers.payload import parse_json, shown

_EXPECTED = "an entry with the list of its applications"


def read_course(payload: bytes) -> tuple[HistoryStep, ...]:
    """Read when each application was handed in and decided; raise UnreadablePayload without any."""
    answer = parse_json(payload, WHAT, expected=_EXPECTED)
    application = answer.get("authorizedApplication")
    listed = application.get("applicationInfo") if isinstance(application, dict) else None
    if number_of(answer) is None or not isinstance(listed, list) or not listed:
        raise unreadable(WHAT, found=f"applications {shown(repr(listed))}", expected=_EXPECTED)
    steps = (_step(each) for each in listed)
    return tuple(sorted(steps, key=lambda each: (each.on, each.version)))


def _step(application: Any) -> HistoryStep:
    said = application if isinstance(application, dict) else {}
    kind, key, status = (said.get(name) for name in ("type", "businessKey", "status"))
    on = said.get("submissionDate")
    if not isinstance(kind, str) or not isinstance(key, str) or not isinstance(on, str):
        raise unreadable(WHAT, found=shown(repr(application)), expected="an application with a day")
    decided = said.get("decisionDate")
    outcome = f", {status} on {decided[:10]}" if isinstance(decided, str) else f", {status}"
    return HistoryStep(key, on[:10], f"{kind.casefold()}{outcome if status else ''}")
