"""Europe PMC's REST service: pages of search results as JSON (resultType=core).

Europe PMC holds PubMed's records, preprints and others; it is not Embase and never called that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction import identifiers
from extraction.errors import RateLimited, ServiceFailed, UnknownCursor, refused, unreadable
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds
from extraction.readers.dates import year_in
from extraction.readers.markup import plain_line, plain_sections
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, shown
from extraction.readers.text import NO_TITLE

SOURCE = "europepmc"
WHAT = "Europe PMC"
PREPRINTS, PREPRINT = "PPR", "Preprint"
_EXPECTED = "JSON with hitCount and a resultList"
_TOO_MANY, _SERVER_ERROR = 429, 500
# commentCorrectionList: what a record's notice is, and which end of it the record is.
_NOTICES = {
    "retraction in": (CorrectionKind.RETRACTION, Direction.OF_THIS),
    "partial retraction in": (CorrectionKind.PARTIAL_RETRACTION, Direction.OF_THIS),
    "retraction of": (CorrectionKind.RETRACTION, Direction.THIS_IS_OF),
    "partial retraction of": (CorrectionKind.PARTIAL_RETRACTION, Direction.THIS_IS_OF),
    "retracted and republished in": (CorrectionKind.REPUBLICATION, Direction.OF_THIS),
    "retracted and republished from": (CorrectionKind.REPUBLICATION, Direction.THIS_IS_OF),
    "erratum in": (CorrectionKind.ERRATUM, Direction.OF_THIS),
    "erratum for": (CorrectionKind.ERRATUM, Direction.THIS_IS_OF),
    "corrected and republished in": (CorrectionKind.ERRATUM, Direction.OF_THIS),
    "corrected and republished from": (CorrectionKind.ERRATUM, Direction.THIS_IS_OF),
    "expression of concern in": (CorrectionKind.CONCERN, Direction.OF_THIS),
    "expression of concern for": (CorrectionKind.CONCERN, Direction.THIS_IS_OF),
    "comment in": (CorrectionKind.COMMENT, Direction.OF_THIS),
    "comment on": (CorrectionKind.COMMENT, Direction.THIS_IS_OF),
    "update in": (CorrectionKind.UPDATE, Direction.OF_THIS),
    "update of": (CorrectionKind.UPDATE, Direction.THIS_IS_OF),
    "republished in": (CorrectionKind.UPDATE, Direction.OF_THIS),
    "republished from": (CorrectionKind.UPDATE, Direction.THIS_IS_OF),
}
# These say nothing against a record.
_NO_NOTICES = (
    *("cites", "preprint", "reprint", "summary", "original report", "dataset", "associated"),
)


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of results; `total` is hitCount, `next_cursor` is None where there is none."""

    records: tuple[Record, ...]
    total: int
    next_cursor: str | None
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


def read_results(payload: bytes) -> ResultPage:
    """Read a page of results.

    Raises UnreadablePayload for what is no answer, RefusedPayload for a fault in the request,
    RateLimited where the service says so inside HTTP 200, UnknownCursor.
    """
    answer = parse_json(payload, WHAT, expected=_EXPECTED)
    _check_error(answer)
    if answer.keys() == {"version"}:
        raise UnknownCursor(f"{WHAT}: found its version and nothing else, expected results")
    total, listed = answer.get("hitCount"), answer.get("resultList")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise unreadable(WHAT, found=f"hitCount {shown(repr(total))}", expected="a whole number")
    results = listed.get("result") if isinstance(listed, dict) else None
    if not isinstance(results, list):
        raise unreadable(WHAT, found=f"resultList {shown(repr(listed))}", expected="a list in it")
    cursor = answer.get("nextCursorMark")
    records, odd = read_each(results, read_result, number_of, source=SOURCE)
    return ResultPage(records, total, cursor if isinstance(cursor, str) else None, odd)


def number_of(found: object) -> str | None:
    """Return the source and the number of a result, where it has both."""
    if not isinstance(found, dict) or not _text(found, "id") or not _text(found, "source"):
        return None
    return f"{found['source']}:{found['id']}"


def _check_error(answer: Json) -> None:
    code, said = answer.get("errCode"), shown(str(answer.get("errMsg", "no reason given")))
    if code is None:
        return
    number = code if isinstance(code, int) else 0
    if number == _TOO_MANY:
        raise RateLimited(f"{WHAT}: {said}")
    if number >= _SERVER_ERROR:
        raise ServiceFailed(f"{WHAT}: error {number}, {said}")
    raise refused(WHAT, found=f"error {code}, {said}", expected="results")


def read_result(found: object) -> Record:
    """Read one result, whole or of the short kind (resultType=lite)."""
    if not isinstance(found, dict) or not _text(found, "id") or not _text(found, "source"):
        raise unreadable(WHAT, found=shown(repr(found)), expected="a result with id and source")
    journal = _part(found, "journalInfo")
    abstract, date = _text(found, "abstractText"), _published(found, journal)
    title = _text(found, "title")
    return Record(
        source=SOURCE,
        source_id=f"{found['source']}:{found['id']}",
        title=plain_line(title) if title else NO_TITLE,
        abstract=plain_sections(abstract) or None if abstract else None,
        authors=tuple(_authors(found)),
        journal=_journal(found, journal),
        volume=_text(journal, "volume") or _text(found, "journalVolume"),
        issue=_text(journal, "issue") or _text(found, "issue"),
        pages=_text(found, "pageInfo"),
        year=year_in(date) if date else None,
        published_on=date,
        languages=tuple(filter(None, (_text(found, "language"),))),
        publication_types=tuple(_types(found)),
        mesh=tuple(_mesh(found)),
        ids=_ids(found, title, abstract),
        corrections=tuple(dict.fromkeys(_corrections(found))),
    )


def _ids(found: Json, title: str | None, abstract: str | None) -> RecordIds:
    named = [_text(found, "pmid") or ""]
    if found["source"] == "MED":
        named.append(str(found["id"]))
    texts = (plain_line(each) for each in (title, abstract) if each)
    return RecordIds(
        pmid=next(filter(None, map(identifiers.pmid, named)), None),
        pmcid=identifiers.pmcid(_text(found, "pmcid") or ""),
        doi=identifiers.doi(_text(found, "doi") or ""),
        register=identifiers.register_ids_in(texts),
    )


def _authors(found: Json) -> Iterator[str]:
    listed = _items(_part(found, "authorList"), "author")
    for author in listed:
        name = _text(author, "fullName") or _text(author, "collectiveName")
        if name:
            yield name
    if not listed:
        yield from _split_authors(_text(found, "authorString") or "")


def _split_authors(text: str) -> list[str]:
    return [each.strip() for each in text.rstrip(".").split(",") if each.strip()]


def _published(found: Json, journal: Json) -> str | None:
    """The printed date where there is one; else the first, else the year."""
    return (
        _text(journal, "printPublicationDate")
        or _text(found, "firstPublicationDate")
        or _text(found, "pubYear")
    )


def _journal(found: Json, journal: Json) -> str | None:
    named = _text(_part(journal, "journal"), "title") or _text(found, "journalTitle")
    return named or _text(_part(found, "bookOrReportDetails"), "publisher")


def _types(found: Json) -> Iterator[str]:
    kinds = _part(found, "pubTypeList").get("pubType")
    yield from (each for each in kinds if isinstance(each, str)) if isinstance(kinds, list) else ()
    yield from filter(None, map(str.strip, (_text(found, "pubType") or "").split(";")))
    if found["source"] == PREPRINTS:
        yield PREPRINT


def _mesh(found: Json) -> Iterator[str]:
    for heading in _items(_part(found, "meshHeadingList"), "meshHeading"):
        name = _text(heading, "descriptorName")
        qualifiers = _items(_part(heading, "meshQualifierList"), "meshQualifier")
        if name:
            said = [_text(each, "qualifierName") for each in qualifiers]
            yield from (f"{name}/{each}" for each in said if each) if any(said) else (name,)


def _corrections(found: Json) -> Iterator[Correction]:
    for each in _items(_part(found, "commentCorrectionList"), "commentCorrection"):
        word, citation = _text(each, "type") or "", _text(each, "reference")
        if word.casefold().startswith(_NO_NOTICES):
            continue
        meaning = _NOTICES.get(word.casefold())
        if meaning is None:
            citation = ": ".join(filter(None, (word, citation)))
        kind, direction = meaning or _unknown(word)
        number = _text(each, "id") or ""
        pmid = identifiers.pmid(number) if _text(each, "source") in ("MED", None) else None
        yield Correction(kind, direction, pmid=pmid, citation=citation)


def _unknown(word: str) -> tuple[CorrectionKind, Direction]:
    """Say what a word is that the service did not use so far: its ending tells which end it is."""
    of_another = word.casefold().endswith((" of", " for", " from", " on"))
    return CorrectionKind.UNKNOWN, Direction.THIS_IS_OF if of_another else Direction.OF_THIS


def _part(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _items(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return str(found).strip() or None if isinstance(found, str | int) else None
