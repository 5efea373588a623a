"""What is kept of a file: all of it but the people whom a register names with their addresses.

A file without any is kept as it is. What cannot be read is given back too: its reader refuses it.
"""

from __future__ import annotations

import re

from extraction.errors import ExtractionError
from extraction.readers import ctis, isrctn
from extraction.readers.payload import forbidden_signs
from extraction.readers.register_download import ctis_without_persons, is_ctis
from extraction.readers.text import as_utf8

_LOOKED_AT = 5_000
# ICTRP's XML, field by field: what is between the tags goes, its line ends stay.
_ICTRP_CONTACT = re.compile(rb"(<(\w*contact_\w+)\b[^<>]*>)(.*?)(</\2\s*>)", re.S | re.I)
_LINE_ENDS = re.compile(rb"[^\r\n]+")
# EUCTR's protocol of a country: the contact point of a sponsor.
_EUCTR_CONTACT = re.compile(rb"^([ \t]*B\.5\.(?:2|3|4|5|6)\S*[ \t][^:\r\n]*:)[^\r\n]*", re.M)


def without_people(payload: bytes) -> bytes:
    """Return a file as it is kept."""
    try:
        return _without(payload, as_utf8(payload, "the file"))
    except ExtractionError:
        return payload


def _without(given: bytes, sound: bytes) -> bytes:
    start = sound[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        named = is_ctis(sound) and ctis.names_persons(sound)
        return ctis_without_persons(sound) if named else given
    if f"<{isrctn.ROOT}".encode() in start:
        named = isrctn.names_persons(sound)
        return isrctn.without_persons(forbidden_signs(sound).payload) if named else given
    if b"<Trials_downloaded_from_ICTRP" in start:
        return _changed(given, sound, _ICTRP_CONTACT.sub(_emptied, sound))
    if b"EudraCT Number:" in start:
        return _changed(given, sound, _EUCTR_CONTACT.sub(rb"\1", sound))
    return given


def _emptied(found: re.Match[bytes]) -> bytes:
    return found[1] + _LINE_ENDS.sub(b"", found[3]) + found[4]


def _changed(given: bytes, sound: bytes, kept: bytes) -> bytes:
    return given if kept == sound else kept
