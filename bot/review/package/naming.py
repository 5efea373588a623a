"""Ids out of names: short, of plain letters, each once. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from bot.review.package.model import plain

LONGEST = 48  # signs of an id: enough to know the name by, short enough for a line
_OTHER = re.compile(r"[^a-z0-9]+")


def id_of(name: str, taken: Container[str], otherwise: str) -> str:
    """Return an id for a name that no other has; `otherwise` where the name has no plain letter."""
    letters = unicodedata.normalize("NFKD", plain(name)).encode("ascii", "ignore").decode()
    short = _OTHER.sub("-", letters.casefold()).strip("-")[:LONGEST].strip("-") or otherwise
    found, place = short, 2
    while found in taken:
        found, place = f"{short}-{place}", place + 1
    return found
