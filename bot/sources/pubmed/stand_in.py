"""A stand-in of PubMed's E-utilities, for the demonstration and the tests.

It keeps the service's limits and manners as far as a search meets them: what cannot be asked for,
what is cut without a word, what expires, and errors inside HTTP 200. It understands no query but a
range of create dates: every record is an answer to every other.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.sources.stand_ins.server import Answered, SeenRequest, StandIn

PUBMED_CAP = 9_999
PUBMED_DEFAULT_PAGE = 20

_RANGE = re.compile(r'"?(\d{4}/\d\d/\d\d)"?\[crdt\]\s*:\s*"?(\d{4}/\d\d/\d\d)"?\[crdt\]', re.I)
_TOO_FAR = (
    "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch "
    "can only retrieve the first 9,999 records matching the query."
)
_NO_HISTORY = "Unable to obtain query #1"
_SET = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC '
    '"-//NLM//DTD PubMedArticle, 1st January 2026//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">\n'
)
_FETCH_ERROR = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult PUBLIC '
    '"-//NLM//DTD efetch 20131226//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20131226/efetch.dtd">\n'
    "<eFetchResult>\n\t<ERROR>{}</ERROR>\n</eFetchResult>\n"
)
_ENTITIES = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "lol">' for n in range(10)
)
_ENTITY_BOMB = f"<!DOCTYPE PubmedArticleSet [{_ENTITIES}]><PubmedArticleSet>&e9;</PubmedArticleSet>"
_STRAY_PMID = "99999998"
_JSON = "application/json"
_XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Article:
    """A PubMed record as the stand-in serves it: its XML element, and the day it was created."""

    pmid: str
    created_on: date
    xml: bytes


class PubmedStandIn(StandIn):
    """PubMed's esearch and efetch at `url`.

    per_second: above so many requests within a second the answer is 429; None asks for no pace.
    """

    def __init__(
        self,
        articles: Iterable[Article] = (),
        *,
        faults: Iterable[PlayedFault] = (),
        per_second: int | None = None,
    ) -> None:
        super().__init__("/entrez/eutils/", self._answer_pubmed, faults)
        self._lock = threading.Lock()
        self._articles = {article.pmid: article for article in articles}
        self._histories: dict[str, list[str]] = {}
        self._per_second = per_second

    def add(self, *articles: Article) -> None:
        """Let PubMed gain (or correct) records while it runs."""
        with self._lock:
            self._articles |= {article.pmid: article for article in articles}

    def remove(self, pmid: str) -> None:
        """Let PubMed lose a record while it runs."""
        with self._lock:
            del self._articles[pmid]

    def forget_histories(self) -> None:
        """Let every search history expire."""
        with self._lock:
            self._histories.clear()

    def _answer_pubmed(self, seen: SeenRequest, fault: FaultKind | None) -> Answered:
        if fault is FaultKind.RATE_LIMIT_IN_200:
            return _json({"error": "API rate limit exceeded", "count": "11"})
        if self._per_second is not None and self._asked_within_a_second(seen) > self._per_second:
            return _json({"error": "API rate limit exceeded", "count": "4"}, status=429)
        with self._lock:
            if seen.path.endswith("/esearch.fcgi"):
                return self._esearch(seen.fields, fault)
            if seen.path.endswith("/efetch.fcgi"):
                return self._efetch(seen.fields, fault)
        return Answered(b"<html>no such utility</html>", "text/html", 404)

    def _asked_within_a_second(self, seen: SeenRequest) -> int:
        return sum(1 for other in self.seen if seen.at_s - 1 < other.at_s <= seen.at_s)

    def _esearch(self, fields: Mapping[str, str], fault: FaultKind | None) -> Answered:
        start = int(fields.get("retstart", "0"))
        size = min(int(fields.get("retmax", PUBMED_DEFAULT_PAGE)), PUBMED_CAP - start)
        if fault is FaultKind.ERROR_IN_200:
            return _search_error("Search Backend failed: the search engine is not available")
        if not fields.get("term"):
            return _search_error("Empty term and query_key - nothing todo")
        if start >= PUBMED_CAP:
            return _search_error(_TOO_FAR)
        found = self._matching(fields["term"])
        if fault is FaultKind.SHRUNK_COUNT:
            found = found[:-1]
        page = found[start : start + size]
        if fault is FaultKind.SHORT_PAGE:
            page = page[:-1]
        result: dict[str, object] = {"count": str(len(found)), "retmax": str(len(page))}
        result |= {"retstart": str(start), "idlist": page, "translationset": []}
        result |= {"querytranslation": fields["term"]}
        if fields.get("usehistory") == "y":
            result |= {"querykey": "1", "webenv": self._remember(found)}
        header = {"type": "esearch", "version": "0.3"}
        return _json({"header": header, "esearchresult": result})

    def _matching(self, term: str) -> list[str]:
        within = [_days(match) for match in _RANGE.finditer(term)]
        newest_first = sorted(
            self._articles.values(), key=lambda a: (a.created_on, int(a.pmid)), reverse=True
        )
        return [
            article.pmid
            for article in newest_first
            if all(first <= article.created_on <= last for first, last in within)
        ]

    def _remember(self, found: list[str]) -> str:
        name = f"MCID_{len(self._histories) + 1:024x}_{time.monotonic_ns()}"
        self._histories[name] = found
        return name

    def _efetch(self, fields: Mapping[str, str], fault: FaultKind | None) -> Answered:
        if fault is FaultKind.ENTITY_BOMB:
            return Answered(_ENTITY_BOMB.encode(), _XML)
        if fault is FaultKind.ERROR_IN_200:
            return _fetch_error("Cannot process the request at this time")
        if fault is FaultKind.HISTORY_EXPIRED:
            self._histories.clear()
        asked = self._asked_for(fields, fault)
        if isinstance(asked, Answered):
            return asked
        articles = [self._articles[pmid].xml for pmid in asked if pmid in self._articles]
        if fault is FaultKind.SHORT_PAGE:
            articles = articles[:-1]
        if fault is FaultKind.STRAY_RECORD:
            articles.append(_stray(next(iter(self._articles.values()))))
        body = b"".join([_SET.encode(), b"<PubmedArticleSet>", *articles, b"</PubmedArticleSet>\n"])
        return Answered(body, _XML)

    def _asked_for(
        self, fields: Mapping[str, str], fault: FaultKind | None
    ) -> list[str] | Answered:
        if "id" in fields:
            ids = fields["id"].split(",")
            if not all(pmid.strip().isdigit() for pmid in ids):
                return Answered(_FETCH_ERROR.format("Bad id list").encode(), _XML, 400)
            return [pmid.strip() for pmid in ids]
        history = self._histories.get(fields.get("WebEnv", ""))
        if history is None or fields.get("query_key") != "1":
            return _fetch_error(_NO_HISTORY)
        start = 0 if fault is FaultKind.DUPLICATE_PAGE else int(fields.get("retstart", "0"))
        size = int(fields.get("retmax", PUBMED_DEFAULT_PAGE))
        return history[start : min(start + size, PUBMED_CAP)]


STAND_IN = PubmedStandIn


def _days(match: re.Match[str]) -> tuple[date, date]:
    first, last = (date(*map(int, text.split("/"))) for text in match.groups())
    return first, last


def _json(value: object, *, status: int = 200) -> Answered:
    return Answered(json.dumps(value).encode(), _JSON, status)


def _search_error(text: str) -> Answered:
    """Answer as esearch does: with a raw line break in the JSON text, where the error has one."""
    raw = json.dumps({"esearchresult": {"ERROR": text}}).replace("\\n", "\n")
    return Answered(raw.encode(), _JSON)


def _fetch_error(text: str) -> Answered:
    return Answered(_FETCH_ERROR.format(escape(text)).encode(), _XML)


def _stray(like: Article) -> bytes:
    return like.xml.replace(like.pmid.encode(), _STRAY_PMID.encode())
