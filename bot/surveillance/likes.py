"""Which records are like a new one, and which of those a person is asked about. Pure.

A record is looked for under the keys that likely duplicates share. Where a whole series shares
them, only those are compared that share the most and whose titles are most alike. Records that are
like each other are a group: a new one is asked about beside the likeliest of each group, and beside
none where many questions of its series wait already. What is not asked stands in its reasons.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from extraction.duplicates import Judgement, Sameness, index_keys, namesake_keys, own_ids
from extraction.duplicates.blocks import NEAR_PREFIX, keys_of
from extraction.duplicates.clusters import LARGEST_BLOCK
from extraction.duplicates.compare import judge
from extraction.duplicates.features import Features, features
from extraction.duplicates.side_by_side import title_likeness
from extraction.model import Record
from state.facts.words import LikenessAnswer
from state.values import StoredRecord

# A person is asked about the likeliest of a group, so the best few tell all there is to ask.
MOST_JUDGED = 10
# More open questions of one series say nothing new: its records are told apart as a whole.
MOST_ASKED = 40
# A record of an export without numbers is known by a digest, which is no number of a database.
_DIGEST = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class DescribedRecord:
    """A record with all that it is known by and compared by."""

    record: Record
    key: str
    features: Features
    own: tuple[str, ...]  # the ids that are its own
    names: tuple[str, ...]  # the keys under which records of the same trial would be found
    near: tuple[str, ...]  # the keys that likely duplicates share
    identifiers: tuple[str, ...]  # every key under which it is found again
    number: str | None  # that its database gave it; None where its id was made of another


@dataclass(frozen=True, slots=True)
class Alike:
    """A known record that is, or may be, the new one, and why."""

    stored: StoredRecord
    judgement: Judgement

    @property
    def same(self) -> bool:
        """Whether the two are taken as one."""
        return self.judgement.answer is Sameness.SAME

    @property
    def answer(self) -> LikenessAnswer:
        """What is told of the two."""
        return LikenessAnswer.SAME if self.same else LikenessAnswer.MAYBE


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """What is told of a record's likes. series_full: more would be asked if fewer waited."""

    about: tuple[Alike, ...]
    series_full: bool = False


Describing = Callable[[Record], DescribedRecord]


def describe(record: Record) -> DescribedRecord:
    """Return a record with what it is known by."""
    found = features(record)
    near = tuple([f"{NEAR_PREFIX}{each}" for each in keys_of(found)])
    return DescribedRecord(
        record,
        record.key,
        found,
        tuple(own_ids(record)),
        tuple(namesake_keys(record)),
        near,
        (*index_keys(record), *near),
        _number(record),
    )


def nearest(one: DescribedRecord, bearers: Callable[[str], Iterable[str]]) -> list[str]:
    """Return the keys of the records that share the most of a record's keys; not all of a series.

    bearers: from a key to the records that bear it.
    """
    sharing = [key for name in one.near for key in bearers(name)]
    if not sharing:  # nearly every record
        return []
    shared = Counter(sharing)
    shared.pop(one.key, None)
    if len(shared) <= LARGEST_BLOCK:
        return list(shared)
    return nsmallest(LARGEST_BLOCK, shared, key=lambda key: (-shared[key], key))


def find_alike(
    one: DescribedRecord,
    near: Collection[StoredRecord],
    described: Describing,
) -> tuple[Alike, ...]:
    """Return the near records that are or may be this one by all but an id, the surest first."""
    if not near:
        return ()
    own = set(one.own)
    others = [
        (each, other)
        for each in near
        if not own.intersection((other := described(each.record)).own)
        and not _two_reports(one, other)
    ]
    if len(others) > MOST_JUDGED:
        others = nsmallest(MOST_JUDGED, others, key=lambda two: _unlikeness(one, two[1]))
    judged = [Alike(each, judge(one.features, other.features)) for each, other in others]
    found = [each for each in judged if each.judgement.answer is not Sameness.NEW]
    return tuple(sorted(found, key=surest_first))


def surest_first(found: Alike) -> tuple[bool, float, str, str]:
    """Sort what was found by how sure it is, then by age."""
    stored = found.stored
    return (not found.same, -found.judgement.strength, stored.found_at, stored.record.key)


def _unlikeness(one: DescribedRecord, other: DescribedRecord) -> tuple[bool, float, str]:
    mine, theirs = one.features, other.features
    numbered = mine.doi is not None and mine.doi == theirs.doi
    one_entry = bool(mine.entry & theirs.entry)
    return (not (numbered or one_entry), -title_likeness(mine, theirs), other.key)


def numbered_apart(one: Record, other: Record) -> bool:
    """Whether one database gives each a number of its own: it takes them for two."""
    return one.source == other.source and _are_two(_number(one), _number(other))


def _are_two(mine: str | None, theirs: str | None) -> bool:
    """Whether two numbers of a source are of one database, and two."""
    if mine is None or theirs is None or mine == theirs:
        return False
    # Europe PMC holds several databases, each with numbers of its own ("MED:1", "PPR:PPR1").
    return mine.rpartition(":")[0] == theirs.rpartition(":")[0]


def _described_apart(one: DescribedRecord, other: DescribedRecord) -> bool:
    """Say what `numbered_apart` does of two records whose numbers are known."""
    return one.record.source == other.record.source and _are_two(one.number, other.number)


def _number(record: Record) -> str | None:
    """Return the number that a database gave a record; None where its id was made of another."""
    name = record.source_id
    made = "#" in name or name == record.ids.doi or _DIGEST.fullmatch(name) is not None
    return None if made else name


def _two_reports(one: DescribedRecord, other: DescribedRecord) -> bool:
    """Whether two numbers of one database and others in the titles say that they are two."""
    numbers = one.features.numbers != other.features.numbers
    return numbers and _described_apart(one, other)


class OpenQuestions:
    """The questions about pairs of records that wait for a person, kept up while more are asked."""

    def __init__(
        self, pairs: Sequence[tuple[str, str]], names: Mapping[str, frozenset[str]]
    ) -> None:
        """names: the keys, of those that matter here, that likely duplicates of a record share."""
        self._root: dict[str, str] = {}
        self._waiting: Counter[str] = Counter()
        for one, other in pairs:
            self._join(one, other)
            self._waiting.update(names.get(one, frozenset()) & names.get(other, frozenset()))

    def ask(
        self,
        one: DescribedRecord,
        found: Sequence[Alike],
        described: Describing,
    ) -> AskedAbout:
        """Choose of the alike those that a person is asked about: of each group the first."""
        asked, full = [], False
        for each in found:
            stored, other = each.stored, described(each.stored.record)
            if _described_apart(one, other) or self._are_one(one.record, stored):
                continue
            shared = set(one.near).intersection(other.near)
            if any(self._waiting[name] >= MOST_ASKED for name in shared):
                full = True
                continue
            self._join(one.record.key, place_of(stored))
            self._waiting.update(shared)
            asked.append(each)
        return AskedAbout(tuple(asked), full)

    def room(self, names: Iterable[str]) -> bool:
        """Whether more may be asked about records that share one of these names."""
        return any(self._waiting[name] < MOST_ASKED for name in names)

    def _are_one(self, record: Record, stored: StoredRecord) -> bool:
        """Whether the two are of one group already."""
        return self._group(record.key) == self._group(place_of(stored))

    def join(self, one: StoredRecord) -> None:
        """Take a record as one with its candidate: they are one group."""
        self._join(one.record.key, place_of(one))

    def _join(self, one: str, other: str) -> None:
        self._root[self._group(one)] = self._group(other)

    def _group(self, key: str) -> str:
        while (above := self._root.get(key, key)) != key:
            key = above
        return key


def place_of(stored: StoredRecord) -> str:
    """Return the candidate of a record, or the record where it has none: what is one shares it."""
    return stored.candidate or stored.record.key


def names_of(
    keys: Iterable[str], bearers: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """Return the names that each of the records bears, from name → bearers."""
    wanted = frozenset(keys)
    found: dict[str, set[str]] = defaultdict(set)
    if wanted:
        for name, held in bearers.items():
            for key in wanted.intersection(held):
                found[key].add(name)
    return {key: frozenset(each) for key, each in found.items()}
