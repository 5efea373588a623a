"""Bytes from outside to a tree or a JSON value: whole and harmless, or refused with the reason."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from extraction.errors import UnreadablePayload, unreadable

# The one place where the shape of JSON is open.
Json = dict[str, Any]

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*"
    rb"<(?:(?:!doctype\s+)?html|head|body|meta|title|script|style|div)\b",
    re.I | re.S,
)
_UNDEFINED_ENTITY = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;|#)")
_OTHER_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"'](?!utf-?8[\"'])", re.I)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.I | re.S)
_MARKUP = re.compile(rb"<[^>]*>")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BLANK = " \t\r\n"
_SHOWN_CHARS = 80
# No count, year or number of a record has more digits; Python reads up to 4,300.
_LONGEST_NUMBER = 1_000
_LONG_NUMBER = re.compile(rb"\d{1001}")


def parse_xml(payload: bytes, what: str, *, root: str) -> etree._Element:
    """Parse XML without entities, network or limits lifted; `root` says what is expected.

    Raises UnreadablePayload for anything that is not one whole document, and for one with entities
    of its own. Which root came is for the caller to judge.
    """
    expected = f"XML with the root {root}"
    _check_body(payload, what, expected)
    if b"<!ENTITY" in payload:
        raise unreadable(what, found="XML that defines its own entities", expected="none")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        tree = etree.fromstring(payload, parser)
    except etree.XMLSyntaxError as error:
        found = _fault(payload, error, root)
        raise unreadable(what, found=found, expected=expected) from error
    _check_entities(tree, payload, what)
    return tree


@dataclass(frozen=True, slots=True)
class Pieces:
    """The elements of one kind in an XML file, and what stands around each to make it whole."""

    before: bytes
    held: tuple[bytes, ...]
    after: bytes

    def whole(self, piece: bytes) -> bytes:
        """Return a document that holds this piece alone."""
        return b"".join([self.before, piece, self.after])


_FORBIDDEN = re.compile(
    rb"&#(?:x0*(?:[0-8bce-f]|1[0-9a-f]|fffe|ffff|d[89a-f]..);|0*(?:[0-8]|1[124-9]|2\d|3[01]);)"
    rb"|[\x01-\x08\x0b\x0c\x0e-\x1f]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Mended:
    """A file without the signs that XML forbids, and the places where they stood."""

    payload: bytes
    places: tuple[int, ...] = ()


def forbidden_signs(payload: bytes) -> Mended:
    """Leave out the signs that XML forbids, written as they are or by their numbers.

    Each costs itself and not the file. A zero byte stays: it tells of another encoding.
    """
    places = tuple(found.start() for found in _FORBIDDEN.finditer(payload))
    return Mended(_FORBIDDEN.sub(b"", payload) if places else payload, places)


def pieces_of(payload: bytes, tag: str, *, root: str) -> Pieces | None:
    """Take a file of elements of one kind apart; None where it is not whole but for one of them.

    For a file that is no sound XML because of one of them: then each can be read by itself.
    """
    if b"<!ENTITY" in payload or _OTHER_ENCODING.search(payload):
        return None
    found = list(re.finditer(rb"<%b\b.*?</%b\s*>" % (tag.encode(), tag.encode()), payload, re.S))
    if not found:
        return None
    between = zip(found, found[1:], strict=False)
    if any(payload[one.end() : other.start()].strip() for one, other in between):
        return None
    held = tuple(each[0] for each in found)
    pieces = Pieces(payload[: found[0].start()], held, payload[found[-1].end() :])
    try:
        envelope = parse_xml(pieces.whole(b""), "the file", root=root)
    except UnreadablePayload:
        return None
    return pieces if envelope.tag == root else None


def parse_json(payload: bytes, what: str, *, expected: str) -> Json:
    """Parse a JSON object; raw line breaks inside strings are read, NaN and infinity are not."""
    _check_body(payload, what, expected)
    try:
        value = _loaded(payload)
    except RecursionError as error:
        raise unreadable(what, found="JSON nested too deeply", expected=expected) from error
    except ValueError as error:
        raise unreadable(what, found=_not_json(payload, error), expected=expected) from error
    if not isinstance(value, dict):
        raise unreadable(what, found=f"a JSON {type(value).__name__}", expected=expected)
    return value


def parse_list(payload: bytes, what: str, *, expected: str) -> list[Any]:
    """Parse a JSON list; raises as `parse_json` does."""
    wrapped = b"".join([b'{"list":', payload.lstrip(b"\xef\xbb\xbf"), b"}"])
    if not payload.rstrip().endswith(b"]"):
        cut = f"JSON cut off after {len(payload)} bytes"
        raise unreadable(what, found=cut, expected=expected)
    found: list[Any] = parse_json(wrapped, what, expected=expected)["list"]
    return found


def squeezed(text: str) -> str:
    """Join lines and runs of blanks as a reader of the page sees them; other spaces stay."""
    if not any(each in text for each in ("\n", "  ", "\t", "\r")):
        return text.strip(" ")
    return _BLANKS.sub(" ", text).strip(_BLANK)


def text_of(element: etree._Element | None) -> str | None:
    """Return all text in an element, markup dropped; None where there is none."""
    if element is None:
        return None
    raw = "".join(map(str, element.itertext())) if len(element) else element.text
    return squeezed(raw) or None if raw else None


def text_in_bytes(piece: bytes) -> str:
    """Return the text of a piece of XML that cannot be parsed, markup dropped."""
    return squeezed(_MARKUP.sub(b"", piece).decode("utf-8", "replace").replace("\0", ""))


def shown(text: str) -> str:
    """Return the beginning of a text for a message."""
    short = squeezed(text)
    return f"'{short[:_SHOWN_CHARS]}…'" if len(short) > _SHOWN_CHARS else f"'{short}'"


def _check_body(payload: bytes, what: str, expected: str) -> None:
    if not payload.strip():
        raise unreadable(what, found="an empty body", expected=expected)
    page = html_page(payload)
    if page is not None:
        raise unreadable(what, found=page, expected=expected)


def html_page(payload: bytes) -> str | None:
    """Name a web page by its title; None for anything else."""
    if not _HTML.match(payload.removeprefix(b"\xef\xbb\xbf")):
        return None
    title = _TITLE.search(payload)
    return "an HTML page" + (
        f" titled {shown(title[1].decode('utf-8', 'replace'))}" if title else ""
    )


def _fault(payload: bytes, error: etree.XMLSyntaxError, root: str) -> str:
    opened = f"<{root}".encode() in payload
    if opened and f"</{root}>".encode() not in payload:
        return f"XML cut off after {len(payload)} bytes (line {error.lineno})"
    if not payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return f"text that is not XML, {shown(payload[:400].decode('utf-8', 'replace'))}"
    return f"XML that is not well-formed ({error.msg})"


def _check_entities(tree: etree._Element, payload: bytes, what: str) -> None:
    if _UNDEFINED_ENTITY.search(payload):
        entity = next(tree.iter(etree.Entity), None)
        if entity is not None:
            raise unreadable(what, found=f"the undefined entity {entity.text}", expected="none")


def _not_json(payload: bytes, error: ValueError) -> str:
    start = payload[:400].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return f"XML, {shown(start)}"
    if start.startswith("{") and not payload.rstrip().endswith(b"}"):
        return f"JSON cut off after {len(payload)} bytes"
    return f"text that is not JSON ({error}), {shown(start)}"


def _loaded(payload: bytes) -> object:
    """Read JSON; a whole number too long for Python to read stays the text that it is."""
    if _LONG_NUMBER.search(payload):
        return json.loads(
            payload, strict=False, parse_constant=_no_number, parse_int=_whole_or_text
        )
    return json.loads(payload, strict=False, parse_constant=_no_number)


def _whole_or_text(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not a number")
