"""OpenAlex: one work, or a page of a list of works, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds
from extraction.readers.languages import marc
from extraction.readers.markup import plain_line
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import Json, parse_json, shown
from extraction.readers.text import NO_TITLE, author

SOURCE = "openalex"
WHAT = "OpenAlex"
_WORK = re.compile(r"(?:https?://openalex\.org/)?(?:works/)?(W\d+)", re.I)
_LAST_PART = re.compile(r"[^/]+$")
_TYPES = {
    "article": "Journal Article",
    "review": "Review",
    "preprint": "Preprint",
    "letter": "Letter",
    "editorial": "Editorial",
    "erratum": "Published Erratum",
    "retraction": "Retraction of Publication",
    "dissertation": "Dissertation",
}
# What stands before a family name and belongs to it: "Ivo N van Schaik" is van Schaik IN.
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "da", "dos", "du", "la", "le", "ten", "ter"}
    | {"zu", "zur", "bin", "al", "el", "af", "av"}
)
_GENERATION = re.compile(r"(?:Jr|Sr|II|III)\.?", re.I)
# The last word of a name that is no person's.
_GROUP = re.compile(
    r"(?:groups?|consorti(?:um|a)|collaborat(?:ion|ors)|investigators?|committee|network|"
    r"society|association|team|initiative|trialists)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Seed:
    """A work from which citations are chased: its name, and the names of those it cites."""

    name: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of works; `total` is meta.count, `next_cursor` is None on the last."""

    records: tuple[Record, ...]
    total: int
    next_cursor: str | None
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the page holds."""
        return (*self.records, *self.odd)


def read_seed(payload: bytes) -> Seed:
    """Read a single work; raise UnreadablePayload for what is none."""
    work = parse_json(payload, WHAT, expected="a work")
    cited = work.get("referenced_works")
    found = (_WORK.fullmatch(str(each)) for each in (cited if isinstance(cited, list) else []))
    return Seed(_name(work), tuple(each[1].upper() for each in found if each is not None))


def read_works(payload: bytes) -> WorkPage:
    """Read a page of works; raise UnreadablePayload for what is none."""
    answer = parse_json(payload, WHAT, expected="JSON with meta and results")
    meta, results = answer.get("meta"), answer.get("results")
    total = meta.get("count") if isinstance(meta, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise unreadable(WHAT, found=f"meta {shown(repr(meta))}", expected="a count in it")
    if not isinstance(results, list):
        raise unreadable(WHAT, found=f"results {shown(repr(results))}", expected="a list")
    cursor = meta.get("next_cursor") if isinstance(meta, dict) else None
    records, odd = read_each(results, _record, _number_of, source=SOURCE)
    return WorkPage(records, total, cursor or None, odd)


def _number_of(work: object) -> str | None:
    found = _WORK.fullmatch(_text(work, "id") or "") if isinstance(work, dict) else None
    return found[1].upper() if found is not None else None


def _record(work: object) -> Record:
    if not isinstance(work, dict):
        raise unreadable(WHAT, found=shown(repr(work)), expected="a work")
    title = _text(work, "title") or _text(work, "display_name")
    abstract = _abstract(work.get("abstract_inverted_index"))
    year = _year(work)
    return Record(
        source=SOURCE,
        source_id=_name(work),
        title=plain_line(title) if title else NO_TITLE,
        abstract=abstract,
        authors=tuple(_authors(work)),
        journal=_text(_part(_part(work, "primary_location"), "source"), "display_name"),
        volume=_text(_part(work, "biblio"), "volume"),
        issue=_text(_part(work, "biblio"), "issue"),
        pages=_pages(_part(work, "biblio")),
        year=year,
        published_on=_text(work, "publication_date") or (str(year) if year else None),
        languages=tuple(marc(each) for each in _listed(work, "language")),
        publication_types=tuple(_TYPES.get(each, each) for each in _listed(work, "type")),
        ids=_ids(work, [each for each in (title, abstract) if each]),
        corrections=_corrections(work),
    )


def _name(work: Json) -> str:
    found = _number_of(work)
    if found is None:
        raise unreadable(WHAT, found=shown(repr(work)), expected="a work with its id")
    return found


def _ids(work: Json, texts: list[str]) -> RecordIds:
    named = _part(work, "ids")
    return RecordIds(
        pmid=identifiers.pmid(_text(named, "pmid") or ""),
        pmcid=_pmcid(_text(named, "pmcid") or ""),
        doi=identifiers.doi(_text(work, "doi") or _text(named, "doi") or ""),
        register=identifiers.register_ids_in(texts),
    )


def _pmcid(address: str) -> str | None:
    """OpenAlex writes an address that ends with the number, with or without its letters."""
    found = _LAST_PART.search(address.rstrip("/"))
    number = found[0].upper().removeprefix("PMC") if found is not None else ""
    return identifiers.pmcid(f"PMC{number}")


def _abstract(index: object) -> str | None:
    """Put the words of an inverted index back in their places."""
    if not isinstance(index, dict):
        return None
    words = {
        place: str(word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    }
    return plain_line(" ".join(words[place] for place in sorted(words))) or None


def _authors(work: Json) -> Iterator[str]:
    listed = work.get("authorships")
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            name = _text(_part(each, "author"), "display_name") or _text(each, "raw_author_name")
            if name:
                yield _family_first(plain_line(name))


def _family_first(name: str) -> str:
    """Write "Ivo N. van Schaik" as "van Schaik IN"; a group and a single word stay."""
    parts = name.replace(".", ". ").split()
    if len(parts) < 2 or _GROUP.fullmatch(parts[-1]):
        return name
    if "," in name:
        return author(name)
    generation = parts.pop() if len(parts) > 2 and _GENERATION.fullmatch(parts[-1]) else ""
    start = len(parts) - 1
    while start > 1 and parts[start - 1].lower() in _PARTICLES:
        start -= 1
    family, given = " ".join(parts[start:]), " ".join(parts[:start])
    return author(", ".join(each for each in (family, given, generation) if each))


def _year(work: Json) -> int | None:
    found = work.get("publication_year")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _pages(biblio: Json) -> str | None:
    first, last = _text(biblio, "first_page"), _text(biblio, "last_page")
    return f"{first}-{last}" if first and last and first != last else first


def _corrections(work: Json) -> tuple[Correction, ...]:
    if work.get("is_retracted") is not True:
        return ()
    said = "marked as retracted by OpenAlex"
    return (Correction(CorrectionKind.RETRACTION, Direction.OF_THIS, citation=said),)


def _listed(work: Json, name: str) -> list[str]:
    found = _text(work, name)
    return [found] if found else []


def _part(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return str(found).strip() or None if isinstance(found, str | int) else None
