"""PubMed's answers: esearch (JSON, errors as XML too) and efetch (XML).

Only a set of records is an answer. An error inside HTTP 200, an HTML page, a broken-off body and an
empty body each have their own error; an empty `PubmedArticleSet` is a proven empty answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from extraction import identifiers
from extraction.errors import ExpiredHistory, RateLimited, RefusedPayload, UnreadablePayload
from extraction.model import (
    Correction,
    CorrectionKind,
    Direction,
    Record,
    RecordIds,
    RecordKind,
)

SOURCE = "pubmed"
_QUOTED = 120

_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}

_CORRECTIONS: Mapping[str, tuple[CorrectionKind, Direction]] = {
    "RetractionIn": (CorrectionKind.RETRACTION, Direction.OF_THIS),
    "RetractionOf": (CorrectionKind.RETRACTION, Direction.THIS_IS_OF),
    "PartialRetractionIn": (CorrectionKind.RETRACTION, Direction.OF_THIS),
    "PartialRetractionOf": (CorrectionKind.RETRACTION, Direction.THIS_IS_OF),
    "RetractedandRepublishedIn": (CorrectionKind.RETRACTION, Direction.OF_THIS),
    "RetractedandRepublishedFrom": (CorrectionKind.RETRACTION, Direction.THIS_IS_OF),
    "ErratumIn": (CorrectionKind.ERRATUM, Direction.OF_THIS),
    "ErratumFor": (CorrectionKind.ERRATUM, Direction.THIS_IS_OF),
    "CorrectedandRepublishedIn": (CorrectionKind.ERRATUM, Direction.OF_THIS),
    "CorrectedandRepublishedFrom": (CorrectionKind.ERRATUM, Direction.THIS_IS_OF),
    "ExpressionOfConcernIn": (CorrectionKind.CONCERN, Direction.OF_THIS),
    "ExpressionOfConcernFor": (CorrectionKind.CONCERN, Direction.THIS_IS_OF),
    "CommentIn": (CorrectionKind.COMMENT, Direction.OF_THIS),
    "CommentOn": (CorrectionKind.COMMENT, Direction.THIS_IS_OF),
    "UpdateIn": (CorrectionKind.UPDATE, Direction.OF_THIS),
    "UpdateOf": (CorrectionKind.UPDATE, Direction.THIS_IS_OF),
    "RepublishedIn": (CorrectionKind.UPDATE, Direction.OF_THIS),
    "RepublishedFrom": (CorrectionKind.UPDATE, Direction.THIS_IS_OF),
}


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What esearch found: its count, the ids it names, and where the set is kept."""

    count: int
    ids: tuple[str, ...]
    web_env: str
    query_key: str
    translation: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """What efetch delivered, in order; `deleted` are PMIDs that PubMed took back."""

    records: tuple[Record, ...]
    deleted: tuple[str, ...]


def read_search_answer(payload: bytes) -> SearchAnswer:
    """Read an esearch answer; raise what PubMed says instead of one.

    The raw newline that PubMed leaves inside an error's JSON string is read as it stands.
    """
    text = _text_of(payload, "esearch")
    if text.startswith("<"):
        raise _error_in_xml(payload, "esearch")
    try:
        data = json.loads(text, strict=False)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadablePayload("esearch", f"no JSON ({error})", "a search result") from error
    return _search_answer(data)


def _search_answer(data: Any) -> SearchAnswer:
    if not isinstance(data, dict) or "error" in data:
        raise _said(str(data.get("error") if isinstance(data, dict) else data))
    result = data.get("esearchresult")
    if not isinstance(result, dict):
        raise UnreadablePayload("esearch", f"keys {sorted(data)}", "'esearchresult'")
    if "ERROR" in result:
        raise _said(str(result["ERROR"]))
    count, ids = result.get("count"), result.get("idlist")
    if not isinstance(count, str) or not count.isdigit() or not isinstance(ids, list):
        raise UnreadablePayload("esearch", f"count {count!r}", "a count and a list of ids")
    return SearchAnswer(
        count=int(count),
        ids=tuple(str(each) for each in ids),
        web_env=str(result.get("webenv", "")),
        query_key=str(result.get("querykey", "")),
        translation=str(result.get("querytranslation", "")),
        warnings=tuple(_warnings(result)),
    )


def _warnings(result: Mapping[str, Any]) -> Iterator[str]:
    for name in ("errorlist", "warninglist"):
        for kind, phrases in (result.get(name) or {}).items():
            for phrase in phrases if isinstance(phrases, list) else []:
                yield f"{kind}: {phrase}"


def read_articles(payload: bytes) -> ArticlePage:
    """Read an efetch answer: articles and books in order; raise what PubMed says instead of one."""
    text = _text_of(payload, "efetch")
    if not text.startswith("<"):
        raise _error_in_json(text)
    root = _parsed(payload, "efetch")
    if root.tag != "PubmedArticleSet":
        raise _wrong_root(root, "efetch")
    records = tuple(_record(each) for each in root if each.tag in _READERS)
    deleted = tuple(each.text or "" for each in root.iterfind("DeleteCitation/PMID") if each.text)
    return ArticlePage(records, deleted)


def _text_of(payload: bytes, what: str) -> str:
    text = payload.decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if not text:
        raise UnreadablePayload(what, "an empty body", "an answer")
    return text


def _parsed(payload: bytes, what: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(payload.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        found = "an HTML page" if _is_html(payload) else f"XML that cannot be read ({error})"
        raise UnreadablePayload(what, found, "a whole XML document") from error
    if any(isinstance(each, etree._Entity) for each in root.iter(etree.Entity)):
        raise UnreadablePayload(what, "entities of its own", "plain XML")
    return root


def _is_html(payload: bytes) -> bool:
    start = payload[:2000].lower()
    return any(mark in start for mark in (b"<html", b"<!doctype html", b"<head", b"<body"))


def _wrong_root(root: etree._Element, what: str) -> Exception:
    said = root.findtext(".//ERROR")
    if said:
        return _said(said)
    if str(root.tag).lower() in ("html", "head", "body"):
        return UnreadablePayload(what, "an HTML page", "PubMed's XML")
    return UnreadablePayload(what, f"<{root.tag}>", "<PubmedArticleSet>")


def _error_in_xml(payload: bytes, what: str) -> Exception:
    if _is_html(payload):
        return UnreadablePayload(what, "an HTML page", "JSON")
    root = _parsed(payload, what)
    said = root.findtext(".//ERROR")
    return _said(said) if said else UnreadablePayload(what, f"XML <{root.tag}>", "JSON")


def _error_in_json(text: str) -> Exception:
    try:
        data = json.loads(text, strict=False)
    except (json.JSONDecodeError, RecursionError):
        return UnreadablePayload("efetch", repr(text[:_QUOTED]), "XML")
    if isinstance(data, dict):
        said = data.get("error") or (data.get("esearchresult") or {}).get("ERROR")
        if said:
            return _said(str(said))
    return UnreadablePayload("efetch", repr(text[:_QUOTED]), "XML")


def _said(message: str) -> Exception:
    """Turn what PubMed says instead of an answer into what to do next."""
    said = " ".join(message.split())
    if "rate limit" in said.lower():
        return RateLimited(f"PubMed: {said}")
    if "Unable to obtain query" in said:
        return ExpiredHistory(f"PubMed: {said}")
    if "cannot be larger than" in said:
        return RefusedPayload("PubMed", said)
    return RefusedPayload("PubMed", said)


def _record(element: etree._Element) -> Record:
    return _READERS[str(element.tag)](element)


def _article(element: etree._Element) -> Record:
    citation, article = (
        _needed(element, "MedlineCitation"),
        _needed(element, "MedlineCitation/Article"),
    )
    number = _pmid(citation)
    journal = article.find("Journal")
    issue = journal.find("JournalIssue") if journal is not None else None
    published = _date(issue.find("PubDate") if issue is not None else None)
    abstract = _abstract(article.find("Abstract"))
    title = _flat(article.find("ArticleTitle")) or _flat(article.find("VernacularTitle")) or ""
    return Record(
        source=SOURCE,
        source_id=number,
        title=title,
        abstract=abstract,
        vernacular_title=_flat(article.find("VernacularTitle")),
        authors=_authors(article.iterfind("AuthorList/Author")),
        journal=_flat(journal.find("Title")) if journal is not None else None,
        volume=_text(issue, "Volume"),
        issue=_text(issue, "Issue"),
        pages=_pages(article),
        year=_year(published),
        published_on=published,
        languages=_texts(article, "Language"),
        publication_types=_texts(article, "PublicationTypeList/PublicationType"),
        mesh=tuple(_mesh(citation)),
        ids=_ids(element, article, number, title, abstract),
        corrections=tuple(_corrections(citation)),
    )


def _book(element: etree._Element) -> Record:
    document = _needed(element, "BookDocument")
    number = _pmid(document)
    published = _date(document.find("Book/PubDate"))
    title = _flat(document.find("ArticleTitle")) or _flat(document.find("Book/BookTitle")) or ""
    abstract = _abstract(document.find("Abstract"))
    authors = document.xpath("AuthorList[not(@Type='editors')]/Author")
    return Record(
        source=SOURCE,
        source_id=number,
        title=title,
        kind=RecordKind.BOOK,
        abstract=abstract,
        authors=_authors(_elements(authors)),
        journal=_flat(document.find("Book/BookTitle")),
        year=_year(published),
        published_on=published,
        languages=_texts(document, "Language"),
        publication_types=_texts(document, "PublicationType"),
        ids=RecordIds(
            pmid=number,
            doi=_first_doi(document.iterfind("ArticleIdList/ArticleId[@IdType='doi']")),
            register=identifiers.merged(
                identifiers.register_ids(text) for text in (title, abstract)
            ),
        ),
    )


_READERS = {"PubmedArticle": _article, "PubmedBookArticle": _book}


def _needed(element: etree._Element, path: str) -> etree._Element:
    found = element.find(path)
    if found is None:
        raise UnreadablePayload("efetch", f"<{element.tag}> without {path}", "a whole record")
    return found


def _pmid(element: etree._Element) -> str:
    found = identifiers.pmid(element.findtext("PMID"))
    if found is None:
        raise UnreadablePayload("efetch", f"PMID {element.findtext('PMID')!r}", "a PMID")
    return found


def _flat(element: etree._Element | None) -> str | None:
    """Return the text inside an element, markup left out and white space folded; None for none."""
    if element is None:
        return None
    text = " ".join("".join(str(part) for part in element.itertext()).split())
    return text or None


def _text(element: etree._Element | None, path: str) -> str | None:
    return _flat(element.find(path)) if element is not None else None


def _texts(element: etree._Element, path: str) -> tuple[str, ...]:
    found = (_flat(each) for each in element.iterfind(path))
    return tuple(text for text in found if text is not None)


def _pages(article: etree._Element) -> str | None:
    medline = _text(article, "Pagination/MedlinePgn")
    if medline is not None:
        return medline
    start, end = _text(article, "Pagination/StartPage"), _text(article, "Pagination/EndPage")
    return f"{start}-{end}" if start and end else start


def _authors(elements: Iterable[etree._Element]) -> tuple[str, ...]:
    names = (_author(each) for each in elements)
    return tuple(name for name in names if name)


def _author(element: etree._Element) -> str | None:
    collective = _text(element, "CollectiveName")
    if collective is not None:
        return collective
    parts = (_text(element, name) for name in ("LastName", "Initials", "Suffix"))
    return " ".join(part for part in parts if part) or None


def _abstract(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    parts = []
    for each in element.iterfind("AbstractText"):
        text, label = _flat(each), each.get("Label")
        if text is not None:
            parts.append(f"{label}: {text}" if label else text)
    return "\n".join(parts) or None


def _date(element: etree._Element | None) -> str | None:
    """Return a publication date as precise as it came, in PubMed's words where they are no date."""
    if element is None:
        return None
    medline = _text(element, "MedlineDate")
    if medline is not None:
        return medline
    year, month, day = (_text(element, name) for name in ("Year", "Month", "Day"))
    season = _text(element, "Season")
    if year is None:
        return None
    if season is not None:
        return f"{year} {season}"
    number = _month(month)
    if month is not None and number is None:
        return f"{year} {month}"
    if number is None:
        return year
    return f"{year}-{number}-{int(day):02d}" if day and day.isdigit() else f"{year}-{number}"


def _month(text: str | None) -> str | None:
    if text is None:
        return None
    if text.isdigit() and 1 <= int(text) <= 12:
        return f"{int(text):02d}"
    return _MONTHS.get(text[:3].lower()) if text.isalpha() else None


def _year(published: str | None) -> int | None:
    found = re.search(r"\b(1[89]\d\d|20\d\d)\b", published or "")
    return int(found.group(1)) if found else None


def _mesh(citation: etree._Element) -> Iterator[str]:
    for heading in citation.iterfind("MeshHeadingList/MeshHeading"):
        name = _text(heading, "DescriptorName")
        qualifiers = _texts(heading, "QualifierName")
        if name is not None:
            yield from (f"{name}/{each}" for each in qualifiers) if qualifiers else (name,)


def _ids(
    element: etree._Element,
    article: etree._Element,
    number: str,
    title: str,
    abstract: str | None,
) -> RecordIds:
    own = element.find("PubmedData/ArticleIdList")
    located = article.xpath("ELocationID[@EIdType='doi'][not(@ValidYN='N')]")
    listed = own.xpath("ArticleId[@IdType='doi']") if own is not None else []
    banks = article.iterfind("DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    declared = [identifiers.register_ids(each.text) for each in banks]
    named = [identifiers.register_ids(text) for text in (title, abstract)]
    pmc = own.findtext("ArticleId[@IdType='pmc']") if own is not None else None
    return RecordIds(
        pmid=number,
        pmcid=identifiers.pmcid(pmc),
        doi=_first_doi([*_elements(located), *_elements(listed)]),
        register=identifiers.merged([*declared, *named]),
    )


def _elements(found: object) -> list[etree._Element]:
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, etree._Element)]


def _first_doi(elements: Iterable[etree._Element]) -> str | None:
    for each in elements:
        found = identifiers.doi(each.text)
        if found is not None:
            return found
    return None


def _corrections(citation: etree._Element) -> Iterator[Correction]:
    for each in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        meaning = _CORRECTIONS.get(each.get("RefType", ""))
        if meaning is not None:
            kind, direction = meaning
            source = _text(each, "RefSource")
            dois = identifiers.dois_in(source or "")
            yield Correction(
                kind=kind,
                direction=direction,
                pmid=identifiers.pmid(_text(each, "PMID")),
                doi=dois[0] if dois else None,
                citation=source,
            )
