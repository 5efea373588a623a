"""The watch on register entries of known studies, through real searches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.fiction import entry, fictional_entry
from state import records
from state.errors import BadInput
from state.screening import StudyStatus
from state.tasks import Task, TaskKind, open_tasks, settle_task
from tests.bot.builders import DORA, actor, include
from tests.bot.web.browser import visitor, words
from tests.bot.world import World, a_world

HAHN = "NCT00666263"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        found.ctgov.add(an_entry())
        found.search("ctgov")
        yield found


def an_entry(number: str = HAHN, **status: Any) -> dict[str, Any]:
    found = entry(number, "An entry that is watched", "Multifocal Motor Neuropathy")
    found["protocolSection"]["statusModule"] |= status
    return found


def search(world: World, *entries: dict[str, Any]) -> None:
    world.clock.advance(days=7)
    world.ctgov.add(*entries)
    world.search("ctgov")


def tasks(world: World, kind: TaskKind = TaskKind.UNUSUAL_CHANGE) -> list[Task]:
    with world.app.database.reading() as connection:
        return [each for each in open_tasks(connection) if each.kind is kind]


def test_a_status_that_goes_back_is_put_to_a_person_and_told(world: World) -> None:
    search(world, an_entry(overallStatus="COMPLETED"))
    assert tasks(world) == []

    search(world, an_entry(overallStatus="RECRUITING"))

    (task,) = tasks(world)
    assert "status RECRUITING after COMPLETED" in task.text
    assert task.study == "hahn2013"
    assert any("unusual" in each.notice.body for each in world.notices("registry_change"))


def test_the_same_answer_again_asks_and_tells_nothing_more(world: World) -> None:
    for status in ("COMPLETED", "RECRUITING"):
        search(world, an_entry(overallStatus=status))
    told = len(world.notices("registry_change"))

    search(world)

    assert len(tasks(world)) == 1
    assert len(world.notices("registry_change")) == told


def test_a_change_there_and_back_is_told_each_time(world: World) -> None:
    for status in ("COMPLETED", "RECRUITING", "COMPLETED", "RECRUITING"):
        search(world, an_entry(overallStatus=status))

    told = {each.notice.key for each in world.notices("registry_change")}
    assert len(told) == 4


def test_an_entry_that_is_no_longer_there_is_put_to_a_person(world: World) -> None:
    with world.ctgov._lock:
        del world.ctgov._studies[HAHN]
    search(world)

    (task,) = tasks(world)
    assert "no longer in the answer" in task.text
    search(world)
    assert len(tasks(world)) == 1


def test_every_wording_of_an_entry_is_kept(world: World) -> None:
    for status in ("COMPLETED", "RECRUITING"):
        search(world, an_entry(overallStatus=status))

    with world.app.database.reading() as connection:
        history = records.snapshots(connection, f"ctgov:{HAHN}")
    assert [each.overall_status for _, each in history][-2:] == ["COMPLETED", "RECRUITING"]


def test_overdue_results_of_an_ongoing_trial_are_reminded_of_once(world: World) -> None:
    ended = fictional_entry()
    ended["protocolSection"]["statusModule"]["primaryCompletionDateStruct"] = {"date": "2024-03"}
    ended.pop("resultsSection", None)
    ended["hasResults"] = False
    ended["protocolSection"]["statusModule"].pop("resultsFirstPostDateStruct")
    search(world, ended)
    include(world.app, "ctgov:NCT99000001", place=StudyStatus.ONGOING)

    for _ in range(3):
        world.clock.advance(days=1)
        world.tick()

    (task,) = tasks(world, TaskKind.RESULTS_OVERDUE)
    assert "primary completion 2024-03, results due by 2025-03-31" in task.text


def test_a_task_is_settled_with_what_was_concluded(world: World) -> None:
    for status in ("COMPLETED", "RECRUITING"):
        search(world, an_entry(overallStatus=status))
    (task,) = tasks(world)
    dora = visitor(world.app, DORA)
    assert "status RECRUITING after COMPLETED" in words(dora.get("/tasks"))

    page = dora.post(f"/tasks/{task.id}/settle", note="a slip of theirs, they were asked")

    assert "a slip of theirs" in words(page)
    assert tasks(world) == []
    with world.app.ledger(actor(DORA)) as ledger, pytest.raises(BadInput, match="was settled"):
        settle_task(ledger, task.id, DORA, "again")


def test_a_task_is_not_settled_without_a_word(world: World) -> None:
    for status in ("COMPLETED", "RECRUITING"):
        search(world, an_entry(overallStatus=status))
    (task,) = tasks(world)

    with world.app.ledger(actor(DORA)) as ledger, pytest.raises(BadInput, match="no note"):
        settle_task(ledger, task.id, DORA, "  ")
