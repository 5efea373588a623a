"""Where a history is played: a review between stand-ins of its sources, and what is being said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from bot.acts.act import Act
from bot.acts.perform import perform
from bot.app import AT_THE_MACHINE, App
from bot.demo.sources import StandIns, stand_ins
from bot.errors import BotError
from bot.sources.stand_ins.server import StandIn
from extraction.errors import ExtractionError
from state.codec import instant
from state.errors import StateError
from state.events import head
from tests.bot.builders import StoppedClock, a_start, actor, an_app
from tests.bot.stepped_time import SteppedTime
from tests.bot.upstreams import stepped
from tests.bot.world import QUICK, World
from tests.histories.killing import Killed, killed_at

Outcome = TypeVar("Outcome")

# What is said to whoever asks for what cannot be: anything else that is raised is a fault.
REFUSALS = (StateError, BotError, ExtractionError)
# Every lease of a process that died is over, and every first retry is due.
AFTER_A_KILL_MINUTES = 20


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the log, up to an event, and the instants between which it was written."""

    last: int
    earliest: str
    latest: str


@dataclass
class Scene:
    """A running review. words: what the event being played has tried so far; done: how much of it
    was taken; kills: how often the program was killed; spans: when each part of the log was made.
    """

    world: World
    folder: Path
    words: list[str] = field(default_factory=list)
    done: int = 0
    kills: int = 0
    spans: list[Span] = field(default_factory=list)

    @property
    def app(self) -> App:
        """The program as it runs now."""
        return self.world.app

    @property
    def sources(self) -> StandIns:
        """The stand-ins of the sources."""
        return self.world.sources

    @property
    def clock(self) -> StoppedClock:
        """The program's clock."""
        return self.world.clock

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Look at how everything stands."""
        with self.app.database.reading() as connection:
            yield connection

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Keep between which instants the log grows within."""
        before = instant(self.clock.now())
        try:
            yield
        finally:
            after = instant(self.clock.now())
            with self.reading() as connection:
                last, _ = head(connection)
            self.spans.append(Span(last, min(before, after), max(before, after)))

    def begin_event(self) -> None:
        """Forget what the event before tried."""
        self.words, self.done = [], 0

    def is_prepared(self) -> None:
        """Count nothing that was done to prepare what an event is about."""
        self.done = 0

    def does(self, person: str, act: Act[Outcome], words: str) -> Outcome:
        """Have a person say something; it may be refused."""
        self.words.append(f"{person} {words}")
        outcome = perform(self.app, act, actor(person))
        self.done += 1
        return outcome

    def at_the_machine(self, act: Act[Outcome], words: str) -> Outcome:
        """Have something done by command, without a name."""
        self.words.append(f"by command: {words}")
        outcome = perform(self.app, act, AT_THE_MACHINE)
        self.done += 1
        return outcome

    def happened(self, words: str) -> None:
        """Note what the world did."""
        self.words.append(words)
        self.done += 1

    def works(self) -> None:
        """Let the program do by itself what is due, searches included."""
        self.world.tick()

    def settles(self) -> None:
        """Let time pass and all be done that can be, until nothing is left."""
        for minutes in (0, AFTER_A_KILL_MINUTES, 0):
            self.clock.advance(minutes=minutes)
            self.works()

    @contextmanager
    def killed(self, nth: int, *, committed: bool) -> Iterator[None]:
        """Kill the program at the nth commit within, before or after it; begin it again."""
        try:
            with killed_at(self.app.database.writer, nth, committed=committed):
                yield
        except Killed as killed:
            self.words.append(str(killed))
            self.kills += 1
            self.done += 1
            self.restart()

    def restart(self) -> None:
        """End the program and begin it again on its folder, some time later."""
        self.app.close()
        self.clock.advance(minutes=AFTER_A_KILL_MINUTES)
        self.world.app = _started(self.folder, self.sources, self.world.time, self.clock)


@contextmanager
def a_scene(folder: Path) -> Iterator[Scene]:
    """Have a review as its first start leaves it, without people, between stand-ins."""
    with stand_ins() as sources:
        time = SteppedTime()
        for each in sources.by_name.values():
            _lives_by(each, time)
        data = folder / "data"
        app = an_app(data, {**QUICK, **sources.settings}, times=stepped(time))
        scene = Scene(World(app, sources, time), data)
        try:
            yield scene
        finally:
            with suppress(StateError):
                scene.app.close()


def _lives_by(stand_in: StandIn, time: SteppedTime) -> None:
    stand_in.time = time


def _started(folder: Path, sources: StandIns, time: SteppedTime, clock: StoppedClock) -> App:
    return a_start(folder, {**QUICK, **sources.settings}, clock=clock, times=stepped(time))
