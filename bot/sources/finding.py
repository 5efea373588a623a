"""What may be odd in a search strategy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """An error is sent wrongly or not at all; a doubt may be meant."""

    ERROR = "error"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity. line: of the strategy file, from 1."""

    line: int
    weight: Weight
    text: str
