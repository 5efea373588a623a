"""A stand-in of Crossref's REST API, for the demonstration and the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from bot.demo.faults import Fault, FaultKind
from bot.demo.server import Answered, Seen, StandIn

Work = Mapping[str, Any]


class CrossrefStandIn(StandIn):
    """Crossref's works at `url`: one by its DOI, or those that update a DOI."""

    def __init__(self, works: Iterable[Work] = (), *, faults: Iterable[Fault] = ()) -> None:
        super().__init__("/", self._answer_crossref, faults)
        self._lock = threading.Lock()
        self._works = {str(work["DOI"]): work for work in works}

    def add(self, *works: Work) -> None:
        """Let Crossref gain (or change) works."""
        with self._lock:
            self._works |= {str(work["DOI"]): work for work in works}

    def _answer_crossref(self, seen: Seen, fault: FaultKind | None) -> Answered:
        if fault is FaultKind.ERROR_IN_200:
            return _json({"status": "failed", "message-type": "exception", "message": []})
        doi = unquote(seen.path.partition("/works")[2].strip("/"))
        with self._lock:
            if not doi:
                return _json(self._page(seen.fields, fault))
            work = self._works.get(doi)
        if work is None:
            return Answered(b"Resource not found.", "text/plain", 404)
        return _json({"status": "ok", "message-type": "work", "message": work})

    def _page(self, fields: Mapping[str, str], fault: FaultKind | None) -> dict[str, object]:
        doi = fields.get("filter", "").removeprefix("updates:")
        found = [work for work in self._works.values() if doi in _updated(work)]
        shown = found[:-1] if fault is FaultKind.SHORT_PAGE else found
        message = {
            "total-results": len(found) + (fault is FaultKind.SHRUNK_COUNT),
            "items": shown,
            "next-cursor": "c1",
        }
        return {"status": "ok", "message-type": "work-list", "message": message}


def a_work(doi: str, title: str, **fields: object) -> dict[str, Any]:
    """Write a work in Crossref's shape."""
    return {"DOI": doi, "title": [title], "type": "journal-article"} | fields


def an_update(kind: str, doi: str, source: str = "publisher") -> dict[str, Any]:
    """Write an entry of update-to or updated-by."""
    return {"DOI": doi, "type": kind, "label": kind.capitalize(), "source": source}


def _updated(work: Work) -> set[str]:
    return {str(each["DOI"]) for each in work.get("update-to", ())}


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json")
