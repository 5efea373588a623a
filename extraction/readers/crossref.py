"""Crossref: one work, or a page of works, with the notices that tie works to each other.

`updated-by` stands on the work that a notice is about, `update-to` on the notice, or on the work
itself where publishers retract in place. Both are read; which publisher or watch said so stays in
the citation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds
from extraction.readers.languages import marc
from extraction.readers.markup import plain_line, plain_sections
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, shown
from extraction.readers.text import NO_TITLE, author

SOURCE = "crossref"
WHAT = "Crossref"
_KINDS = {
    "retraction": CorrectionKind.RETRACTION,
    "partial_retraction": CorrectionKind.PARTIAL_RETRACTION,
    "withdrawal": CorrectionKind.RETRACTION,
    "removal": CorrectionKind.RETRACTION,
    "expression_of_concern": CorrectionKind.CONCERN,
    "concern": CorrectionKind.CONCERN,
    "erratum": CorrectionKind.ERRATUM,
    "correction": CorrectionKind.ERRATUM,
    "corrigendum": CorrectionKind.ERRATUM,
    "comment": CorrectionKind.COMMENT,
}
_AND = "; "
_LIMITS = ((1000, 9999), (1, 12), (1, 31))  # of a date's parts
_TYPES = {"journal-article": "Journal Article", "posted-content": "Preprint"}


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of works; `total` is total-results, `next_cursor` may come with any page."""

    records: tuple[Record, ...]
    total: int
    next_cursor: str | None
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


def read_work(payload: bytes) -> Record:
    """Read a single work; raise UnreadablePayload for what is none."""
    return _record(_message(payload, "one work"))


def read_work_list(payload: bytes) -> WorkList:
    """Read a page of works; raise UnreadablePayload for what is none."""
    message = _message(payload, "a list of works")
    total, items = message.get("total-results"), message.get("items")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        found = f"total-results {shown(repr(total))}"
        raise unreadable(WHAT, found=found, expected="a whole number")
    if not isinstance(items, list):
        raise unreadable(WHAT, found=f"items {shown(repr(items))}", expected="a list")
    records, odd = read_each(items, _record, _number_of, source=SOURCE)
    return WorkList(records, total, _text(message, "next-cursor"), odd)


def _number_of(work: object) -> str | None:
    return identifiers.doi(_text(work, "DOI") or "") if isinstance(work, dict) else None


def merged(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Return each notice once by kind, end and DOI; all that was said of it stays, joined."""
    found: dict[tuple[CorrectionKind, Direction, str | None], Correction] = {}
    for each in corrections:
        key = (each.kind, each.direction, each.doi)
        found[key] = _joined(found[key], each) if key in found else each
    return tuple(found.values())


def with_notices(work: Record, updates: Mapping[str, FoundRecord]) -> Record:
    """Add to a work what the notices say of it, each once by kind and DOI."""
    told = (
        Correction(each.kind, Direction.OF_THIS, doi=notice.ids.doi, citation=each.citation)
        for notice in updates.values()
        if isinstance(notice, Record)
        for each in told_of(notice, work.source_id)
    )
    return replace(work, corrections=merged([*work.corrections, *told]))


def told_of(notice: FoundRecord, doi: str) -> Iterator[Correction]:
    """Return what a notice says of a document."""
    if isinstance(notice, OddRecord):
        return
    for each in notice.corrections:
        if each.doi == doi and (each.direction is Direction.THIS_IS_OF or notice.source_id == doi):
            yield each


def _joined(first: Correction, second: Correction) -> Correction:
    said = [*(first.citation or "").split(_AND), *(second.citation or "").split(_AND)]
    return replace(first, citation=_AND.join(dict.fromkeys(filter(None, said))) or None)


def _message(payload: bytes, expected: str) -> Json:
    answer = parse_json(payload, WHAT, expected=f"JSON with {expected} as its message")
    message = answer.get("message")
    if answer.get("status", "ok") != "ok" or not isinstance(message, dict):
        raise unreadable(WHAT, found=shown(repr(answer)), expected=expected)
    return message


def _record(work: object) -> Record:
    doi = _number_of(work)
    if not isinstance(work, dict) or doi is None:
        raise unreadable(WHAT, found=shown(repr(work)), expected="a work with its DOI")
    title, abstract = _first(work, "title"), _text(work, "abstract")
    on = _date(work, "published") or _date(work, "issued")
    return Record(
        source=SOURCE,
        source_id=doi,
        title=plain_line(title) if title else NO_TITLE,
        abstract=_sections(abstract),
        authors=tuple(_authors(work)),
        journal=_plain(_first(work, "container-title")),
        volume=_text(work, "volume"),
        issue=_text(work, "issue"),
        pages=_text(work, "page") or _text(work, "article-number"),
        year=int(on[:4]) if on is not None else None,
        published_on=on,
        languages=tuple(marc(each) for each in _listed(work, "language")),
        publication_types=tuple(_TYPES.get(each, each) for each in _listed(work, "type")),
        ids=RecordIds(doi=doi, register=_named_trials(title, abstract)),
        corrections=merged(_corrections(work, doi)),
    )


def _named_trials(*texts: str | None) -> tuple[str, ...]:
    return identifiers.register_ids_in(plain_line(each) for each in texts if each)


def _corrections(work: Json, doi: str) -> Iterator[Correction]:
    for update in _items(work, "updated-by"):
        yield _correction(update, Direction.OF_THIS)
    for update in _items(work, "update-to"):
        itself = identifiers.doi(_text(update, "DOI") or "") == doi
        yield _correction(update, Direction.OF_THIS if itself else Direction.THIS_IS_OF)


def _correction(update: Json, direction: Direction) -> Correction:
    named = (_text(update, "type") or "").casefold().replace(" ", "_").replace("-", "_")
    said = [_text(update, "label") or named, _date(update, "updated"), _text(update, "source")]
    return Correction(
        _KINDS.get(named, CorrectionKind.UPDATE),
        direction,
        doi=identifiers.doi(_text(update, "DOI") or ""),
        citation=", ".join(each for each in said if each) or None,
    )


def _authors(work: Json) -> Iterator[str]:
    for each in _items(work, "author"):
        family, given, suffix, name = (
            _text(each, key) for key in ("family", "given", "suffix", "name")
        )
        if family:
            yield author(", ".join(filter(None, (family, given, suffix)))) if given else family
        elif name:
            yield name


def _listed(work: Json, name: str) -> list[str]:
    found = _text(work, name)
    return [found] if found else []


def _date(work: Json, name: str) -> str | None:
    """Read date-parts: [[1998, 2]] is "1998-02"; from a part that is no date on, none is read."""
    found = work.get(name)
    listed = found.get("date-parts") if isinstance(found, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    read: list[str] = []
    for part, (least, most) in zip(first if isinstance(first, list) else [], _LIMITS, strict=False):
        if not isinstance(part, int) or not least <= part <= most:
            break
        read.append(f"{part:02}")
    return "-".join(read) or None


def _sections(text: str | None) -> str | None:
    return plain_sections(text) or None if text else None


def _plain(text: str | None) -> str | None:
    return plain_line(text) or None if text else None


def _first(work: Json, name: str) -> str | None:
    found = work.get(name)
    texts = found if isinstance(found, list) else [found]
    return next((each.strip() for each in texts if isinstance(each, str) and each.strip()), None)


def _items(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return str(found).strip() or None if isinstance(found, str | int) else None
