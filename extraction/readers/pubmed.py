"""PubMed's answers: efetch XML to records, esearch JSON to counts and ids.

Only a proven empty answer is empty: errors inside HTTP 200, HTML, cut-off and foreign bodies raise,
each with its own message and with the class that says what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from extraction import identifiers
from extraction.errors import (
    ExpiredHistory,
    ExtractionError,
    RateLimited,
    RefusedPayload,
    ServiceFailed,
    UnreadablePayload,
    unreadable,
)
from extraction.model import Record
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, parse_xml, shown, text_of
from extraction.readers.pubmed_record import SOURCE, read_article, read_book

EFETCH = "PubMed efetch"
ESEARCH = "PubMed esearch"
ARTICLE_SET = "PubmedArticleSet"
_WHOLE_SET = re.compile(
    rb"\s*(?:<\?xml[^>]*>)?\s*(?:<!DOCTYPE[^>]*>)?\s*"
    rb"<PubmedArticleSet\s*>(.*)</PubmedArticleSet\s*>\s*",
    re.S,
)
_PIECE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)\b.*?</\1\s*>", re.S)
_PMID_IN_BYTES = re.compile(rb"<PMID\b[^>]*>\s*(\d{1,9})\s*</PMID>")
_OTHER_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"'](?!utf-?8[\"'])", re.I)
_ERROR_ROOTS = frozenset({"eFetchResult", "eSearchResult", "eSummaryResult", "ePostResult"})
# What PubMed says where the same request will fail again; its other errors may pass.
_LASTING = ("cannot be larger than", "empty term", "invalid db", "api key", "invalid query")


@dataclass(frozen=True, slots=True)
class PubmedPage:
    """The records of one efetch answer, in order, and the ids that PubMed says are deleted.

    odd: the records that could not be read, by their PMIDs.
    """

    records: tuple[Record, ...]
    deleted: tuple[str, ...] = ()
    odd: tuple[OddRecord, ...] = ()

    @property
    def delivered(self) -> tuple[str, ...]:
        """The PMIDs that came, books included; a deleted id was not delivered."""
        return tuple(record.source_id for record in self.records)

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """An esearch answer: the whole count, the ids on this page, the history that holds them all.

    `web_env` and `query_key` are empty only where the count is 0. `translation` is how PubMed
    understood the query; `warnings` tell of phrases and fields it did not find or left out.
    """

    count: int
    ids: tuple[str, ...]
    web_env: str
    query_key: str
    translation: str | None = None
    warnings: tuple[str, ...] = ()


def read_articles(payload: bytes) -> PubmedPage:
    """Read an efetch answer whole.

    Raises UnreadablePayload, ServiceFailed, RateLimited, ExpiredHistory or RefusedPayload.
    """
    if payload.lstrip().startswith(b"{"):
        raise _foreign_json(payload, EFETCH, f"XML with the root {ARTICLE_SET}")
    try:
        root = parse_xml(payload, EFETCH, root=ARTICLE_SET)
    except UnreadablePayload as error:
        return _one_by_one(payload, error)
    if root.tag != ARTICLE_SET or root.find("ERROR") is not None:
        raise _foreign_xml(root, EFETCH, f"the root {ARTICLE_SET}")
    elements = [element for element in root if element.tag in _READERS]
    records, odd = read_each(elements, _record, _number_of, source=SOURCE)
    deleted = [pmid for each in root.findall("DeleteCitation/PMID") if (pmid := text_of(each))]
    return PubmedPage(records, tuple(deleted), odd)


def _one_by_one(payload: bytes, error: UnreadablePayload) -> PubmedPage:
    """Read each record by itself where one of them is no sound XML; else raise the error.

    Only of a whole set, with nothing but records in it, can each record's bytes be told.
    """
    within = _WHOLE_SET.fullmatch(payload)
    if within is None or b"<!ENTITY" in payload or _OTHER_ENCODING.search(payload):
        raise error
    pieces = list(_PIECE.finditer(within[1]))
    if not pieces or _PIECE.sub(b"", within[1]).strip():
        raise error
    records, odd = read_each(
        [each[0] for each in pieces], _record_of_bytes, _number_in_bytes, source=SOURCE
    )
    return PubmedPage(records, (), odd)


def _record_of_bytes(piece: bytes) -> Record:
    whole = b"".join([b"<PubmedArticleSet>", piece, b"</PubmedArticleSet>"])
    return _record(parse_xml(whole, EFETCH, root=ARTICLE_SET)[0])


def _number_in_bytes(piece: bytes) -> str | None:
    found = _PMID_IN_BYTES.search(piece)
    return identifiers.pmid(found[1].decode()) if found is not None else None


def _number_of(element: etree._Element) -> str | None:
    """Return the PMID of a record that cannot be read, where that at least can be."""
    found = element.find("MedlineCitation/PMID")
    found = element.find("BookDocument/PMID") if found is None else found
    return identifiers.pmid(text_of(found) or "")


_READERS = {"PubmedArticle": read_article, "PubmedBookArticle": read_book}


def _record(element: etree._Element) -> Record:
    return _READERS[str(element.tag)](element)


def read_search_answer(payload: bytes) -> SearchAnswer:
    """Read the JSON answer to an esearch that asked for a history.

    Raises as `read_articles` does.
    """
    expected = "JSON with an esearchresult"
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        raise _foreign_xml(parse_xml(payload, ESEARCH, root="eSearchResult"), ESEARCH, expected)
    answer = parse_json(payload, ESEARCH, expected=expected)
    result = answer.get("esearchresult")
    if not isinstance(result, dict):
        raise _json_error(answer, ESEARCH, expected)
    if _said(result):
        raise _service_error(_said(result), ESEARCH)
    return _search_answer(result)


def _search_answer(result: Json) -> SearchAnswer:
    count = _count(result.get("count"))
    ids = result.get("idlist")
    if not isinstance(ids, list) or not all(str(each).isdecimal() for each in ids):
        raise unreadable(ESEARCH, found=f"idlist {shown(str(ids))}", expected="a list of PMIDs")
    history = str(result.get("webenv") or ""), str(result.get("querykey") or "")
    if count and not all(history):
        raise unreadable(ESEARCH, found="no history", expected="webenv and querykey")
    return SearchAnswer(
        count=count,
        ids=tuple(str(each) for each in ids),
        web_env=history[0],
        query_key=history[1],
        translation=str(result.get("querytranslation") or "") or None,
        warnings=tuple(_warnings(result)),
    )


def _count(found: object) -> int:
    text = str(found)
    if not text.isdecimal():
        raise unreadable(ESEARCH, found=f"count {shown(text)}", expected="a whole number")
    return int(text)


_WARNINGS = {
    "phrasesnotfound": "phrase not found",
    "fieldsnotfound": "field not found",
    "phrasesignored": "phrase ignored",
    "quotedphrasesnotfound": "quoted phrase not found",
    "outputmessages": "PubMed says",
}


def _warnings(result: Json) -> Iterator[str]:
    for name in ("errorlist", "warninglist"):
        lists = result.get(name) or {}
        if not isinstance(lists, dict):
            raise unreadable(ESEARCH, found=f"{name} {shown(str(lists))}", expected="an object")
        for kind, said in lists.items():
            label = _WARNINGS.get(kind, kind)
            yield from (f"{label}: {each}" for each in (said if isinstance(said, list) else [said]))


def _foreign_xml(root: etree._Element, what: str, expected: str) -> ExtractionError:
    """Say what an XML answer is that is not the one asked for."""
    error = text_of(root.find(".//ERROR"))
    if error is not None:
        return _service_error(error, what)
    hint = ", an error page without an error" if root.tag in _ERROR_ROOTS else ""
    return unreadable(what, found=f"the root {root.tag}{hint}", expected=expected)


def _foreign_json(payload: bytes, what: str, expected: str) -> ExtractionError:
    return _json_error(parse_json(payload, what, expected=expected), what, expected)


def _json_error(answer: Json, what: str, expected: str) -> ExtractionError:
    for part in (answer, *answer.values()):
        said = _said(part)
        if said:
            return _service_error(said, what)
    return unreadable(what, found=f"JSON with {', '.join(answer) or 'nothing'}", expected=expected)


def _said(part: object) -> str:
    """Return the error that a part of an answer states, if it states one."""
    if isinstance(part, dict):
        return next((str(part[key]) for key in ("ERROR", "error") if part.get(key)), "")
    if isinstance(part, list) and part and isinstance(part[0], str):
        return part[0]
    return ""


def _service_error(said: str, what: str) -> ExtractionError:
    message, lower = f"{what}: the service says {shown(said)}", said.lower()
    if "unable to obtain query" in lower:
        return ExpiredHistory(message)
    if "rate limit" in lower:
        return RateLimited(message)
    if any(words in lower for words in _LASTING):
        return RefusedPayload(message)
    return ServiceFailed(message)
