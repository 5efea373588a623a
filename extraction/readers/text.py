"""What the readers of exported files share: text from bytes, names, and an id that lasts."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from extraction.errors import unreadable
from extraction.model import Record, RecordIds
from extraction.readers.odd import OddRecord

NO_TITLE = "[no title]"
_BOMS = (  # the longer ones first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GIVEN = re.compile(r"[^\W\d_][^\s.\-]*")
_GENERATION = re.compile(r"(?:Jr|Sr|I{2,3}|IV|2nd|3rd)\.?", re.I)
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_OTHER_ALPHABET = re.compile(rb"[\x80-\xff]{3}")
_FOREIGN_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_DECLARED = re.compile(r"\A(<\?xml[^>]*?)\s+encoding=[\"'][^\"']*[\"']")
_SHOWN = 3
_MOST_ZEROS = 100  # a file with more is of another encoding or no text at all
_LOOKED_AT = 4_000


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, and what a person should know of how its bytes were read."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """The records of a file, in order, and what a person should know of how it was read.

    odd: the records that could not be read, in formats in which each stands by itself. marks: of
    each record, a digest of all that is written of it; none where the record holds all.
    """

    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()
    odd: tuple[OddRecord, ...] = ()
    marks: tuple[str, ...] = ()


def decode(payload: bytes, what: str) -> Text:
    """Return a file's text by the mark that states its encoding, as UTF-8, or as Windows-1252.

    The last is a guess, made only where nothing speaks against it, and said with the words that
    show whether it was right. A zero byte and half a sign stay in the text: they are odd of the
    record that holds them, not of the file. Raises UnreadablePayload for all else.
    """
    encoding = next((name for bom, name in _BOMS if payload.startswith(bom)), None)
    encoding = encoding or _unmarked(payload) or "utf-8"
    try:
        found = Text(payload.decode(encoding))
    except UnicodeDecodeError as error:
        halves = _with_halves(payload) if encoding == "utf-8" else None
        found = halves or _windows(payload, what, encoding, error)
    text = found.text.lstrip("\ufeff").replace("\n\ufeff", "\n")
    if "\0" not in text:
        return replace(found, text=text)
    line = text[: text.index("\0")].count("\n") + 1
    if text.count("\0") > _MOST_ZEROS:
        raise unreadable(f"{what}, line {line}", found="zero bytes", expected="text")
    return Text(text, (*found.notes, f"line {line} holds a zero byte"))


def as_utf8(payload: bytes, what: str) -> bytes:
    """Return a file of a wider encoding in UTF-8, without an XML declaration of the other one."""
    wide = any(payload.startswith(bom) for bom, name in _BOMS if name != "utf-8-sig")
    if not wide and _unmarked(payload) is None:
        return payload
    return _DECLARED.sub(r"\1", decode(payload, what).text).encode()


def _unmarked(payload: bytes) -> str | None:
    """Tell UTF-16 without its mark: of Latin text every other byte is zero."""
    start = payload[:_LOOKED_AT]
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) > 8 and zeros.count(0) > 0.9 * len(zeros):
            return encoding
    return None


def _with_halves(payload: bytes) -> Text | None:
    """Read UTF-8 in which signs stand as two halves: those that fit are joined, others stay."""
    try:
        text = payload.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return Text(text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))


def _windows(payload: bytes, what: str, encoding: str, error: UnicodeDecodeError) -> Text:
    """Read Latin text in Windows-1252, which holds Latin-1; refuse what may be anything else."""
    place = f"{what}, line {payload[: error.start].count(10) + 1}"
    expected = "UTF-8, or UTF-16 with its mark; save the file as UTF-8"
    if encoding != "utf-8" or (error.start > len(payload) - 4 and _UTF_8.search(payload)):
        raise unreadable(place, found=f"bytes that are not {encoding}", expected=expected)
    if _UTF_8.search(payload) or _OTHER_ALPHABET.search(payload):
        raise unreadable(place, found="bytes of an unknown or mixed encoding", expected=expected)
    try:
        text = payload.decode("cp1252")
    except UnicodeDecodeError:
        raise unreadable(place, found="bytes that are not UTF-8", expected=expected) from error
    words = list(dict.fromkeys(_FOREIGN_WORD.findall(text)))[:_SHOWN]
    shown = f": please see whether these are right: {', '.join(words)}" if words else ""
    return Text(text, (f"the file is not UTF-8 and was read as Windows-1252{shown}",))


def lines(text: str) -> list[str]:
    """Split at line ends only; a text may hold other signs that Python takes for one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def unended(text: str, records: tuple[Record, ...]) -> tuple[str, ...]:
    """Say that the last line has no end, so that the last record may be cut: nothing else tells."""
    if not records or text.endswith(("\n", "\r")):
        return ()
    last = records[-1].title
    return (f"the last line has no line end; please see whether the last record is whole: {last}",)


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
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def identity(record: Record) -> tuple[str | None, ...]:
    """Return what tells a record without an id from another."""
    first = record.authors[0] if record.authors else None
    return (record.title.lower(), record.published_on, first, record.journal)
