"""References as RIS carries them in a package: read, and written to be read the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.review.package.model import StudyReference
from bot.review.package.table import decoded, refuse

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
    "T1": "title",
    "JO": "source",
    "T2": "source",
    "JA": "source",
    "PY": "publication-date",
    "Y1": "publication-date",
    "A1": "AU",
}
ORDER = (
    *("authors", "title", "original-title", "source", "publication-date", "volume", "issue"),
    *("pages", "edition", "editors", "publisher", "city", "medium", "notes"),
)
STUDY, AUTHOR, KIND = "NS", "AU", "M3"
_IDS: Mapping[str, str] = {"PUBMED": "PubMed"}


def read_cited(file: str, content: bytes) -> list[tuple[str, StudyReference]]:
    """Return the references of a RIS file, each with the study that it names, or "".

    Raises PackageFaults for a line before the first reference and for one that never ends.
    """
    return [_reference(tags) for tags in _references(file, decoded(file, content))]


def _references(file: str, text: str) -> Iterator[list[tuple[str, str]]]:
    tags: list[tuple[str, str]] | None = None
    place = 0
    for place, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line.rstrip())
        if found is None and tags and line.strip():
            tags[-1] = (tags[-1][0], f"{tags[-1][1]}\n{line.rstrip()}")
        elif found is not None and found[1] == "TY":
            tags = [("TY", (found[2] or "").strip())]
        elif found is not None and found[1] == "ER" and tags:
            yield tags
            tags = None
        elif tags is not None and found is not None:
            tags.append((found[1], (found[2] or "").strip()))
        elif line.strip():
            raise refuse(file, place, "reference", f"'{line.strip()[:40]}'", "'TY  - …'")
    if tags is not None:
        raise refuse(file, place, "reference", "the end of the file", "'ER  - '")


def _reference(tags: Sequence[tuple[str, str]]) -> tuple[str, StudyReference]:
    of_study, kind, authors, pages = "", "OTHER", list[str](), ["", ""]
    parts: dict[str, str] = {}
    ids: list[tuple[str, str]] = []
    for tag, value in tags:
        match tag:
            case "TY":
                kind = KINDS.get(value, value)
            case "NS":
                of_study = value
            case "AU" | "A1":
                authors.append(value)
            case "SP" | "EP":
                pages[tag == "EP"] = value
            case "DO" | "C3":
                ids.append(_id(tag, value))
            case "M3":
                kind = value
            case _:
                _put(parts, PARTS.get(tag) or ALSO.get(tag) or tag, value)
    parts["authors"] = ("; " if any("," in each for each in authors) else ", ").join(authors)
    parts["pages"] = "-".join(filter(None, pages))
    parts["publication-date"] = parts.get("publication-date", "").rstrip("/")
    return of_study, StudyReference(kind, parts=in_order(parts), ids=tuple(ids))


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
