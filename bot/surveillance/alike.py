"""Records without a common id that are or may be the same: found, told, settled by a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.surveillance.likes import (
    MOST_ASKED,
    Alike,
    OpenQuestions,
    describe,
    find_alike,
    nearest,
)
from bot.surveillance.long_series import ask_of_series, long_series, tell_alike
from extraction.duplicates import rule_in_words
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


@dataclass(frozen=True, slots=True)
class Series:
    """Records with like titles, about so many of which questions wait that no more are asked."""

    title: str  # of one of them
    records: int
    pairs: frozenset[tuple[str, str]]  # the keys of those that are asked about

    @property
    def words(self) -> str:
        """Say how many there are, and where those are that nobody is asked about."""
        return (
            f"{self.records} records have titles like '{self.title}'; a person is asked about"
            f" {len(self.pairs)} pairs of them, and about others as these are settled. None"
            " is left out: each stands in the queue, with what it is like among its reasons."
        )


def full_series(connection: Connection) -> tuple[Series, ...]:
    """Return the series of which no more is asked for now; a pair is in one of them at most."""
    keys = likeness.open_keys(connection)
    of_name: dict[str, list[Pair]] = defaultdict(list)
    for each in open_pairs(connection) if len(keys) >= MOST_ASKED else ():
        names = set(describe(each.record.record).near)
        for name in names.intersection(describe(each.other.record).near):
            of_name[name].append(each)
    full = {name: held for name, held in of_name.items() if len(held) >= MOST_ASKED}
    bearers = records.bearers(connection, list(full))
    found: list[Series] = []
    for name in sorted(full, key=lambda each: (-len(bearers[each]), each)):
        own = frozenset(map(_keys, full[name]))
        if not any(own & each.pairs for each in found):
            found.append(Series(full[name][0].record.record.title, len(bearers[name]), own))
    return tuple(found)


def _keys(pair: Pair) -> tuple[str, str]:
    return (pair.likeness.record_key, pair.likeness.other_key)


def ask_on(ledger: Ledger, *keys: str, apart: bool) -> None:
    """Ask what was left out while the question about these records waited.

    apart: whether a person says that they are two. Of a group each record is asked about beside the
    likeliest only, and may still be one of the others. In a long series there is room for another
    question, whatever was said.
    """
    series = long_series(ledger.connection, keys)
    if series:
        ask_of_series(ledger, series)
    elif apart:
        met = {key: None for each in keys for key in (each, *_alike_of(ledger.connection, each))}
        for key in met:
            # One of its likes may be of a long series all the same, whose questions are counted.
            own = long_series(ledger.connection, [key])
            ask_of_series(ledger, own) if own else _ask_about(ledger, key)


def _alike_of(connection: Connection, key: str) -> dict[str, Alike]:
    """Return the known records that one may be, by key."""
    one = describe(records.find_stored(connection, key).record)
    bearers = records.bearers(connection, one.near)
    near = records.stored(connection, nearest(one, lambda name: bearers.get(name, ())))
    found = find_alike(one, near.values(), describe)
    return {each.stored.record.key: each for each in found if not each.same}


def _ask_about(ledger: Ledger, key: str) -> None:
    connection = ledger.connection
    stored, alike = records.find_stored(connection, key), _alike_of(connection, key)
    for pair in likeness.likenesses_of(connection, [key]):
        for told in (pair.record_key, pair.other_key):
            alike.pop(told, None)
    questions = OpenQuestions(likeness.open_keys(connection), {})
    for one in (stored, *(other.stored for other in alike.values())):
        questions.join(one)
    asked = questions.ask(describe(stored.record), list(alike.values()), describe)
    for each in asked.about:
        tell_alike(ledger, key, each)


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
