"""A disk that is full where a file is to be written: one sentence, and done when there is room."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.silence.status import status_json
from state import outbox, versions
from state.facts.words import NoticeKind
from state.files import MAILBOX, PARTIAL, STATUS, VERSIONS
from state.outbox import Delivery
from state.values import Notice
from state.verify import verify
from tests.bot.builders import ADA, sign_off
from tests.bot.work.test_jobs import extract_it, include_the_trial
from tests.bot.world import World, a_world

FULL = "the disk is full; what was being stored was not stored, all before it is safe"


class FullDisk:
    """Has no room for what is written within one folder, but for the first `room` files."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.room, self.refused = folder, 0, 0
        self._open = os.open
        monkeypatch.setattr(os, "open", self._ask)

    def _ask(self, path: Any, flags: int, *others: Any, **more: Any) -> int:
        if flags & os.O_CREAT and str(self.folder) in str(path):
            self.room -= 1
            if self.room < 0:
                self.refused += 1
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return self._open(path, flags, *others, **more)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "data") as found:
        yield found


@pytest.mark.parametrize("room", range(4))
def test_a_version_for_which_there_is_no_room_is_published_when_there_is(
    world: World, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    include_the_trial(world)
    extract_it(world)
    world.tick()
    disk = FullDisk(world.app.files, monkeypatch)
    disk.room = room
    sign_off(world.app, "3.1")

    world.tick()

    assert disk.refused
    assert published(world) == "3.0"
    (failing,) = [each for each in status_json(world.app)["needs"] if "publish" in each]
    assert FULL in failing
    assert "Traceback" not in failing
    assert not [each.name for each in world.app.files.iterdir() if each.name.endswith(PARTIAL)]
    told = {each.notice.key for each in deliveries(world) if each.notice.kind == "work_failing"}
    assert len(told) == 1

    monkeypatch.undo()
    world.clock.advance(minutes=420)
    world.tick()

    assert published(world) == "3.1"
    assert not verify(world.app.database).faults
    assert not [each for each in status_json(world.app)["needs"] if "publish" in each]


def test_a_message_for_which_there_is_no_room_is_written_when_there_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tick()
    FullDisk(world.app.mailbox, monkeypatch)
    with world.app.ledger() as ledger:
        outbox.write(ledger, Notice("news", NoticeKind.NEW_RESULT, "News", "It happened.\n"), [ADA])

    world.tick()

    (waiting,) = [each for each in deliveries(world) if each.notice.key == "news"]
    assert waiting.delivered_at is None
    assert FULL in (waiting.last_error or "")
    monkeypatch.undo()
    world.clock.advance(minutes=2)
    world.tick()

    (told,) = [each for each in deliveries(world) if each.notice.key == "news"]
    assert told.delivered_at is not None
    assert len(list(world.app.mailbox.glob(f"*{told.message_id[1:13]}.eml"))) == 1


def test_a_status_file_for_which_there_is_no_room_is_told_and_written_when_there_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.app.config.data / STATUS
    world.tick()
    before = (folder / "status.json").read_bytes()
    FullDisk(folder, monkeypatch)
    world.clock.advance(minutes=120)

    world.tick()

    assert (folder / "status.json").read_bytes() == before
    assert any(FULL in each for each in status_json(world.app)["needs"])
    monkeypatch.undo()
    world.clock.advance(minutes=20)
    world.tick()

    assert (folder / "status.json").read_bytes() != before
    assert not any(FULL in each for each in status_json(world.app)["needs"])


def deliveries(world: World) -> tuple[Delivery, ...]:
    with world.app.database.reading() as connection:
        return outbox.deliveries(connection)


def published(world: World) -> str | None:
    with world.app.database.reading() as connection:
        found = versions.last_published(connection)
    return found.number if found is not None else None


def test_the_folders_are_those_that_are_written_into(world: World) -> None:
    data = world.app.config.data

    assert (world.app.files, world.app.mailbox) == (data / VERSIONS, data / MAILBOX)
