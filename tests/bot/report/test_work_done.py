"""What people did in one go is one act, and what stands between two acts parts them."""

from __future__ import annotations

from bot.report.work_done import Window, work_done
from state.events import SYSTEM
from state.facts import Fact, Stored, TaskReopened, TaskSettled, VerdictGiven
from state.screening import Stage, Verdict

NOW = "2026-12-01T06:00:00.000000Z"
ALL = Window(after=0, read=frozenset(), opened=frozenset())


def settled(person: str, task: str = "notice:a") -> Fact:
    return TaskSettled(task=task, person=person, note="read")


def reopened(person: str) -> Fact:
    return TaskReopened(task="notice:a", person=person, note="again")


def a_verdict(person: str) -> Fact:
    return VerdictGiven(
        candidate="pubmed:1",
        person=person,
        verdict=Verdict.INCLUDE,
        stage=Stage.TITLE_ABSTRACT,
        criterion=None,
        place=None,
        next_look_on=None,
        note=None,
        protocol_version="1",
    )


def log(*facts: tuple[str, Fact]) -> list[Stored[Fact]]:
    return [
        Stored(seq, NOW, actor, True, fact, nonce="", prev_hash="", hash="")
        for seq, (actor, fact) in enumerate(facts, 1)
    ]


def acts(*facts: tuple[str, Fact], window: Window = ALL) -> int:
    return work_done(log(*facts), window, (), program=SYSTEM).acts


def test_what_follows_one_another_by_one_hand_at_one_instant_is_one_act() -> None:
    assert acts(("ada", reopened("ada")), ("ada", settled("ada"))) == 1


def test_two_people_in_turn_at_one_instant_act_each_time() -> None:
    turns = [(who, settled(who)) for who in ("ada", "ben", "ada", "ben")]

    assert acts(*turns) == 4


def test_what_is_not_counted_yet_parts_two_acts_as_well() -> None:
    sealed = ("ben", a_verdict("ben"))
    told = (("ada", settled("ada")), sealed, ("ada", settled("ada", "notice:b")))

    assert acts(*told) == 2


def test_an_act_of_which_a_part_was_sealed_is_one_when_it_can_be_read() -> None:
    both = (("ada", a_verdict("ada")), ("ada", settled("ada")))

    assert acts(*both) == 1
    assert acts(*both, window=Window(0, frozenset({1}), frozenset({1}))) == 1


def test_the_program_acts_for_nobody() -> None:
    assert acts((SYSTEM, settled("ada"))) == 0
