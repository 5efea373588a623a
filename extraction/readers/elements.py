"""The elements of an XML file that no known version of its source has: each named, with a count."""

from __future__ import annotations

import re
from collections import Counter

from extraction.readers.noted import Unread

# An element that holds something: its name, without the prefix of a namespace.
_OPENED = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?:\s[^<>]*)?(?<!/)>(?!\s*</)")


def names_of(text: str) -> frozenset[str]:
    """Return names that are parted by blanks."""
    return frozenset(text.split())


def unknown_elements(payload: bytes, known: frozenset[str]) -> tuple[str, ...]:
    """Say which elements of a file are not known; those of formulas (MathML) are no field."""
    counted = Counter(found[1] for found in _OPENED.finditer(_without_formulas(payload)))
    unread = Unread("element", abstracts=1)
    for name, times in counted.items():
        if name.decode() not in known:
            unread.cells[name.decode()] = times
    return tuple(unread.notes())


_FORMULA = re.compile(rb"<(\w+:)?math\b.*?</(?:\w+:)?math>", re.S)
_CITED_AS_IT_IS = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.S)


def _without_formulas(payload: bytes) -> bytes:
    if b"<!" in payload:
        payload = _CITED_AS_IT_IS.sub(b"-", payload)
    return _FORMULA.sub(b"-", payload) if b"math" in payload else payload
