"""Which blow shows which planted fault; the same blow without the fault must show nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.reliability import power
from tests.reliability.counts import Failure, Kind
from tests.reliability.playing import Second, Stage
from tests.reliability.points import ANSWER, Blow, Plan, Point
from tests.reliability.programs import OUTGOING
from tests.reliability.story import FIRST, PUBLISHED, SERVICE_SEARCHES, SERVICE_SENDS, STEPS


@dataclass(frozen=True, slots=True)
class Played:
    """A fault, the step that it is planted in, the blow that shows it, and what is to be seen."""

    fault: str
    step: str
    expected: Kind
    plan: Plan | None = None
    owes: tuple[str, ...] = ()
    beside: Second | None = None


def _at(blow: Blow, name: str, nth: int = 1, *, left: bool = False) -> Plan:
    return Plan(blow, Point(name, nth), of_what_it_leaves=left)


PLAYED: tuple[Played, ...] = (
    Played("lost mail", "screen second", Kind.LOST),
    Played(
        "skipped second half of the first start",
        FIRST,
        Kind.LOST,
        _at(Blow.KILL, "committed", 2),
    ),
    Played("mark before send", PUBLISHED, Kind.LOST, _at(Blow.KILL, "mail", left=True)),
    Played("no fsync", "screen first", Kind.LOST, _at(Blow.CUT, ANSWER)),
    Played("split transaction", "screen second", Kind.LOST, _at(Blow.KILL, "insert notice")),
    Played(
        "no lease",
        SERVICE_SENDS,
        Kind.DOUBLED,
        _at(Blow.HOLD, "mail"),
        beside=Second((OUTGOING,)),
    ),
    Played(
        "a step that swallows its error",
        SERVICE_SEARCHES,
        Kind.LOST,
        _at(Blow.FAIL, "ask"),
        owes=("source_failing",),
    ),
    Played("a cursor that runs ahead", SERVICE_SEARCHES, Kind.LOST, _at(Blow.KILL, "ask", 3)),
    Played("a projection not updated", PUBLISHED, Kind.HALF),
    Played(
        "a fact without its projection",
        "screen first",
        Kind.HALF,
        _at(Blow.KILL, "insert decision"),
    ),
    Played("a stuck worker", SERVICE_SEARCHES, Kind.STUCK, _at(Blow.KILL, "ask", 3)),
    Played("a doubled hook", SERVICE_SENDS, Kind.DOUBLED),
    Played("another Message-ID", PUBLISHED, Kind.DOUBLED, _at(Blow.KILL, "mailed", left=True)),
    Played("a lost record", "search", Kind.LOST),
    Played("a verdict not stored", "screen first", Kind.LOST),
)
SHORT = 4


def play(stage: Stage, played: Played) -> dict[str, Any]:
    """Play with the fault and without; say whether it was seen, and nothing where there is none."""
    if played.plan is not None and played.plan.blow is Blow.CUT and not power.can_be_cut():
        raise power.NoPowerToCut("this Python hides its SQLite: no power can be cut here")
    seen = _found(stage, played, (played.fault,))
    without = _found(stage, played, ())
    return {
        "fault": played.fault,
        "expected": played.expected.value,
        "failures": [{"kind": one.kind.value, "what": one.what} for one in seen],
        "seen": any(one.kind is played.expected for one in seen),
        "clean": not without,
        "control": [{"kind": one.kind.value, "what": one.what} for one in without],
        "ok": any(one.kind is played.expected for one in seen) and not without,
    }


def _found(stage: Stage, played: Played, faults: tuple[str, ...]) -> tuple[Failure, ...]:
    step = STEPS[played.step]
    if played.beside is not None and played.plan is not None:
        blown = stage.strike_beside(step, played.plan, played.beside, faults=faults)
    else:
        blown = stage.strike(step, played.plan, faults=faults, owes=played.owes)
    if not blown.struck:
        return (Failure(Kind.BROKEN, f"{played.step}: never came to {played.plan}"),)
    return blown.failures
