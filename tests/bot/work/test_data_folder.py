"""A data folder is for its owner only; a backup of it holds what was published, and comes back."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.report.published_files import verify_files
from bot.work.backup import MANIFEST, put_back, write_backup
from state.errors import DataFolderFault, LogMissing
from state.verify import verify
from tests.bot.builders import add_team, an_app


def open_places(folder: Path) -> list[str]:
    """Return what others may do something with."""
    return [str(each) for each in (folder, *folder.rglob("*")) if each.stat().st_mode & 0o077]


def test_nothing_in_a_data_folder_is_for_others(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    add_team(app)

    assert open_places(app.config.data) == []
    write_backup(app, tmp_path / "backup")
    assert open_places(tmp_path / "backup") == []
    app.close()


@pytest.mark.sqlite
def test_an_open_folder_is_closed_at_the_next_start_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    an_app(data).close()
    for each in (data, *data.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)

    with caplog.at_level(logging.WARNING):
        an_app(data).close()
        an_app(data).close()

    assert open_places(data) == []
    assert sum("now closed to them" in each for each in caplog.messages) == 1


def test_settings_that_others_may_read_are_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("")
    settings.chmod(0o644)

    with caplog.at_level(logging.WARNING):
        an_app(tmp_path).close()

    assert any("settings.toml may hold passwords" in each for each in caplog.messages)


@pytest.mark.sqlite
def test_a_folder_that_lost_its_log_is_refused(tmp_path: Path) -> None:
    an_app(tmp_path).close()
    (tmp_path / "review.sqlite").write_bytes(b"")

    with pytest.raises(LogMissing, match="restore a backup"):
        an_app(tmp_path)


@pytest.mark.sqlite
def test_a_command_tells_of_a_damaged_database_in_one_sentence(tmp_path: Path) -> None:
    an_app(tmp_path).close()
    file = tmp_path / "review.sqlite"
    file.write_bytes(file.read_bytes()[: 4096 * 20])

    done = subprocess.run(
        [sys.executable, "-m", "bot", "status", "--data", str(tmp_path)],
        env={k: v for k, v in os.environ.items() if not k.startswith("LIVINGREVIEW_")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "the database is damaged" in done.stderr


@pytest.mark.sqlite
def test_a_backup_holds_what_was_published_and_nothing_half_made(tmp_path: Path) -> None:
    app = an_app(tmp_path / "data")
    for name in ("3.1-draft", "3.1-draft.part"):
        (app.files / name).mkdir()
        (app.files / name / "report.html").write_text("half")
    (app.files / "3.0" / "notes.txt").write_text("somebody's own")

    write_backup(app, tmp_path / "backup")
    app.close()

    kept = json.loads((tmp_path / "backup" / MANIFEST).read_text())["files"]
    published = ("data.csv", "manifest.json", "report.html", "results.json")
    assert sorted(kept) == ["review.sqlite", *(f"versions/3.0/{name}" for name in published)]
    put_back(tmp_path / "backup", tmp_path / "restored")
    restored = an_app(tmp_path / "restored")
    assert verify(restored.database).faults == ()
    assert verify_files(restored)[1] == []
    restored.close()


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "versions/../../evil.txt"])
def test_a_restore_writes_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    backup, data = tmp_path / "a" / "backup", tmp_path / "b" / "data"
    backup.mkdir(parents=True)
    (backup / MANIFEST).write_text(json.dumps({"files": {name: "00"}}))

    with pytest.raises(DataFolderFault, match="leads out of"):
        put_back(backup, data)

    assert not data.exists()
