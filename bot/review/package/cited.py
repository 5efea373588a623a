"""References as RIS carries them in a package: read, and written to be read the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.review.package.model import StudyReference
from bot.review.package.package_table import decoded, refuse

_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*))?")
KINDS: Mapping[str, str] = {
    "JOUR": "JOURNAL_ARTICLE",
    "BOOK": "BOOK",
    "CHAP": "BOOK_SECTION",
    "CONF": "CONFERENCE_PROC",
    "COMP": "COMPUTER_PROGRAM",
    "UNPB": "UNPUBLISHED",
    "GEN": "OTHER",
}
TYPES = {kind: written for written, kind in KINDS.items()}
# The parts of a reference as the study data name them, by the tag that carries each.
PARTS: Mapping[str, str] = {
    "TI": "title",
    "TT": "original-title",
    "JF": "source",
    "DA": "publication-date",
    "VL": "volume",
    "IS": "issue",
    "ET": "edition",
    "ED": "editors",
    "PB": "publisher",
    "CY": "city",
    "M1": "medium",
    "N1": "notes",
}
ALSO: Mapping[str, str] = {
    **{"T1": "TI", "A1": "AU", "JO": "JF", "T2": "JF", "JA": "JF", "PY": "DA", "Y1": "DA"},
}
ORDER = (
    *("authors", "title", "original-title", "source", "publication-date", "volume", "issue"),
    *("pages", "edition", "editors", "publisher", "city", "medium", "notes"),
)
STUDY, AUTHOR, KIND = "NS", "AU", "M3"
_APART = frozenset({"TY", STUDY, AUTHOR, KIND, "SP", "EP", "DO", "C3"})
_IDS: Mapping[str, str] = {"PUBMED": "PubMed"}


def read_cited(file: str, content: bytes) -> list[tuple[str, StudyReference]]:
    """Return the references of a RIS file, each with the study that it names, or "".

    Raises PackageFaults for a line before the first reference and for one that never ends.
    """
    return [_reference(tags) for tags in _references(file, decoded(file, content))]


def _references(file: str, text: str) -> Iterator[list[tuple[str, str]]]:
    """Give the tags of each reference, from TY to ER; a line without a tag goes on with its tag."""
    tags: list[tuple[str, str]] | None = None
    place = 0
    for place, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line.rstrip())
        tag, value = (found[1], (found[2] or "").strip()) if found else ("", line.rstrip())
        if tag == "TY":
            tags = [(tag, value)]
        elif not value and not tag:
            continue
        elif tags is None:
            raise refuse(file, place, "reference", f"'{line.strip()[:40]}'", "'TY  - …'")
        elif tag == "ER":
            yield tags
            tags = None
        else:
            _go_on(tags, tag, value)
    if tags is not None:
        raise refuse(file, place, "reference", "the end of the file", "'ER  - '")


def _go_on(tags: list[tuple[str, str]], tag: str, value: str) -> None:
    if tag:
        tags.append((tag, value))
    else:
        tags[-1] = (tags[-1][0], f"{tags[-1][1]}\n{value}")


def _reference(tags: Sequence[tuple[str, str]]) -> tuple[str, StudyReference]:
    said = [(ALSO.get(tag, tag), value) for tag, value in tags]
    by_tag = dict(said)
    parts: dict[str, str] = {}
    for tag, value in said:
        if tag not in _APART:
            _put(parts, PARTS.get(tag, tag), value)
    authors = [value for tag, value in said if tag == AUTHOR]
    parts["authors"] = ("; " if any("," in each for each in authors) else ", ").join(authors)
    parts["pages"] = "-".join(filter(None, (by_tag.get("SP"), by_tag.get("EP"))))
    parts["publication-date"] = parts.get("publication-date", "").rstrip("/")
    ids = tuple(_id(tag, value) for tag, value in said if tag in ("DO", "C3"))
    kind = by_tag.get(KIND) or KINDS.get(by_tag["TY"], by_tag["TY"])
    return by_tag.get(STUDY, ""), StudyReference(kind, parts=in_order(parts), ids=ids)


def _put(parts: dict[str, str], name: str, value: str) -> None:
    if value and value not in parts.get(name, "").split("\n"):
        parts[name] = f"{parts[name]}\n{value}" if parts.get(name) else value


def in_order(parts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the parts that say something, in the order of the study data, others behind."""
    names = [*ORDER, *sorted(name for name in parts if name not in ORDER)]
    return tuple((name, parts[name]) for name in names if parts.get(name))


def _id(tag: str, value: str) -> tuple[str, str]:
    if tag == "DO":
        return "DOI", value
    name, _, number = value.partition(" ")
    return name.upper(), number


def cited_text(references: Sequence[tuple[str, StudyReference]]) -> str:
    """Write references as RIS, each with its study where it has one."""
    return "".join(_written(study, each) for study, each in references)


def _written(study: str, reference: StudyReference) -> str:
    lines = [*_tags(study, reference), ("ER", "")]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines) + "\n"


def _tags(study: str, reference: StudyReference) -> Iterator[tuple[str, str]]:
    parts = dict(reference.parts)
    yield "TY", TYPES.get(reference.kind, "GEN")
    if reference.kind not in TYPES:
        yield KIND, reference.kind
    yield from ((AUTHOR, each) for each in _authors(parts.pop("authors", "")))
    first, _, last = parts.pop("pages", "").partition("-")
    for tag, name in PARTS.items():
        if name in parts:
            yield tag, parts.pop(name)
    yield from ((tag, value) for tag, value in (("SP", first), ("EP", last)) if value)
    yield from parts.items()
    if study:
        yield STUDY, study
    for name, value in reference.ids:
        yield ("DO", value) if name == "DOI" else ("C3", f"{_IDS.get(name, name)} {value}")


def _authors(text: str) -> list[str]:
    """Part the authors so that they are read as one text again."""
    for mark in ("; ", ", "):
        pieces = text.split(mark)
        if len(pieces) > 1 and all(("," in each) == (mark == "; ") for each in pieces):
            return pieces
    return [text] if text else []
