"""A stand-in of Crossref's REST API, for the demonstration and the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

Work = Mapping[str, Any]


class CrossrefStandIn(StandIn):
    """Crossref's works at `url`: one by its DOI, or those that update a DOI.

    per_second: the pace that its headers state; None states none. most_rows: of a page.
    """

    def __init__(
        self,
        works: Iterable[Work] = (),
        *,
        per_second: int | None = None,
        most_rows: int = 1_000,
        faults: Iterable[PlayedFault] = (),
    ) -> None:
        super().__init__("/", self._answer_crossref, faults)
        self._headers = (
            {"X-Rate-Limit-Limit": str(per_second), "X-Rate-Limit-Interval": "1s"}
            if per_second is not None
            else {}
        )
        self._most_rows = most_rows
        self._lock = threading.Lock()
        self._works = {str(work["DOI"]): work for work in works}

    def add(self, *works: Work) -> None:
        """Let Crossref gain (or change) works."""
        with self._lock:
            self._works |= {str(work["DOI"]): work for work in works}

    def _answer_crossref(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if fault is FaultKind.ERROR_IN_200:
            return self._json({"status": "failed", "message-type": "exception", "message": []})
        doi = unquote(seen.path.partition("/works")[2].strip("/"))
        with self._lock:
            if not doi:
                return self._page(seen.fields, fault)
            work = self._works.get(doi)
        if work is None:
            return Answered(b"Resource not found.", "text/plain", 404, self._headers)
        return self._json({"status": "ok", "message-type": "work", "message": work})

    def _page(self, fields: Mapping[str, str], fault: FaultKind | None) -> Answered:
        doi, cursor = fields.get("filter", "").removeprefix("updates:"), fields.get("cursor", "*")
        start = 0 if cursor == "*" else int(cursor.removeprefix("c") or "0")
        if cursor != "*" and fault is FaultKind.TOKEN_EXPIRED:
            invalid = {"type": "cursor-invalid", "value": cursor}
            return self._json({"status": "failed", "message": [invalid]}, status=404)
        found = [work for work in self._works.values() if doi in _updated(work)]
        size = min(int(fields.get("rows", "20")), self._most_rows)
        place = 0 if fault is FaultKind.DUPLICATE_PAGE else start
        shown = found[place : place + size]
        if fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        if fault is FaultKind.STRAY_RECORD:
            shown = [*shown[:-1], a_work("10.5555/stray", "Nobody asked for it")]
        message = {
            "total-results": len(found) + (fault is FaultKind.SHRUNK_COUNT),
            "items": [] if fault is FaultKind.EMPTY_PAGE else shown,
            "next-cursor": f"c{start + size}",
        }
        return self._json({"status": "ok", "message-type": "work-list", "message": message})

    def _json(self, value: object, *, status: int = 200) -> Answered:
        return Answered(json.dumps(value).encode(), "application/json", status, self._headers)


STAND_IN = CrossrefStandIn


def a_work(doi: str, title: str, **fields: object) -> dict[str, Any]:
    """Write a work in Crossref's shape."""
    return {"DOI": doi, "title": [title], "type": "journal-article"} | fields


def an_update(kind: str, doi: str, source: str = "publisher") -> dict[str, Any]:
    """Write an entry of update-to or updated-by."""
    return {"DOI": doi, "type": kind, "label": kind.capitalize(), "source": source}


def _updated(work: Work) -> set[str]:
    return {str(each["DOI"]) for each in work.get("update-to", ())}
