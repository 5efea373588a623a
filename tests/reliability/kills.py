"""Which blows are dealt: chosen by a seed, so that every kind of door has its turn."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from tests.reliability import power
from tests.reliability.engines import SQLITE
from tests.reliability.playing import ENOUGH, Blown, Second, Stage, points_of
from tests.reliability.points import Blow, Plan
from tests.reliability.programs import OUTGOING
from tests.reliability.story import FIRST, PUBLISHED, STEPS, TRIAL_APPEARS, Step
from tests.reliability.tools import SETTLE

AT_RANDOM = "a random time"
# Doors come in turns; these have two: what is committed is what is promised.
MORE_OFTEN = ("commit", "committed")
# Waits for the other's search to end, or needs a folder of its own: not twice at once.
ALONE = (TRIAL_APPEARS, "backup", "restore", "export")
# A program that has just begun, or is ending, is struck there often enough by the doors.
OF_ITS_TIME = (0.02, 0.98)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A blow to be dealt: to which step, of which kind, beside which second program."""

    step: Step
    kind: str
    plan: Plan
    second: Second | None = None


def kind_of(plan: Plan) -> str:
    """Name the kind of door: 'insert', 'committed', 'replace', 'mail' …"""
    return plan.point.name.split()[0] if plan.point is not None else AT_RANDOM


def chosen(
    stage: Stage, steps: Sequence[Step], seed: int, *, concurrent: bool = False
) -> Iterator[Chosen]:
    """Yield blows for ever: a kind of door after the other, in each one door by chance."""
    chance = random.Random(seed)
    doors = _doors(stage, steps, concurrent=concurrent)
    turns = sorted(doors) + [kind for kind in MORE_OFTEN if kind in doors]
    chance.shuffle(turns)
    for kind in cycle([*turns, AT_RANDOM]):
        step, plan = _one(stage, steps, doors, kind, chance)
        found = Chosen(step, kind, plan)
        yield _beside_another(found, chance) if concurrent else _or_a_cut(stage, found, chance)


def _doors(
    stage: Stage, steps: Sequence[Step], *, concurrent: bool
) -> dict[str, list[tuple[Step, Plan]]]:
    """Return where blows can be dealt, by kind; who holds the lock is not held beside another."""
    doors: defaultdict[str, list[tuple[Step, Plan]]] = defaultdict(list)
    for step in steps:
        for point, left in points_of(stage.calm(step.name).ended):
            if not (concurrent and (point.locked or left)):
                plan = Plan(Blow.KILL, point, of_what_it_leaves=left)
                doors[kind_of(plan)].append((step, plan))
    return doors


def _one(
    stage: Stage,
    steps: Sequence[Step],
    doors: dict[str, list[tuple[Step, Plan]]],
    kind: str,
    chance: random.Random,
) -> tuple[Step, Plan]:
    if kind != AT_RANDOM:
        name = chance.choice(sorted({step.name for step, _ in doors[kind]}))
        return chance.choice([each for each in doors[kind] if each[0].name == name])
    step = chance.choice(steps)
    whole_s = stage.calm(step.name).ended.cpu_s
    return step, Plan(Blow.KILL, after_cpu_s=whole_s * chance.uniform(*OF_ITS_TIME))


def _beside_another(found: Chosen, chance: random.Random) -> Chosen:
    """Give the blow a second program: the service's rounds at once or later, or the same again."""
    blow = chance.choice((Blow.KILL, Blow.HOLD))
    second = chance.choice(_seconds(found.step))
    return replace(found, plan=replace(found.plan, blow=blow), second=second)


def _seconds(step: Step) -> list[Second]:
    found = [Second((OUTGOING,))]
    searches = step.words[0] != "people"  # whom a search tells depends on who is there
    if searches:
        found.append(Second((SETTLE,)))
    if searches and not step.serves:  # of the service one thread is held: the others have no later
        found.append(Second((SETTLE,), later=ENOUGH))
    if not step.serves and step.name not in ALONE:
        found.append(Second(step.words))
    return found


def _or_a_cut(stage: Stage, found: Chosen, chance: random.Random) -> Chosen:
    """Have one blow of three be a power cut, where it can be one."""
    cut = chance.random() < 1 / 3
    can_be = stage.engine.name == SQLITE and power.can_be_cut()
    if not (cut and can_be) or found.plan.point is None or found.plan.of_what_it_leaves:
        return found
    return replace(found, plan=replace(found.plan, blow=Blow.CUT))


def deal(stage: Stage, each: Chosen) -> Blown:
    """Deal one blow."""
    if each.second is None:
        return stage.strike(each.step, each.plan)
    return stage.strike_beside(each.step, each.plan, each.second)


def first_commands(stage: Stage, seed: int) -> Iterator[Chosen]:
    """Yield blows to the first command: every door of it, in an order by chance."""
    found = [
        Chosen(STEPS[FIRST], kind_of(plan), plan)
        for point, left in points_of(stage.calm(FIRST).ended)
        for plan in (Plan(Blow.KILL, point, of_what_it_leaves=left),)
    ]
    random.Random(seed).shuffle(found)
    yield from found


def the_rest() -> list[Step]:
    """Return the steps from after the first to the publication."""
    names = list(STEPS)
    return [STEPS[name] for name in names[1 : names.index(PUBLISHED) + 1]]


def deal_and_play_on(stage: Stage, each: Chosen) -> Blown:
    """Deal one blow to the first command, then play the story to its end."""
    return stage.strike(each.step, each.plan, rest=tuple(the_rest()))
