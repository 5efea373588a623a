"""A long series of records with like titles: asked about a few at a time, and in the end whole.

Of a series no more questions wait than people can look at. Each answer makes room for others: the
surest of those that nobody was asked yet. Nothing is asked that what is known tells already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product, starmap

from sqlalchemy import Connection

from bot.surveillance.likes import (
    MOST_ASKED,
    Alike,
    DescribedRecord,
    OpenQuestions,
    describe,
    find_alike,
    names_of,
    nearest,
    numbered_apart,
    place_of,
    surest_first,
)
from extraction.model import Record
from state import likeness, records
from state.events import Ledger
from state.values import StoredRecord


def long_series(connection: Connection, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return who bears the names that a long series shares with one of these records."""
    described = [describe(records.find_stored(connection, key).record) for key in keys]
    names = {name: None for each in described for name in each.near}
    bearers = records.bearers(connection, list(names))
    return {name: held for name, held in bearers.items() if len(held) > MOST_ASKED}


def ask_of_series(ledger: Ledger, series: Mapping[str, Sequence[str]]) -> None:
    """Ask about pairs of a series nobody was asked about, the surest first, while there is room."""
    connection = ledger.connection
    open_keys = likeness.open_keys(connection)
    asked = {key for pair in open_keys for key in pair}
    questions = OpenQuestions(open_keys, names_of(asked, series))
    if not questions.room(series):
        return
    members = _Members(connection, {key for held in series.values() for key in held})
    for stored in members.known.values():
        questions.join(stored)
    for later, each in sorted(members.left_out(), key=lambda pair: surest_first(pair[1])):
        one = members.described(later.record)
        if questions.ask(one, [each], members.described).about:
            tell_alike(ledger, later.record.key, each)


def tell_alike(ledger: Ledger, key: str, found: Alike) -> None:
    """Store that a record may be another one."""
    said, other = found.judgement, found.stored.record.key
    likeness.find_likeness(ledger, key, other, found.answer, rule=said.rule, reasons=said.reasons)


class _Members:
    """The records of a series, and what was said of them."""

    def __init__(self, connection: Connection, keys: set[str]) -> None:
        self.known = records.stored(connection, sorted(keys))
        self._described: dict[str, DescribedRecord] = {}
        self._bearers: dict[str, list[str]] = defaultdict(list)
        self._as_one: dict[str, list[Record]] = defaultdict(list)
        self._told = {
            frozenset((each.record_key, each.other_key))
            for each in likeness.likenesses_of(connection, list(self.known))
        }
        for key, stored in self.known.items():
            self._as_one[place_of(stored)].append(stored.record)
            for name in self.described(stored.record).near:
                self._bearers[name].append(key)

    def described(self, record: Record) -> DescribedRecord:
        if record.key not in self._described:
            self._described[record.key] = describe(record)
        return self._described[record.key]

    def left_out(self) -> Iterator[tuple[StoredRecord, Alike]]:
        """Yield each record with each earlier one that it may be and nobody was asked about."""
        for stored in self.known.values():
            one = self.described(stored.record)
            for each in find_alike(one, self._earlier(one, stored), self.described):
                if not each.same and not self._is_told(stored, each.stored):
                    yield stored, each

    def _earlier(self, one: DescribedRecord, stored: StoredRecord) -> list[StoredRecord]:
        near = [self.known[key] for key in nearest(one, lambda name: self._bearers[name])]
        return [each for each in near if _order(each) < _order(stored)]

    def _is_told(self, one: StoredRecord, other: StoredRecord) -> bool:
        """Whether a person was asked about the two, or a database numbers what is one with them."""
        if frozenset((one.record.key, other.record.key)) in self._told:
            return True
        pairs = product(self._as_one[place_of(one)], self._as_one[place_of(other)])
        return any(starmap(numbered_apart, pairs))


def _order(stored: StoredRecord) -> tuple[str, str]:
    return (stored.found_at, stored.record.key)
