"""Who sends what a command leaves behind: the service, or a process that outlives the command."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.work import jobs
from bot.work.outgoing import end_command, service_lives
from state import runs, versions
from state import tables as t
from state.codec import instant
from state.runs import Work
from state.values import WorkKind
from tests.bot.builders import sign_off
from tests.bot.work.test_jobs import extract_it, include_the_trial
from tests.bot.world import World, a_world
from tests.end_to_end.programs import until

HANGS = (
    "import pathlib, sys, time\n"
    "while not pathlib.Path(sys.argv[1]).exists():\n"
    "    time.sleep(0.05)\n"
    "pathlib.Path(sys.argv[2]).touch()\n"
)


@contextmanager
def a_signed_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, go: Path, told: Path
) -> Iterator[World]:
    """Bring a program to where its next publication calls a hook that hangs until `go` is there."""
    script = tmp_path / "hook.py"
    script.write_text(HANGS)
    command = shlex.join([sys.executable, str(script), str(go), str(told)])
    with a_world(tmp_path / "data", LIVINGREVIEW_HOOK_COMMAND=command) as world:
        include_the_trial(world)
        extract_it(world)
        world.tick()
        world.clock.advance(minutes=10)
        monkeypatch.setenv("LIVINGREVIEW_HOOK_COMMAND", command)
        monkeypatch.setenv("LIVINGREVIEW_NOW", instant(world.clock.now()))
        sign_off(world.app, "3.1")
        yield world


def hooks(world: World) -> tuple[Work, ...]:
    with world.app.database.reading() as connection:
        return runs.waiting(connection, WorkKind.HOOK)


def published(world: World) -> str | None:
    with world.app.database.reading() as connection:
        found = versions.last_published(connection)
    return found.number if found is not None else None


def test_a_hook_that_hangs_holds_up_no_command_and_is_done_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, told = tmp_path / "go", tmp_path / "told"
    with a_signed_version(tmp_path, monkeypatch, go=go, told=told) as world:
        end_command(world.app)

        assert published(world) == "3.1"
        assert len(hooks(world)) == 1
        assert not told.exists()
        go.touch()
        until(lambda: hooks(world) == ())

    assert told.exists()


def test_while_the_service_lives_a_command_leaves_hooks_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, told = tmp_path / "go", tmp_path / "told"
    go.touch()
    with a_signed_version(tmp_path, monkeypatch, go=go, told=told) as world:
        jobs.beat(world.app)
        end_command(world.app)

        assert published(world) == "3.1"
        assert [each.attempts for each in hooks(world)] == [0]
        jobs.fire_hooks(world.app)

    assert told.exists()


def test_a_killed_service_counts_as_dead_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, told = tmp_path / "go", tmp_path / "told"
    go.touch()
    with a_signed_version(tmp_path, monkeypatch, go=go, told=told) as world:
        beaten_by_a_process_that_is_gone(world)
        assert not service_lives(world.app)
        end_command(world.app)
        until(lambda: hooks(world) == ())

        jobs.beat(world.app)  # the next service does not wait a minute to say that it lives
        assert service_lives(world.app)

    assert told.exists()


def test_a_service_of_another_machine_lives_as_long_as_its_beat(tmp_path: Path) -> None:
    with a_world(tmp_path / "data") as world:
        jobs.beat(world.app)
        set_holder(world, "elsewhere:1:1")
        assert service_lives(world.app)
        world.clock.advance(minutes=4)
        assert not service_lives(world.app)


def beaten_by_a_process_that_is_gone(world: World) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "from state.processes import this_holder; print(this_holder())"],
        check=True,
        capture_output=True,
        text=True,
    )
    jobs.beat(world.app)
    set_holder(world, gone.stdout.strip())


def set_holder(world: World, holder: str) -> None:
    with world.app.database.transaction() as connection:
        connection.execute(t.pulse.update().values(holder=holder))
