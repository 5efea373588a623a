"""A stand-in of Europe PMC's REST service, for the demonstration and the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

VERSION = "6.9"
LARGEST_PAGE = 1_000
DEFAULT_PAGE = 25

Result = Mapping[str, Any]


class EuropePmcStandIn(StandIn):
    """Europe PMC's search and searchPOST at `url`; every result answers every query.

    Cursors end when the data change; an unknown one is answered with the version alone.
    """

    def __init__(
        self, results: Iterable[Result] = (), *, faults: Iterable[PlayedFault] = ()
    ) -> None:
        super().__init__("/europepmc/webservices/rest/", self._answer_europepmc, faults)
        self._lock = threading.Lock()
        self._results = {_name(each): each for each in results}
        self._data_version = 1

    def add(self, *results: Result) -> None:
        """Let Europe PMC gain (or change) records; cursors given before are forgotten."""
        with self._lock:
            self._results |= {_name(each): each for each in results}
            self._data_version += 1

    def remove(self, source: str, name: str) -> None:
        """Let Europe PMC lose a record; cursors given before are forgotten."""
        with self._lock:
            del self._results[f"{source}:{name}"]
            self._data_version += 1

    def _answer_europepmc(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if seen.path.rpartition("/")[2] not in ("search", "searchPOST"):
            return Answered(b"Not found", "text/plain", 404)
        size = seen.fields.get("pageSize", str(DEFAULT_PAGE))
        if fault is FaultKind.ERROR_IN_200:
            return _json({"errCode": 503, "errMsg": "The service is temporarily unavailable."})
        if not seen.fields.get("query"):
            return _json({"errCode": 404, "errMsg": "No search criteria provided."})
        if not size.isdigit() or not 1 <= int(size) <= LARGEST_PAGE:
            return _json({"errCode": 404, "errMsg": "Invalid page size provided."})
        with self._lock:
            start = self._place(seen.fields.get("cursorMark", "*"))
            if start is None or (start and fault is FaultKind.TOKEN_EXPIRED):
                return _json({"version": VERSION})
            return _json(self._page(start, int(size), seen.fields["query"], fault))

    def _page(
        self, start: int, size: int, query: str, fault: FaultKind | None
    ) -> dict[str, object]:
        results = list(self._results.values())
        shown = results[:size] if fault is FaultKind.DUPLICATE_PAGE else results[start:][:size]
        if fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        after = start if fault is FaultKind.TOKEN_REPEATED else min(start + size, len(results))
        return {
            "version": VERSION,
            "hitCount": len(results) - (fault is FaultKind.SHRUNK_COUNT),
            "nextCursorMark": self._cursor(after),
            "request": {"queryString": query, "resultType": "core", "pageSize": size},
            "resultList": {"result": shown},
        }

    def _cursor(self, place: int) -> str:
        return f"c{self._data_version}-{place}"

    def _place(self, cursor: str) -> int | None:
        """Return where a cursor goes on; None for one that is not known."""
        if cursor == "*":
            return 0
        version, _, place = cursor.removeprefix("c").partition("-")
        known = version == str(self._data_version) and place.isdigit()
        return int(place) if known else None


STAND_IN = EuropePmcStandIn


def a_result(source: str, name: str, title: str, **fields: object) -> dict[str, object]:
    """Write a result in the shape of resultType=core."""
    return {"id": name, "source": source, "title": title, **fields}


def _name(result: Result) -> str:
    return f"{result['source']}:{result['id']}"


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json")
