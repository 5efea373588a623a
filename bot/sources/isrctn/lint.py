"""What is odd in a line of a strategy for ISRCTN. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.sources.finding import Weight

# Fields that the registry does not have answer 0, and no error.
_NO_FIELDS = re.compile(r"\b(sponsor|country)\s*:", re.I)
_DATE_FIELD = re.compile(r"\b(lastEdited|dateApplied|dateAssigned)\s*:", re.I)
_OPERATORS = {"AND", "OR", "NOT", "GE", "LE", "GT", "LT"}
_TOKEN = re.compile(r'(?:\w+:)?"[^"]*"|[()]|[^\s()"]+')


def odd_in_line(text: str) -> Iterator[tuple[Weight, str]]:
    """Yield what ISRCTN takes otherwise than it is meant."""
    for name in _NO_FIELDS.findall(text):
        yield Weight.ERROR, f"'{name}:' is no field of ISRCTN: it finds nothing, without an error"
    for name in _DATE_FIELD.findall(text):
        yield Weight.ERROR, f"'{name}:' a date is compared ({name} GE 2026-01-01T00:00:00.000Z)"
    if _words_beside(text):
        yield Weight.DOUBT, "words without quotation marks: ISRCTN joins them by OR"


def _words_beside(text: str) -> bool:
    """Whether two terms stand beside each other with nothing between."""
    tokens = _TOKEN.findall(text)
    plain = [token not in _OPERATORS and token not in "()" for token in tokens]
    return any(one and other for one, other in zip(plain, plain[1:], strict=False))
