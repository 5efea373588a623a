"""The short form of `python -m tests.reliability`: named kills, and faults that it must see.

Each test plays the story once as its measure, so many blows share one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reliability import __main__ as program
from tests.reliability import power, sabotage
from tests.reliability.counts import Kind
from tests.reliability.playing import Second, Stage
from tests.reliability.points import ANSWER, Blow, Plan, Point
from tests.reliability.programs import OUTGOING
from tests.reliability.sabotage import Played
from tests.reliability.story import FIRST, PUBLISHED, SERVICE_SENDS, STEPS

SECOND = "screen second"
WHO_ALSO_SENDS = Second((OUTGOING,))
BLOWS = (
    (FIRST, Plan(Blow.KILL, Point("committed", 2)), None),
    (FIRST, Plan(Blow.KILL, Point("insert event", 20)), None),
    (FIRST, Plan(Blow.CUT, Point("replaced versions/3.0", 1)), None),
    (SECOND, Plan(Blow.CUT, Point("commit", 1)), None),
    (SECOND, Plan(Blow.CUT, Point(ANSWER, 1)), None),
    (PUBLISHED, Plan(Blow.KILL, Point("mailed", 2), of_what_it_leaves=True), None),
    (PUBLISHED, Plan(Blow.KILL, Point("replace versions/3.1", 1)), None),
    (PUBLISHED, Plan(Blow.KILL, Point("hooked", 1), of_what_it_leaves=True), None),
    (SERVICE_SENDS, Plan(Blow.KILL, Point("mail", 3)), None),
    (SERVICE_SENDS, Plan(Blow.HOLD, Point("mail", 1)), WHO_ALSO_SENDS),
)
SHOWN = ("lost mail", "skipped second half of the first start", "no fsync", "split transaction")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with program.a_stage("sqlite") as stage:
        yield stage


def can_be_dealt(plan: Plan | None) -> bool:
    return plan is None or plan.blow is not Blow.CUT or power.can_be_cut()


def test_nothing_is_lost_doubled_half_done_or_stuck_by_a_blow(stage: Stage) -> None:
    blown = [
        stage.strike(STEPS[step], plan)
        if second is None
        else stage.strike_beside(STEPS[step], plan, second)
        for step, plan, second in BLOWS
        if can_be_dealt(plan)
    ]

    assert {f"{each.step}: {each.plan}": each.failures for each in blown if each.failures} == {}
    assert [f"{each.step}: {each.plan}" for each in blown if not each.struck] == []


def test_planted_faults_are_seen_and_nothing_else_is(stage: Stage) -> None:
    shown = [each for each in sabotage.PLAYED if each.fault in SHOWN and can_be_dealt(each.plan)]

    played = [sabotage.play(stage, each) for each in shown]

    assert [each for each in played if not each["ok"]] == []


def test_a_fault_that_is_not_seen_is_told(stage: Stage) -> None:
    out_of_sight = Played("a doubled hook", FIRST, Kind.DOUBLED)

    assert not sabotage.play(stage, out_of_sight)["ok"]


def test_an_engine_that_cannot_be_had_is_told_with_how_to_have_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert program.main(["--engine", "procrastinate", "--kills", "1"]) == 1
    assert "pip install procrastinate" in capsys.readouterr().err
