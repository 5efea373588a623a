"""A stand-in of OpenAlex, for the demonstration and the tests."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

Work = Mapping[str, Any]

_CITES = re.compile(r"cites:([W\d|]+)")
_CITED_BY = re.compile(r"cited_by:([W\d|]+)")
_SINCE = re.compile(r"from_publication_date:([\d-]+)")


class OpenAlexStandIn(StandIn):
    """OpenAlex's works at `url`: single works free, a page of a list for `cost` of `budget`.

    Without a key it counts pages, and refuses cursors.
    """

    def __init__(
        self,
        works: Iterable[Work] = (),
        *,
        budget: int = 1_000,
        cost: int = 1,
        prepaid_usd: int = 0,
        reset_s: int = 50_000,
        faults: Iterable[PlayedFault] = (),
    ) -> None:
        super().__init__("/", self._answer_openalex, faults)
        self._lock = threading.Lock()
        self._works = {str(work["id"]).rpartition("/")[2]: work for work in works}
        self.budget = budget
        self._cost = cost
        self._prepaid_usd = prepaid_usd
        self._reset_s = reset_s

    def add(self, *works: Work) -> None:
        """Let OpenAlex gain works."""
        with self._lock:
            self._works |= {str(work["id"]).rpartition("/")[2]: work for work in works}

    def _answer_openalex(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if fault is FaultKind.ERROR_IN_200:
            return _json({"error": "Internal", "message": "something went wrong"})
        name = unquote(seen.path).partition("/works")[2].strip("/")
        with self._lock:
            if name:
                return self._single(name)
            if self.budget < self._cost and not self._prepaid_usd:
                return self._limited({"error": "Rate limit exceeded"}, 0, status=429)
            if "cursor" in seen.fields and not seen.authorization:
                said = {"error": "Unauthorized", "message": "Cursor paging needs a key."}
                return self._limited(said, 0, status=401)
            self.budget = max(0, self.budget - self._cost)
            cursor = seen.fields.get("cursor", "*")
            begun = cursor != "*" or seen.fields.get("page", "1") != "1"
            if _place(cursor) is None or (begun and fault is FaultKind.TOKEN_EXPIRED):
                said = {"error": "Pagination error.", "message": "Cursor value is invalid."}
                return self._limited(said, self._cost, status=400)
            return self._limited(self._page(seen.fields, fault), self._cost)

    def _single(self, name: str) -> Answered:
        found = next((work for work in self._works.values() if name in _names(work)), None)
        if found is None:
            return Answered(b"<html>404 Not Found</html>", "text/html", 404)
        return self._limited(found, 0)

    def _page(self, fields: Mapping[str, str], fault: FaultKind | None) -> dict[str, object]:
        found = self._chosen(fields.get("filter", ""))
        size = int(fields.get("per-page", "25"))
        start = _place(fields.get("cursor", "*")) or (int(fields.get("page", "1")) - 1) * size
        shown = found[:size] if fault is FaultKind.DUPLICATE_PAGE else found[start:][:size]
        if fault is FaultKind.SHORT_PAGE:
            shown = shown[:-1]
        if fault is FaultKind.EMPTY_PAGE:
            shown = []
        after = start if fault is FaultKind.TOKEN_REPEATED else start + size
        meta: dict[str, object] = {
            "count": len(found) - (fault is FaultKind.SHRUNK_COUNT),
            "per_page": size,
        }
        if "cursor" in fields:
            meta["next_cursor"] = f"p{after}" if after < len(found) else None
        return {"meta": meta, "results": shown}

    def _chosen(self, wanted: str) -> list[Work]:
        cites, cited_by, since = (each.search(wanted) for each in (_CITES, _CITED_BY, _SINCE))
        found = list(self._works.items())
        if cites is not None:
            seeds = set(cites[1].split("|"))
            found = [(name, work) for name, work in found if seeds & _references(work)]
        if cited_by is not None:
            cited = self._cited(set(cited_by[1].split("|")))
            found = [(name, work) for name, work in found if name in cited]
        if since is not None:
            found = [each for each in found if each[1].get("publication_date", "") >= since[1]]
        return [work for _, work in found]

    def _cited(self, seeds: set[str]) -> set[str]:
        citing = seeds & self._works.keys()
        return {each for name in citing for each in _references(self._works[name])}

    def _limited(self, value: object, used: int, *, status: int = 200) -> Answered:
        headers = {
            "X-RateLimit-Credits-Used": str(used),
            "X-RateLimit-Remaining": str(self.budget),
            "X-RateLimit-Prepaid-Remaining-USD": str(self._prepaid_usd),
            "X-RateLimit-Reset": str(self._reset_s),
        }
        return Answered(json.dumps(value).encode(), "application/json", status, headers)


STAND_IN = OpenAlexStandIn


def a_work(name: str, title: str, *, cites: Iterable[str] = (), **fields: object) -> dict[str, Any]:
    """Write a work in OpenAlex's shape."""
    work: dict[str, Any] = {
        "id": f"https://openalex.org/{name}",
        "title": title,
        "referenced_works": [f"https://openalex.org/{each}" for each in cites],
    }
    return work | fields


def _references(work: Work) -> set[str]:
    return {str(each).rpartition("/")[2] for each in work.get("referenced_works", ())}


def _names(work: Work) -> set[str]:
    doi = str(work.get("doi") or "").removeprefix("https://doi.org/")
    pmid = str(work.get("ids", {}).get("pmid", "")).rpartition("/")[2]
    return {str(work["id"]).rpartition("/")[2], f"doi:{doi}", f"pmid:{pmid}"}


def _place(cursor: str) -> int | None:
    """Return where a cursor goes on; None for one that was never given."""
    if cursor == "*":
        return 0
    place = cursor.removeprefix("p")
    return int(place) if place.isdecimal() else None


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode(), "application/json")
