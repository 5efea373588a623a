"""A stand-in of the interface of CTIS, for the demonstration and the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

LARGEST_PAGE = 100
REACHABLE = 10_000
_PORTAL = b"<!doctype html><html><head><title>Clinical Trials</title></head><body></body></html>"

Trial = Mapping[str, Any]


def a_trial(number: str, title: str, **fields: object) -> dict[str, Any]:
    """Write a trial; `fields` are those of its row in a list, `entry` those of its entry."""
    return {"ctNumber": number, "ctTitle": title, "ctStatus": 4, "conditions": title, **fields}


TRIALS = (
    a_trial("2025-599001-11-00", "A made-up trial of lamps in neuropathy"),
    a_trial("2025-599002-12-00", "Another made-up trial, randomised, of candles in neuropathy"),
)


class CtisStandIn(StandIn):
    """CTIS's search and entries at `url`.

    by_words: whether a trial answers only words that are in its row; else all answer all.
    """

    def __init__(
        self,
        trials: Iterable[Trial] = TRIALS,
        *,
        by_words: bool = False,
        faults: Iterable[PlayedFault] = (),
    ) -> None:
        super().__init__("/ctis-public-api/", self._answer_ctis, faults)
        self._by_words = by_words
        self._lock = threading.Lock()
        self._trials = {str(each["ctNumber"]): each for each in trials}

    def add(self, *trials: Trial) -> None:
        """Let the register gain (or change) trials."""
        with self._lock:
            self._trials |= {str(each["ctNumber"]): each for each in trials}

    def _answer_ctis(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if fault is FaultKind.ERROR_IN_200:
            return Answered(_PORTAL, "text/html")
        with self._lock:
            if seen.path.endswith("/search"):
                return self._list(seen, fault)
            number = seen.path.rpartition("/")[2]
            if "/retrieve/" not in seen.path:
                return Answered(_PORTAL, "text/html")
            trial = self._trials.get(number)
        has_one = trial is not None and trial.get("entry", {}) is not None
        return _json(_entry(trial) if trial is not None and has_one else {})

    def _list(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if seen.method != "POST":
            return Answered(b"forbidden", "text/plain", 403)
        asked = json.loads(seen.body)
        place, size = asked["pagination"]["page"], min(asked["pagination"]["size"], LARGEST_PAGE)
        found = self._found(str(asked["searchCriteria"].get("containAll", "")))
        start = 0 if fault is FaultKind.DUPLICATE_PAGE else (place - 1) * size
        shown = found[max(0, start) : start + size] if 0 <= start < REACHABLE else []
        if fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        if fault is FaultKind.EMPTY_PAGE:
            shown = []
        total = len(found) - (fault is FaultKind.SHRUNK_COUNT)
        pagination = {"totalRecords": total, "currentPage": place, "nextPage": len(found) > start}
        rows = [{name: each[name] for name in each if name != "entry"} for each in shown]
        return _json({"showWarning": False, "pagination": pagination, "data": rows})

    def _found(self, words: str) -> list[Trial]:
        every = [self._trials[number] for number in sorted(self._trials)]
        if not self._by_words:
            return every
        wanted = words.casefold().split()
        return [each for each in every if all(word in _words(each) for word in wanted)]


STAND_IN = CtisStandIn


def _words(trial: Trial) -> str:
    return " ".join(str(value) for value in trial.values()).casefold()


def _entry(trial: Trial) -> dict[str, Any]:
    """Write the entry of a trial as the interface gives it."""
    own: Mapping[str, Any] = trial.get("entry", {})
    return {
        "ctNumber": trial["ctNumber"],
        "ctStatus": "Authorised",
        "ctPublicStatusCode": trial["ctStatus"],
        "decisionDate": "2026-06-24T10:09:02.912",
        "publishDate": "2026-09-03T03:46:14.147548867",
        "authorizedApplication": {
            "authorizedPartI": {
                "trialDetails": {
                    "clinicalTrialIdentifiers": {
                        "fullTitle": trial["ctTitle"],
                        "secondaryIdentifyingNumbers": own.get("numbers", {}),
                    },
                    "trialInformation": own.get("information", {}),
                },
                "medicalConditions": [{"medicalCondition": trial["conditions"]}],
                "sponsors": [{"publicContacts": [{"telephone": "nobody's"}]}],
                "products": own.get("products", []),
            },
            "authorizedPartsII": own.get("parts", []),
            "trialGlobalEnd": own.get("ended", []),
            "eudraCt": own.get("eudract", {}),
            "applicationInfo": own.get("applications", []),
        },
        "results": own.get("results", {}),
    }


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json")
