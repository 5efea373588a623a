"""Records without a common id that are or may be the same: found, told, settled by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.surveillance.placement import Alike
from extraction.duplicates import Sameness, block_keys, compare, index_keys, own_ids, rule_in_words
from extraction.model import Record
from state import likeness, records
from state.events import Ledger
from state.likeness import Likeness
from state.paging import Part, Seek
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


def lookup_keys(record: Record) -> list[str]:
    """Return every key under which a record is found again, by its ids and by its likeness."""
    return [*index_keys(record), *block_keys(record)]


def alike(connection: Connection, record: Record) -> tuple[Alike, ...]:
    """Return the known records that are or may be this one by all but an id, the surest first."""
    own = set(own_ids(record))
    near = records.owners(connection, block_keys(record))
    judged = [
        Alike(each, compare(record, each.record))
        for each in near
        if not own & set(own_ids(each.record))
    ]
    found = [each for each in judged if each.judgement.answer is not Sameness.NEW]
    return tuple(sorted(found, key=lambda each: (not each.same, -each.judgement.strength)))


def tell_likenesses(ledger: Ledger, record: Record, found: Sequence[Alike]) -> None:
    """Store the likenesses of a record that was just stored: the sure one, or all that may be."""
    sure = [each for each in found if each.same][:1]
    for each in sure or found:
        said = each.judgement
        likeness.find_likeness(
            ledger,
            record.key,
            each.stored.record.key,
            likeness.SAME if each.same else likeness.MAYBE,
            rule=said.rule,
            reasons=said.reasons,
        )


def open_pairs(connection: Connection) -> tuple[Pair, ...]:
    """Return the pairs that a person is to be asked about, oldest first."""
    return _pairs(connection, likeness.open_likenesses(connection))


def pairs_part(connection: Connection, asked: Seek) -> Part[Pair]:
    """Return a part of the pairs that a person is to be asked about, oldest first."""
    part = likeness.likenesses_part(connection, asked)
    return Part(_pairs(connection, part.shown), part.earlier, part.later)


def pairs_of(connection: Connection, keys: list[str]) -> tuple[Pair, ...]:
    """Return every pair that one of the records is in."""
    return _pairs(connection, likeness.likenesses_of(connection, keys))


def _pairs(connection: Connection, found: tuple[Likeness, ...]) -> tuple[Pair, ...]:
    keys = [key for each in found for key in (each.record_key, each.other_key)]
    held = records.stored(connection, list(dict.fromkeys(keys)))
    return tuple(Pair(each, held[each.record_key], held[each.other_key]) for each in found)
