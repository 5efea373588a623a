"""The short form of `python -m tests.reliability`: named kills, and faults that it must see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reliability import __main__ as program
from tests.reliability import power, sabotage
from tests.reliability.playing import Second, Stage
from tests.reliability.points import ANSWER, Blow, Plan, Point
from tests.reliability.programs import OUTGOING
from tests.reliability.story import FIRST, PUBLISHED, SERVICE_SENDS, STEPS

SECOND = "screen second"
KILLS = (
    (FIRST, Plan(Blow.KILL, Point("committed", 2))),
    (FIRST, Plan(Blow.KILL, Point("insert event", 20))),
    (FIRST, Plan(Blow.CUT, Point("replaced versions/3.0", 1))),
    (SECOND, Plan(Blow.CUT, Point("commit", 1))),
    (SECOND, Plan(Blow.CUT, Point(ANSWER, 1))),
    (SECOND, Plan(Blow.KILL, Point("mail", 1), of_what_it_leaves=True)),
    (SECOND, Plan(Blow.KILL, Point("mailed", 2), of_what_it_leaves=True)),
    (PUBLISHED, Plan(Blow.KILL, Point("replace versions/3.1", 1))),
    (PUBLISHED, Plan(Blow.KILL, Point("hooked", 1), of_what_it_leaves=True)),
    (SERVICE_SENDS, Plan(Blow.KILL, Point("hook", 1))),
)
SHOWN = ("lost mail", "skipped second half of the first start", "no fsync", "split transaction")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with program.a_stage("sqlite") as stage:
        yield stage


@pytest.mark.parametrize(("step", "plan"), KILLS, ids=lambda each: str(each))
def test_nothing_is_lost_doubled_or_stuck_by_a_kill(stage: Stage, step: str, plan: Plan) -> None:
    if plan.blow is Blow.CUT and not power.can_be_cut():
        pytest.skip("this Python hides its SQLite: no power can be cut here")

    blown = stage.strike(STEPS[step], plan)

    assert blown.struck
    assert blown.failures == ()


def test_a_mail_that_one_process_is_sending_is_left_to_it(stage: Stage) -> None:
    plan = Plan(Blow.HOLD, Point("mail", 1))

    blown = stage.strike_beside(STEPS[SERVICE_SENDS], plan, Second((OUTGOING,)))

    assert blown.struck
    assert blown.failures == ()


@pytest.mark.parametrize("fault", SHOWN)
def test_a_planted_fault_is_seen(stage: Stage, fault: str) -> None:
    played = next(each for each in sabotage.PLAYED if each.fault == fault)
    if fault == "no fsync" and not power.can_be_cut():
        pytest.skip("this Python hides its SQLite: no power can be cut here")

    seen = sabotage.play(stage, played)

    assert seen["seen"], seen["failures"]
    assert seen["clean"], seen["control"]
