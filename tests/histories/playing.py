"""Playing a history: a team, a list of events, and what is found wrong when all is at rest."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from state.events import events
from tests.histories import acts, invariants
from tests.histories.chance import Chance
from tests.histories.chronicle import Chronicle
from tests.histories.events import KINDS, Event, drawn
from tests.histories.invariants import EVERY, EXCEPTIONS, Failure
from tests.histories.people import a_team
from tests.histories.scene import REFUSALS, Scene, a_scene
from tests.postgresql import MEMORY

# What is cheap is looked at in between as well: an act undone since would hide what it did.
LOOK_EVERY = 40
MOST_MINUTES_BETWEEN = 90
UNEXPECTED = "Traceback (most recent call last)"
FROM_THE_END = 6  # lines of a traceback that say where it was


class Outcome(StrEnum):
    """What became of an event."""

    DONE = "done"
    REFUSED = "refused"
    IDLE = "idle"  # there was no occasion


@dataclass(frozen=True, slots=True)
class History:
    """What is played. seed: of the team, and of the events as they were drawn."""

    seed: int
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it went."""

    event: Event
    outcome: Outcome
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.event}  {'; '.join(self.words) or 'no occasion'}"


@dataclass(frozen=True, slots=True)
class Played:
    """How a history went, and everything that is wrong with what it left."""

    history: History
    told: tuple[Told, ...]
    failures: tuple[Failure, ...]
    seconds: float


def a_history(seed: int, number: int) -> History:
    """Draw a history."""
    return History(seed, drawn(seed, number))


def play(history: History, watched: Collection[str] = EVERY) -> Played:
    """Play a history in a folder of its own, and leave nothing of it."""
    began = time.monotonic()
    in_memory = MEMORY if Path(MEMORY).is_dir() else None  # no power is cut here
    folder = Path(tempfile.mkdtemp(prefix="history-", dir=in_memory))
    try:
        with _noted() as unexpected, a_scene(folder) as scene:
            told, found = _play(scene, history, watched)
            found += [Failure(EXCEPTIONS, each) for each in unexpected]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    once = dict.fromkeys(each for each in found if each.invariant in watched)
    return Played(history, tuple(told), tuple(once), time.monotonic() - began)


def _play(
    scene: Scene, history: History, watched: Collection[str]
) -> tuple[list[Told], list[Failure]]:
    told: list[Told] = []
    found: list[Failure] = []
    with scene.timed():
        _gather_team(scene, history.seed)
    for place, event in enumerate(history.events, 1):
        told.append(_told(scene, event, found))
        if place % LOOK_EVERY == 0:
            found += invariants.broken(scene, _chronicle(scene), watched, at_rest=False)
    with _kept("coming to rest", found), scene.timed():
        scene.settles()
    found += invariants.broken(scene, _chronicle(scene), watched, at_rest=True)
    return told, found


def _gather_team(scene: Scene, seed: int) -> None:
    """Add the team, and let the program find what there is to find."""
    team = a_team(seed)
    for each in team:
        scene.at_the_machine(acts.add(each.id, sorted(each.roles)), f"adds {each.id}")
    for each in team:
        if each.deputy is not None:
            act = acts.change(each.id, sorted(each.roles), each.deputy)
            scene.at_the_machine(act, f"names {each.deputy} as the deputy of {each.id}")
    scene.clock.advance(minutes=1)  # what is found now was not there when the review was loaded
    scene.works()


def _told(scene: Scene, event: Event, found: list[Failure]) -> Told:
    """Play one event; what nobody expected is a failure, and the history goes on."""
    chance = Chance(event.seed)
    scene.begin_event()
    scene.clock.advance(minutes=chance.between(1, MOST_MINUTES_BETWEEN))
    try:
        with _kept(event.kind, found), scene.timed():
            KINDS[event.kind].play(scene, chance)
    except REFUSALS as why:
        scene.words.append(f"refused: {why}")
    refused = Outcome.REFUSED if scene.words else Outcome.IDLE
    return Told(event, Outcome.DONE if scene.done else refused, tuple(scene.words))


@contextmanager
def _kept(what: str, found: list[Failure]) -> Iterator[None]:
    """Keep what nobody expected as a failure; a refusal is for whoever asked."""
    try:
        yield
    except REFUSALS:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of an event: the history goes on
        found.append(Failure(EXCEPTIONS, f"{what}: {_where(error)}"))


def _where(error: Exception) -> str:
    return " | ".join("".join(traceback.format_exception(error)).splitlines()[-FROM_THE_END:])


def _chronicle(scene: Scene) -> Chronicle:
    with scene.reading() as connection:
        return Chronicle.of(events(connection))


class _Noted(logging.Handler):
    """Keeps what the program logs of exceptions that nobody expected."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.unexpected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if UNEXPECTED in said:
            self.unexpected.append(" | ".join(said.splitlines()[-FROM_THE_END:]))


@contextmanager
def _noted() -> Iterator[list[str]]:
    """Hear what the program logs, and keep it off the screen."""
    program, handler = logging.getLogger("livingreview"), _Noted()
    shown, program.propagate = program.propagate, False
    program.addHandler(handler)
    try:
        yield handler.unexpected
    finally:
        program.removeHandler(handler)
        program.propagate = shown
