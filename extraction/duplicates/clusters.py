"""Many records at once: clusters of the same, and the pairs that a person has to look at.

Two clusters are merged only where no member of the one is kept apart from a member of the other:
three records of which two agree must not pull the third along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.duplicates.blocks import keys_of
from extraction.duplicates.compare import Judgement, Sameness, judge
from extraction.duplicates.features import Features, features
from extraction.model import Record

# A key that more records share than this says little, and pairs grow with the square: each record
# is compared with so many of those that follow it only.
LARGEST_BLOCK = 60


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two places in the sequence of records, and what their comparison came to."""

    one: int
    other: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Duplicates:
    """clusters: the places of records that are one, each cluster with two members or more.

    maybe: one pair for each two clusters (or single records) that may be one, the likeliest.
    """

    clusters: tuple[tuple[int, ...], ...]
    maybe: tuple[JudgedPair, ...]


def find_duplicates(records: Sequence[Record]) -> Duplicates:
    """Compare every record with its likes."""
    found = [features(each) for each in records]
    pairs = [
        JudgedPair(one, other, said)
        for one, other in _candidates(found)
        if (said := judge(found[one], found[other])).answer is not Sameness.NEW
    ]
    groups = _Groups(found)
    held = []
    for pair in sorted(pairs, key=lambda each: (-each.judgement.strength, each.one, each.other)):
        if pair.judgement.answer is Sameness.MAYBE or not groups.merge(pair.one, pair.other):
            held.append(pair)
    return Duplicates(groups.clusters(), tuple(_queued(held, groups)))


def _candidates(found: Sequence[Features]) -> Iterator[tuple[int, int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(found):
        for key in keys_of(each):
            blocks[key].append(place)
    seen: set[tuple[int, int]] = set()
    for members in blocks.values():
        for at, one in enumerate(members):
            for other in members[at + 1 : at + LARGEST_BLOCK]:
                if (one, other) not in seen:
                    seen.add((one, other))
                    yield one, other


def _queued(held: Sequence[JudgedPair], groups: _Groups) -> Iterator[JudgedPair]:
    asked: set[tuple[int, int]] = set()
    for pair in held:
        one, other = groups.of(pair.one), groups.of(pair.other)
        between = (min(one, other), max(one, other))
        if one != other and between not in asked:
            asked.add(between)
            yield pair


class _Groups:
    """Records joined so far."""

    def __init__(self, found: Sequence[Features]) -> None:
        self._found = found
        self._root = list(range(len(found)))
        self._members = {place: [place] for place in range(len(found))}

    def of(self, place: int) -> int:
        """Return the group of a record."""
        return self._root[place]

    def merge(self, one: int, other: int) -> bool:
        """Join two groups unless a member of each is kept apart; say whether they are one now."""
        left, right = self._root[one], self._root[other]
        if left == right:
            return True
        if any(self._apart(a, b) for a in self._members[left] for b in self._members[right]):
            return False
        for place in self._members.pop(right):
            self._root[place] = left
            self._members[left].append(place)
        return True

    def clusters(self) -> tuple[tuple[int, ...], ...]:
        """Return the groups of two and more."""
        return tuple(tuple(sorted(each)) for each in self._members.values() if len(each) > 1)

    def _apart(self, one: int, other: int) -> bool:
        return judge(self._found[one], self._found[other]).apart
