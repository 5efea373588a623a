"""What must be true of a review, whatever happened to it: one function a promise.

Each is given the scene at rest and its log, and names every way in which the promise is broken.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from tests.histories.chronicle import Chronicle
from tests.histories.invariants import (
    flow,
    hands,
    numbers,
    owners,
    pages,
    second,
    sound,
    ways_back,
)
from tests.histories.scene import Scene

Check = Callable[[Scene, Chronicle], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a promise is broken."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


EXCEPTIONS = "no exception that nobody expected"
CHECKS: Mapping[str, Check] = {
    "the result is of now": numbers.result_of_now,
    "the results follow from the accepted values": numbers.results_recomputed,
    "what counts was read by two": numbers.values_of_two,
    "the draft holds the result": numbers.draft_told,
    "candidates end by two": hands.candidates,
    "records are one by two": hands.merges,
    "studies move by two": hands.moves,
    "versions are published by two": hands.publications,
    "amendments are in force by two": hands.amendments,
    "searches by hand are said by who may": hands.searches,
    "everything open has an owner": owners.open_things,
    "everything closed has a way back": ways_back.closed_things,
    "the flow adds up": flow.adds_up,
    "versions say what happened": second.says_what_happened,
    "the log verifies": sound.log,
    "every step is dated when it was made": sound.dates,
    "no verdict is lost in a merge": sound.verdicts,
    "no work is stuck": sound.work,
    "no notice is doubled": sound.notices,
    "no page fails": pages.failing,
}
EVERY = (*CHECKS, EXCEPTIONS)
# What is looked at in the midst of a history, too: it asks nothing of the program but its log.
CHEAP = frozenset(name for name, check in CHECKS.items() if check.__module__ == hands.__name__)


def broken(
    scene: Scene, chronicle: Chronicle, watched: Collection[str], *, at_rest: bool
) -> list[Failure]:
    """Return every way in which a promise that is watched is broken."""
    looked_at = [name for name in CHECKS if name in watched and (at_rest or name in CHEAP)]
    return [failure for name in looked_at for failure in _broken(name, scene, chronicle)]


def _broken(name: str, scene: Scene, chronicle: Chronicle) -> Iterator[Failure]:
    """Yield what is wrong; where the program cannot even be asked, that is wrong."""
    try:
        yield from (Failure(name, what) for what in CHECKS[name](scene, chronicle))
    except Exception as error:  # noqa: BLE001 - the edge of a check: the others are made
        where = traceback.extract_tb(error.__traceback__)[-1]
        yield Failure(name, f"cannot be told: {error!r} at {where.filename}:{where.lineno}")
