"""Texts with a little HTML in them (titles and abstracts of JSON services) to plain text."""

from __future__ import annotations

import html
import re

from extraction.readers.payload import squeezed

_HEADING = re.compile(r"<(?P<tag>h[1-6]|(?:jats:)?title)\b[^>]*>(?P<words>.*?)</(?P=tag)>", re.S)
_BLOCK = re.compile(r"</?(?:jats:)?(?:p|div|sec|br|li|ul|ol)\b[^>]*>")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]*(?:\s[^<>]*)?/?>")


def plain_line(text: str) -> str:
    """Return a text without tags, entities decoded, on one line; a bare "<" stays what it is."""
    return squeezed(html.unescape(_TAG.sub("", html.unescape(text)))).replace("\n", " ")


_INLINE = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|inf|sc|scp|span|small|font|tt)(?:\s[^<>]*)?/?>", re.I
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[\dA-Fa-f]{1,5});")


def plain_title(text: str) -> str:
    """Return a title that a file writes with tags of HTML within its lines, or entities."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return squeezed(_INLINE.sub("", text)) if "<" in text else text


def plain_sections(text: str) -> str:
    """Return an abstract a section a line, each with its heading: "METHODS: ..."."""
    marked = _HEADING.sub(lambda found: f"\n{_heading(found['words'])}: ", text)
    lines = (plain_line(each) for each in _BLOCK.sub("\n", marked).split("\n"))
    return _joined([each for each in lines if each])


def _heading(words: str) -> str:
    return plain_line(words).rstrip(".: ").upper()


def _joined(lines: list[str]) -> str:
    """A heading stands before its section, not alone on a line."""
    joined: list[str] = []
    for line in lines:
        if joined and joined[-1].endswith(":"):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return "\n".join(joined)
