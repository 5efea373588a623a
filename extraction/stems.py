"""A quick look before a pattern: most texts hold none of the letters that it needs."""

from __future__ import annotations

from collections.abc import Iterable


def may_match(text: str, stems: Iterable[str]) -> bool:
    """Whether a pattern that needs one of these stems, in any case, can match a text.

    What is not plain ASCII may always: other signs count as letters of a stem too ("ſ" as "s").
    """
    if not text.isascii():
        return True
    return any(map(text.lower().__contains__, stems))
