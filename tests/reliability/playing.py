"""Playing a step: undisturbed once, as the measure; then struck, begun again, and counted.

Each playing has a copy of the folder as it was before the step. After it 20 minutes pass (every
lease is over, every first retry is due) and all is done that can be.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import OperationalError

from bot.notify.daily import GROUPS, day_began
from state import outbox
from state import tables as t
from state.codec import instant
from state.outbox import OnceADay
from state.runs import WorkState
from tests.end_to_end.programs import free_port
from tests.reliability.counts import MARKS, Allowance, Counted, Failure, Kind, Left, failures
from tests.reliability.engines import Engine
from tests.reliability.outside import Outside
from tests.reliability.points import ANSWER, Blow, Plan, Point
from tests.reliability.programs import Ended, Job, Programs, Running
from tests.reliability.story import FOLDER, SERVICE_SEARCHES, STEPS, TRIAL_APPEARS, Step
from tests.reliability.tools import COUNT, SEND, SETTLE
from tests.safety import SAFETY_S

REPOSITORY = Path(__file__).parents[2]
ENOUGH = timedelta(minutes=20)
A_DAY = timedelta(days=1)  # until what waits for a person's next message has left
TIME_ZONE = "Europe/London"  # the review's
# `search` and `run` end with 3 where a person has to look at something: a known report missing.
DONE = (0, 3)
# The clock of a program begins anew with it: what a command leaves behind begins later than it.
A_LITTLE = timedelta(seconds=10)
LOOK_FOR_THE_HELD_S = 0.005
LOOK_EVERY_S, LOOKS_AT_REST = 0.1, 4
BEFORE_ANY_RETRY = timedelta(seconds=30)
SEARCHES = {TRIAL_APPEARS, SERVICE_SEARCHES}


class NothingToMeasure(Exception):
    """A step failed that nobody disturbed: there is nothing to measure a blow by."""


@dataclass(frozen=True, slots=True)
class Calm:
    """How a step went undisturbed, what left with it, and the folder after it."""

    ended: Ended
    left: Left
    after: Path
    sent: frozenset[str]  # the ids of all mails that left in the story until then


@dataclass(frozen=True, slots=True)
class Blown:
    """What came of a blow: whether it struck, and every promise that was broken."""

    step: str
    plan: Plan | None
    struck: bool
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Second:
    """A second program at once with the one that is struck: its words, and how much later."""

    words: tuple[str, ...]
    later: timedelta = timedelta()

    def __str__(self) -> str:
        return f"{self.words[0]}{f', {self.later} later' if self.later else ''}"


@dataclass(slots=True)
class Playing:
    """A folder of its own in which a step is played."""

    stage: Stage
    step: Step
    folder: Path
    faults: tuple[str, ...] = ()
    sent: frozenset[str] = frozenset()  # the ids of the mails that left before
    _count: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def job(
        self,
        words: tuple[str, ...],
        *,
        plan: Plan | None = None,
        later: timedelta = timedelta(),
        clean: bool = False,
    ) -> Job:
        """Return a program on this folder; clean: with nothing planted in it."""
        spoken = tuple(word.replace(FOLDER, str(self.folder)) for word in words)
        if words == ("run",):
            spoken = (*spoken, "--port", str(free_port()))
        return Job(
            words=spoken,
            data=self.data,
            environment=self.environment(later, _told_folder(spoken) or self.data),
            out=self.folder / f"{next(self._count)}.out",
            given=self.step.given if words == self.step.words else "",
            plan=plan,
            faults=() if clean else self.faults,
            a_little_later=instant(self.step.at + later + A_LITTLE),
        )

    def environment(self, later: timedelta, data: Path) -> dict[str, str]:
        """Return what the program is told of its surroundings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LIVINGREVIEW_")}
        return {
            **kept,
            **self.stage.outside.settings(trial=self.step.trial),
            **self.stage.engine.settings(data),
            "LIVINGREVIEW_DATA": str(self.data),
            "LIVINGREVIEW_NOW": instant(self.step.at + later),
            "LIVINGREVIEW_TICK_S": "0.1",
            # Nothing here speaks TLS, and reading all authorities is half of a command's time.
            "SSL_CERT_DIR": str(self.folder),
            "SSL_CERT_FILE": "",
        }

    def prepare(self) -> None:
        """Do what the step needs done first."""
        for words in self.step.prepared:
            ended = self.stage.programs.run(self.job(words, clean=True))
            if ended.status not in DONE:
                raise NothingToMeasure(f"{self.step.name}: {broken(words, ended).what}")

    def run(self, words: tuple[str, ...], plan: Plan | None = None) -> Ended:
        """Run a program to its end; the service to where nothing more is due."""
        return self.end(self.start(words, plan))

    def start(
        self, words: tuple[str, ...], plan: Plan | None = None, later: timedelta = timedelta()
    ) -> Running:
        """Begin a program."""
        return self.stage.programs.start(self.job(words, plan=plan, later=later))

    def end(self, running: Running) -> Ended:
        """Wait for a program's end, and that of what it leaves; end the service when it rests."""
        if running.job.words[0] == "run":
            self._until_it_rests(running)
            running.kill()
        return self.stage.programs.end(running)

    def play_on(self, step: Step) -> list[Failure]:
        """Play a later step of the story, which must succeed."""
        self.sent |= _ids(self.stage.outside.take())
        self.step = step
        ended = self.run(step.words)
        return [] if ended.status in DONE else [broken(step.words, ended)]

    def settle(self) -> list[Failure]:
        """Let the time pass, and all be done that is due; it must succeed."""
        for words, later in ((SETTLE, ENOUGH), (SEND, A_DAY)):
            ended = self.stage.programs.run(self.job((words,), later=later))
            if ended.status != 0:
                return [broken((words,), ended)]
        return []

    def counted(self, left: Left) -> Counted | Failure:
        """Count what the folder holds; a folder that cannot be opened holds nothing."""
        ended = self.stage.programs.run(self.job((COUNT,), later=ENOUGH, clean=True))
        if ended.status != 0:
            return replace(broken((COUNT,), ended), kind=Kind.LOST)
        return Counted(json.loads(ended.said[ended.said.index("{") :]), left)

    def until_held(self, running: Running) -> None:
        """Wait until a program is held, or cannot be any more."""
        if running.job.words[0] == "run":
            self._until_it_rests(running)
        while not (self.step.serves or running.is_held() or running.is_over()):
            time.sleep(LOOK_FOR_THE_HELD_S)

    def _until_it_rests(self, running: Running) -> None:
        """Wait until the service has ended, is held, or has had nothing due for a while."""
        end, rests, came_to = time.monotonic() + SAFETY_S, 0, -1
        while rests < LOOKS_AT_REST and not (running.is_held() or running.is_over()):
            assert time.monotonic() < end, "the service never came to rest"
            time.sleep(LOOK_EVERY_S)
            before, came_to = came_to, running.came_so_far()
            rests = rests + 1 if came_to == before and self._nothing_due() else 0

    def _nothing_due(self) -> bool:
        engine = create_engine(self.stage.engine.address(self.data))
        try:
            with engine.connect() as connection:
                return _rests(connection, self.step.at + BEFORE_ANY_RETRY)
        except OperationalError:  # there is no database yet
            return False
        finally:
            engine.dispose()


def _rests(connection: Connection, now: datetime) -> bool:
    """Whether the service has begun and nothing is due."""
    if not connection.dialect.has_table(connection, t.pulse.name):
        return False
    beaten = connection.execute(select(t.pulse.c.at)).first() is not None
    work = t.work.c
    open_work = (work.state == WorkState.DUE, work.due_at <= instant(now), work.kind.not_in(MARKS))
    waits = connection.execute(select(work.key).where(*open_work)).first() is not None
    daily = OnceADay(GROUPS, day_began(now, TIME_ZONE))
    return beaten and not waits and outbox.next_due(connection, now=now, daily=daily) is None


def _told_folder(words: tuple[str, ...]) -> Path | None:
    """Return the data folder that the words themselves name."""
    return Path(words[words.index("--data") + 1]) if "--data" in words else None


def _ids(left: Left) -> frozenset[str]:
    return frozenset(each.message_id for each in left.letters)


def broken(words: tuple[str, ...], ended: Ended) -> Failure:
    """Say that a program failed that should not have."""
    last = ended.said.strip().splitlines()[-1:] or ["nothing said"]
    return Failure(Kind.BROKEN, f"{' '.join(words)[:60]}: exit {ended.status}: {last[0][:300]}")


@dataclass(slots=True)
class Stage:
    """Where steps are played, and what is known of them undisturbed."""

    programs: Programs
    outside: Outside
    engine: Engine
    folder: Path
    _calm: dict[str, Calm] = field(default_factory=dict)
    _measures: dict[str, Counted] = field(default_factory=dict)
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def playing(self, step: Step, *, faults: tuple[str, ...] = ()) -> Iterator[Playing]:
        """Give a folder as it was before a step; take it away afterwards."""
        before = self.calm(step.after) if step.after is not None else None
        with self._folder(step, before, faults) as playing:
            playing.prepare()
            self.outside.take()
            yield playing

    @contextmanager
    def _folder(
        self, step: Step, from_there: Calm | None, faults: tuple[str, ...] = ()
    ) -> Iterator[Playing]:
        folder = self.folder / f"playing{next(self._number)}"
        folder.mkdir()
        playing = Playing(self, step, folder, faults)
        try:
            if from_there is not None:
                playing.sent = from_there.sent
                self.engine.copy(from_there.after, playing.data)
            yield playing
        finally:
            self.engine.drop(playing.data)
            shutil.rmtree(folder, ignore_errors=True)

    def calm(self, name: str) -> Calm:
        """Play a step undisturbed, once."""
        if name not in self._calm:
            self._calm[name] = self._play_calmly(STEPS[name])
        return self._calm[name]

    def _play_calmly(self, step: Step) -> Calm:
        after = self.folder / f"after{next(self._number)}"
        with self.playing(step) as playing:
            ended = playing.run(step.words)
            if ended.status not in DONE and not step.serves:
                raise NothingToMeasure(f"{step.name}: {broken(step.words, ended).what}")
            self.engine.copy(playing.data, after)
            left = self.outside.take()
            return Calm(ended, left, after, playing.sent | _ids(left))

    def measure(self, name: str) -> Counted:
        """Count what an undisturbed step comes to when the time has passed: what others owe."""
        if name not in self._measures:
            self._measures[name] = self._measured(STEPS[name], self.calm(name))
        return self._measures[name]

    def _measured(self, step: Step, calm: Calm) -> Counted:
        with self._folder(step, calm) as playing:
            self.outside.take()
            wrong = playing.settle()
            late = self.outside.take()
            left = Left(calm.left.letters + late.letters, calm.left.hooks + late.hooks)
            counted = playing.counted(left)
        if isinstance(counted, Failure):
            raise NothingToMeasure(f"{step.name}: {counted.what}")
        wrong += failures(counted, counted, Allowance(sent_before=calm.sent))
        if wrong:
            raise NothingToMeasure(f"{step.name}: {wrong[0].what}")
        return counted

    # ---- struck ----

    def strike(
        self,
        step: Step,
        plan: Plan | None,
        *,
        faults: tuple[str, ...] = (),
        owes: tuple[str, ...] = (),
        rest: tuple[Step, ...] = (),
    ) -> Blown:
        """Play a step, strike it, have it done again, play the rest of the story, and count."""
        measure = self.measure(rest[-1].name if rest else step.name)
        with self.playing(step, faults=faults) as playing:
            ended = playing.run(step.words, plan)
            reached = plan is None or was_reached(plan, ended)
            found: list[Failure] = []
            if reached:
                found += self._again(playing, ended)
                found += [one for each in rest for one in playing.play_on(each)]
                found += playing.settle()
                allowance = self._allowance(playing, plan, owes)
                found += self._compare(playing, measure, allowance)
        return Blown(step.name, plan, reached, tuple(found))

    def _again(self, playing: Playing, ended: Ended) -> list[Failure]:
        """Have done again what was not answered."""
        step = playing.step
        if ended.status in DONE or was_answered(ended):
            return []
        words = step.again or step.words
        again = playing.run(words)
        return [] if again.status in DONE or step.serves else [broken(words, again)]

    def _compare(self, playing: Playing, measure: Counted, allowance: Allowance) -> list[Failure]:
        found = playing.counted(self.outside.take())
        return [found] if isinstance(found, Failure) else failures(measure, found, allowance)

    def _allowance(self, playing: Playing, plan: Plan | None, owes: tuple[str, ...]) -> Allowance:
        dies = plan is not None and plan.blow in (Blow.KILL, Blow.CUT)
        return Allowance(
            repeats=int(dies),
            owes=owes,
            sent_before=playing.sent,
            searched_again=playing.step.name in SEARCHES,
        )

    # ---- two at once ----

    def strike_beside(
        self, step: Step, plan: Plan, second: Second, *, faults: tuple[str, ...] = ()
    ) -> Blown:
        """Hold a step at a point while a second program runs to its end; then kill or wake it."""
        measure = self.measure(step.name)
        held = replace(plan, blow=Blow.HOLD)
        with self.playing(step, faults=faults) as playing:
            running = playing.start(step.words, held)
            if plan.point is not None:
                playing.until_held(running)
            other = playing.start(second.words, later=second.later).wait()
            reached = running.is_held() or plan.point is None
            if plan.point is not None and plan.blow is Blow.KILL:
                running.kill()
            elif reached:
                running.let_go()
            ended = playing.end(running)
            found = [] if other.status in DONE else [broken(second.words, other)]
            found += self._again(playing, ended) + playing.settle()
            overslept = int(second.later > timedelta())
            allowance = self._allowance(playing, plan, ())
            allowance = replace(allowance, repeats=allowance.repeats + overslept)
            found += self._compare(playing, measure, allowance)
        return Blown(step.name, plan, reached, tuple(found))


def was_reached(plan: Plan, ended: Ended) -> bool:
    """Whether a program came to where it was to be struck."""
    if plan.point is None:
        return ended.struck
    came_to = ended.of_what_it_left if plan.of_what_it_leaves else ended.points
    return any((each.name, each.nth) == (plan.point.name, plan.point.nth) for each in came_to)


def was_answered(ended: Ended) -> bool:
    """Whether a program had given its answer when it ended."""
    return any(each.name == ANSWER for each in ended.points)


def points_of(ended: Ended) -> Iterator[tuple[Point, bool]]:
    """Yield where a program can be struck, and whether that is in what it leaves behind."""
    yield from ((each, False) for each in ended.points)
    yield from ((each, True) for each in ended.of_what_it_left)
