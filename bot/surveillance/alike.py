"""Records without a common id that are or may be the same: found, told, settled by a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from extraction.duplicates import rule_in_words
from state import likeness, records
from state.likeness import Likeness
from state.values import StoredRecord


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and what is said of them."""

    likeness: Likeness
    record: StoredRecord
    other: StoredRecord

    @property
    def rule(self) -> str:
        """The rule by which the two were found: its name and its words."""
        return f"rule {self.likeness.rule}: {rule_in_words(self.likeness.rule)}"


def open_pairs(connection: Connection) -> tuple[Pair, ...]:
    """Return the pairs that a person is to be asked about, oldest first."""
    return _pairs(connection, likeness.open_likenesses(connection))


def pairs_of(connection: Connection, keys: list[str]) -> tuple[Pair, ...]:
    """Return every pair that one of the records is in."""
    return _pairs(connection, likeness.likenesses_of(connection, keys))


def _pairs(connection: Connection, found: tuple[Likeness, ...]) -> tuple[Pair, ...]:
    keys = [key for each in found for key in (each.record_key, each.other_key)]
    held = records.stored(connection, list(dict.fromkeys(keys)))
    return tuple(Pair(each, held[each.record_key], held[each.other_key]) for each in found)
