"""What happens when a piece of what runs by itself fails: it is kept, told once, tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from bot.app import PULSE, App
from bot.report.published_files import verify_files
from bot.silence.status import status_json
from bot.sources.answer import Progress, SourceAnswer
from bot.surveillance.search import search, search_failed
from bot.surveillance.slots import SEARCH_RETRY
from bot.synthesis.recompute import recompute, request_recompute
from bot.work import jobs
from bot.work.steps import take_steps
from bot.work.trigger import next_waking, start_clock
from bot.work.worker import Handler, do_due
from state import runs, versions
from state.attempts import PutBack
from state.codec import Json
from state.values import WorkKind
from state.verify import verify
from tests.bot.builders import ADA, BEN, DORA, hand_in
from tests.bot.work.test_jobs import STUDY, data, extract_it, include_the_trial
from tests.bot.world import World, a_world
from tests.end_to_end.programs import until


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


def failing(world: World) -> list[Json]:
    found: list[Json] = status_json(world.app)["failing_work"]
    return found


def make_unusable(place: Path) -> Path:
    """Put a file where a folder should be: not even root writes into it."""
    kept = place.with_name(f"{place.name}.kept")
    if place.exists():
        place.rename(kept)
    place.write_text("in the way")
    return kept


def mend(place: Path, kept: Path) -> None:
    place.unlink()
    if kept.exists():
        kept.rename(place)


def draft(world: World) -> str | None:
    with world.app.database.reading() as connection:
        found = versions.open_draft(connection)
    return found.number if found is not None else None


def test_a_folder_of_versions_that_cannot_be_written_stops_nothing_else(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    kept = make_unusable(world.app.files)

    world.tick()
    (found,) = failing(world)
    world.clock.advance(minutes=2)
    world.tick()

    assert (found["kind"], found["key"], found["attempts"]) == ("render", "3.1", 1)
    assert "Not a directory" in found["error"] or "File exists" in found["error"]
    assert failing(world)[0]["attempts"] == 2
    (told,) = world.notices("work_failing")
    assert told.recipient == DORA
    assert all(each.delivered_at is not None for each in world.notices())
    assert any(each.startswith("render 3.1 fails") for each in status_json(world.app)["needs"])

    mend(world.app.files, kept)
    world.clock.advance(minutes=60)
    world.tick()

    assert failing(world) == []
    assert (world.app.files / "3.1-draft" / "report.html").is_file()
    assert verify(world.app.database).faults == ()
    assert verify_files(world.app)[1] == []


@pytest.mark.parametrize("broken", ["versions", "mailbox", "status", "certificate.key"])
def test_whatever_place_is_unusable_all_that_does_not_need_it_is_done(
    world: World, broken: str
) -> None:
    include_the_trial(world)
    extract_it(world)
    place = world.app.config.data / broken
    make_unusable(place)
    world.clock.advance(minutes=61)

    world.tick()

    assert draft(world) == "3.1"
    done = {
        "versions": (world.app.files / "3.1-draft").is_dir(),
        "mailbox": all(each.delivered_at is not None for each in world.notices("new_result")),
        "status": (world.app.config.data / "status" / "status.json").is_file(),
    }
    needs_the_key = {"status"} if broken == "certificate.key" else set()
    assert {name for name, whole in done.items() if not whole} <= {broken} | needs_the_key
    assert any(broken in each or "key" in each for each in status_json(world.app)["needs"])
    with world.app.database.reading() as connection:
        last = runs.last_beat(connection, PULSE)
    assert last is not None
    assert last.at == world.clock.now()


STEPS = ("remind", "look at registers", "certify", "recompute")


@pytest.mark.parametrize("broken", STEPS)
def test_each_step_may_raise_and_the_others_are_taken(world: World, broken: str) -> None:
    taken: list[str] = []

    def step(name: str) -> None:
        if name == broken:
            raise ValueError(f"\ud800 of {name}")
        taken.append(name)

    steps = {name: lambda _, name=name: step(name) for name in STEPS}
    for _ in range(2):
        take_steps(world.app, steps)

    assert taken == [each for each in STEPS if each != broken] * 2
    (found,) = failing(world)
    assert (found["kind"], found["key"], found["attempts"]) == ("step", broken, 1)
    world.clock.advance(minutes=2)
    take_steps(world.app, steps | {broken: lambda _: None})
    assert failing(world) == []
    assert len(world.notices("work_failing")) == 1


def raises(_app: App, _plan: object, _progress: Progress) -> SourceAnswer:
    raise ValueError("a number of 5,000 digits and \ud800")


def test_whatever_an_answer_raises_is_a_stored_failure_of_that_source(world: World) -> None:
    jobs.make_due(world.app)
    handler = Handler(lambda app, work: search(app, work, raises), SEARCH_RETRY, search_failed)

    do_due(world.app, WorkKind.SEARCH, handler, "pubmed")

    (run,) = world.runs("pubmed")
    assert (run.status, run.error) == ("failed", r"ValueError: a number of 5,000 digits and \ud800")
    assert world.notices("source_failing")
    world.clock.advance(minutes=16)
    jobs.search_all_due(world.app)
    assert world.runs("pubmed")[0].status == "ok"
    assert failing(world) == []


def test_a_value_accepted_during_a_computation_asks_for_another(world: World) -> None:
    include_the_trial(world)
    extract_it(world)
    request_recompute(world.app)
    with world.app.database.transaction() as connection:
        (due,) = runs.due(connection, WorkKind.RECOMPUTE, now=world.clock.now())
        work = runs.claim(connection, due, now=world.clock.now())
    assert work is not None
    found = recompute(world.app, work)
    for person in (ADA, BEN):
        hand_in(world.app, person, STUDY, data(events=8))

    with world.app.ledger() as ledger:
        back = found.store(ledger)

    assert isinstance(back, PutBack)
    assert draft(world) is None


def test_an_idle_program_writes_once_a_minute(world: World) -> None:
    world.tick()
    world.tick()
    begun: list[Connection] = []
    event.listen(world.app.database.writer, "begin", begun.append)

    world.tick()
    assert begun == []
    world.clock.advance(minutes=1)
    world.tick()

    assert len(begun) == 1
    assert next_waking(world.app) <= world.clock.now() + jobs.BEAT_EVERY


def test_a_commit_of_anybody_wakes_a_sleeping_program(world: World) -> None:
    include_the_trial(world)
    loop = start_clock(world.app)
    try:
        until(lambda: status_json(world.app)["last_tick"] is not None)
        extract_it(world)

        until(lambda: (world.app.files / "3.1-draft" / "report.html").is_file())
        until(lambda: all(each.delivered_at for each in world.notices("new_result")))
        assert world.notices("new_result")
    finally:
        loop.shutdown()
