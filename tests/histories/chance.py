"""Choices that stay the same where other things are taken away.

An event carries one number; all that is left open in it is chosen by that number and by the *names*
of what there is to choose from. Where another event is removed from a history, the same record,
person and verdict are chosen as before, as long as they are there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

T = TypeVar("T")
_MOST = 2**64


@dataclass(slots=True)
class Chance:
    """The choices of one event."""

    seed: int
    _turns: count[int] = field(default_factory=count)

    def pick(self, things: Iterable[T], name: Callable[[T], str] = str) -> T | None:
        """Choose one of these by its name; None where there is none."""
        turn = next(self._turns)
        return min(things, key=lambda each: self._drawn(turn, name(each)), default=None)

    def one_of(self, *things: T) -> T:
        """Choose one of those that are named here: there is one."""
        turn = next(self._turns)
        return things[self._drawn(turn, "") % len(things)]

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self._drawn(next(self._turns), "") < probability * _MOST

    def between(self, least: int, most: int) -> int:
        """Choose a whole number, both ends included."""
        return least + self._drawn(next(self._turns), "") % (most - least + 1)

    def _drawn(self, turn: int, name: str) -> int:
        digest = hashlib.blake2b(f"{self.seed}/{turn}/{name}".encode(), digest_size=8)
        return int.from_bytes(digest.digest(), "big")
