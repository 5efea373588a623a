"""Exports of hand-run sources: recognised by what they hold, read whole or refused."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.model import Record


@dataclass(frozen=True, slots=True)
class Export:
    """The records of a file and the dialect it was read in."""

    records: tuple[Record, ...]
    dialect: str
