"""A stand-in of ClinicalTrials.gov's API v2, for the demonstration and the tests.

It keeps the service's limits and manners as far as a search meets them. It does not understand
queries: every entry is an answer to every query.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

CTGOV_CAP = 1_000
CTGOV_DEFAULT_PAGE = 10
# The guard of ClinicalTrials.gov lets these names through and few others.
_KNOWN_AGENTS = ("python-httpx/", "python-requests/", "curl/")


class CtgovStandIn(StandIn):
    """ClinicalTrials.gov's API v2 at `url`; its page tokens end with the data version."""

    def __init__(
        self, studies: Iterable[Mapping[str, Any]] = (), *, faults: Iterable[PlayedFault] = ()
    ) -> None:
        super().__init__("/api/v2/", self._answer_ctgov, faults)
        self._lock = threading.Lock()
        self._studies = {_nct(study): study for study in studies}
        self._version = 1
        self._histories: dict[str, Sequence[Mapping[str, Any]]] = {}

    def add(self, *studies: Mapping[str, Any]) -> None:
        """Let the register gain (or change) entries; tokens given before expire."""
        with self._lock:
            self._studies |= {_nct(study): study for study in studies}
            self._version += 1

    def remember(self, nct: str, *versions: Mapping[str, Any]) -> None:
        """Let the record history have these versions of an entry, each with date and study."""
        with self._lock:
            self._histories[nct] = versions

    def forget(self, nct: str) -> None:
        """Let the record history have nothing of an entry any more."""
        with self._lock:
            del self._histories[nct]

    def _history(self, path: str) -> Answered:
        """Answer as the interface behind "Record History" does: the list, or one version."""
        nct, _, asked = path.partition("/api/int/studies/")[2].partition("/history")
        versions = self._histories.get(nct)
        if versions is None:
            return Answered(b"not found", "text/plain", 404)
        if not asked:
            return _json({"changes": [_listed(n, each) for n, each in enumerate(versions)]})
        number = int(asked.strip("/"))
        return _json({"studyVersion": number, "study": versions[number]["study"]})

    def _answer_ctgov(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if not any(name in seen.agent for name in _KNOWN_AGENTS):
            return Answered(b"<html>403 Forbidden</html>", "text/html", 403)
        with self._lock:
            if "/api/int/" in seen.path:
                return self._history(seen.path)
            if seen.path.endswith("/studies"):
                return self._page(seen.fields, fault)
            study = self._studies.get(seen.path.rpartition("/")[2])
        if study is None:
            return Answered(b"NCT number not found", "text/plain", 404)
        return _json(study)

    def _page(self, fields: Mapping[str, str], fault: FaultKind | None) -> Answered:
        if fault is FaultKind.OLD_SHAPE:
            return _json(self._old_shape())
        if fault is FaultKind.ERROR_IN_200:
            return _json({"message": "the service cannot answer at this time"})
        token = fields.get("pageToken")
        start = self._place(token) if token else 0
        if start is None or (token and fault is FaultKind.TOKEN_EXPIRED):
            return Answered(b"Invalid value in parameter `pageToken`", "text/plain", 400)
        return _json(self._page_from(start, fields, fault))

    def _page_from(
        self, start: int, fields: Mapping[str, str], fault: FaultKind | None
    ) -> dict[str, object]:
        studies = self._sorted(fields.get("sort"))
        size = min(int(fields.get("pageSize", CTGOV_DEFAULT_PAGE)), CTGOV_CAP)
        shown = (
            studies[:size] if fault is FaultKind.DUPLICATE_PAGE else studies[start : start + size]
        )
        after = start + size
        if fault is FaultKind.EMPTY_PAGE:
            shown, after = [], start
        elif fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        elif fault is FaultKind.TOKEN_REPEATED:
            after = start
        page: dict[str, object] = {"studies": shown}
        if after < len(studies):
            page["nextPageToken"] = self._token(after)
        if start == 0 and "pageToken" not in fields and fields.get("countTotal") == "true":
            page["totalCount"] = len(studies) - (fault is FaultKind.SHRUNK_COUNT)
        return page

    def _sorted(self, sort: str | None) -> Sequence[Mapping[str, Any]]:
        """Return the studies in the order asked for; without one, in an order that wanders."""
        studies = sorted(self._studies.values(), key=_first_posted)
        if sort is None:
            return studies[::-1] if len(self.seen) % 2 else studies
        return studies[::-1] if sort.endswith(":desc") else studies

    def _token(self, place: int) -> str:
        return base64.urlsafe_b64encode(f"{self._version}:{place}".encode()).decode().rstrip("=")

    def _place(self, token: str) -> int | None:
        """Return where a token goes on; None for one that has expired or was never given."""
        padded = token + "=" * (-len(token) % 4)
        try:
            version, place = base64.urlsafe_b64decode(padded).decode().split(":")
            return int(place) if int(version) == self._version else None
        except ValueError:
            return None

    def _old_shape(self) -> dict[str, object]:
        studies = [
            {"Study": {"ProtocolSection": {"IdentificationModule": {"NCTId": nct}}}}
            for nct in self._studies
        ]
        found = {"APIVrs": "1.01.05", "NStudiesFound": len(studies), "FullStudies": studies}
        return {"FullStudiesResponse": found}


STAND_IN = CtgovStandIn


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json")


def _listed(number: int, version: Mapping[str, Any]) -> dict[str, object]:
    status = version["study"]["protocolSection"]["statusModule"].get("overallStatus")
    labels = version.get("labels", ["Study Status"])
    return {
        "version": number,
        "date": version["date"],
        "status": status,
        "moduleLabels": labels,
    }


def _nct(study: Mapping[str, Any]) -> str:
    return str(study["protocolSection"]["identificationModule"]["nctId"])


def _first_posted(study: Mapping[str, Any]) -> tuple[str, str]:
    status = study["protocolSection"].get("statusModule", {})
    return status.get("studyFirstPostDateStruct", {}).get("date", "9999"), _nct(study)
