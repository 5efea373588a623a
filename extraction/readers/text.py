"""What the readers of exported files share: text from bytes, names, and an id that lasts."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable

from extraction.errors import unreadable
from extraction.model import Record, RecordIds

NO_TITLE = "[no title]"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_GIVEN = re.compile(r"[^\W\d_][^\s.\-]*")
_GENERATION = re.compile(r"(?:Jr|Sr|I{2,3}|IV|2nd|3rd)\.?", re.I)


def decode(payload: bytes, what: str) -> str:
    """Return a file's text; refuse an encoding that it does not state and that is not UTF-8.

    A wrong guess would spoil names and titles silently, so none is made.
    """
    encoding = next((name for bom, name in _BOMS if payload.startswith(bom)), "utf-8")
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        expected = "UTF-8, or UTF-16 with its mark; save the file as UTF-8"
        found = f"bytes that are not {encoding.upper()}"
        raise unreadable(f"{what}, line {line}", found=found, expected=expected) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise unreadable(f"{what}, line {line}", found="a zero byte", expected="text")
    return text


def lines(text: str) -> list[str]:
    """Split at line ends only; a text may hold other signs that Python takes for one."""
    return _LINE_END.split(text)


def author(name: str) -> str:
    """Write a name as PubMed does: "Roe, Ann B." and "Roe A.B." become "Roe AB"."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma:
        return re.sub(r"(?<=\b\w)\.", "", name.strip())
    given, _, generation = (part.strip() for part in given.partition(","))
    if generation and not _GENERATION.fullmatch(generation):
        return name.strip()
    return " ".join(part for part in (family, _initials(given), generation.rstrip(".")) if part)


def _initials(given: str) -> str:
    if given.isupper() and len(given) <= 4 and given.isalpha():
        return given
    return "".join(part[0].upper() for part in _GIVEN.findall(given))


def lasting_id(accession: str | None, ids: RecordIds, parts: Iterable[str | None]) -> str:
    """Return an id that the same record has in every export: its number there, an id, a digest."""
    named = accession or ids.doi or ids.pmid
    return named if named is not None else digest(parts)


def digest(parts: Iterable[str | None]) -> str:
    """Return a short digest of what identifies a record that has no id."""
    text = "\n".join(part or "" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def identity(record: Record) -> tuple[str | None, ...]:
    """Return what tells a record without an id from another."""
    first = record.authors[0] if record.authors else None
    return (record.title.lower(), record.published_on, first, record.journal)
