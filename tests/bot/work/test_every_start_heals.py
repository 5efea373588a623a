"""Whatever a start was killed at, the next one finishes."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from bot.app import App, open_app
from bot.cli.opened import opened
from bot.config import read_config
from bot.report.published_files import verify_files
from bot.silence.signing_key import KEY_FILE
from bot.work.handlers import recompute_due
from state import extractions, runs, versions
from state.codec import instant
from state.database import open_database, sqlite_url
from state.events import events
from state.facts import VersionPublished
from state.files import PARTIAL
from state.values import WorkKind
from state.verify import verify
from tests.bot.builders import (
    ADA,
    BEN,
    START,
    a_start,
    a_trial,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
)
from tests.bot.killed import start_killed_at

# The folder, the database's file, the schema's commit and the review's stand; then it is killed.
AFTER_THE_REVIEW_WAS_LOADED = 5


def what_was_said(app: App) -> list[tuple[str, str, object]]:
    """Return every fact of the log; the manifest's hash holds that of the newest, so a chance."""
    with app.database.reading() as connection:
        return [
            (each.kind, each.at, None if isinstance(each.fact, VersionPublished) else each.fact)
            for each in events(connection)
        ]


def files(data: Path) -> dict[str, bytes]:
    """Return the names of what lies in a data folder, with what the version's readers are shown."""
    shown = ("results.json", "data.csv")
    return {
        each.relative_to(data).as_posix(): each.read_bytes() if each.name in shown else b""
        for each in data.rglob("*")
    }


def numbers(app: App) -> list[tuple[str, str]]:
    with app.database.reading() as connection:
        return [(each.number, each.state.value) for each in versions.versions(connection)]


@pytest.mark.sqlite
def test_a_first_start_killed_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    undisturbed = a_start(tmp_path / "undisturbed")
    said, there = what_was_said(undisturbed), files(undisturbed.config.data)
    undisturbed.close()

    for point in count(1):
        data = tmp_path / str(point)
        if not start_killed_at(data, point):
            break
        app = a_start(data)
        assert (point, what_was_said(app)) == (point, said)
        assert (point, files(data)) == (point, there)
        assert verify(app.database).faults == ()
        assert verify_files(app)[1] == []
        app.close()

    assert point > AFTER_THE_REVIEW_WAS_LOADED


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """A data folder whose start was killed after the review was loaded: nothing is published."""
    data = tmp_path / "data"
    assert start_killed_at(data, AFTER_THE_REVIEW_WAS_LOADED)
    database = open_database(sqlite_url(data / "review.sqlite"))
    with database.reading() as connection:
        assert len(versions.protocols(connection)) == 1
        assert versions.versions(connection) == ()
    database.close()
    return data


@pytest.mark.parametrize("reading", [True, False])
def test_any_command_finishes_a_start_that_was_cut_off(cut_off: Path, reading: bool) -> None:
    with opened(cut_off, reading=reading) as app:
        assert numbers(app) == [("3.0", "published")]
        assert (cut_off / KEY_FILE).exists()


def test_a_later_draft_comes_though_the_first_start_was_cut_off(cut_off: Path) -> None:
    app = an_app(cut_off)
    add_team(app)
    (candidate,) = found(app, a_trial(1))
    include(app, candidate)
    with app.database.reading() as connection:
        study = next(each.study.id for each in extractions.studies(connection) if not each.baseline)
    for person in (ADA, BEN):
        hand_in(app, person, study, an_extraction(9))

    recompute_due(app)

    assert numbers(app) == [("3.0", "published"), ("3.0.1", "draft")]  # nobody has searched
    app.close()


def test_a_recompute_waits_for_a_version_to_be_compared_with(cut_off: Path) -> None:
    app = open_app(read_config({}, cut_off))
    with app.database.transaction() as connection:
        runs.request(connection, WorkKind.RECOMPUTE, "values", due_at=instant(START))

    recompute_due(app)

    with app.database.reading() as connection:
        assert [each.key for each in runs.waiting(connection, WorkKind.RECOMPUTE)] == ["values"]
    app.close()


def test_what_older_programs_left_half_written_is_swept_away(tmp_path: Path) -> None:
    an_app(tmp_path).close()
    left = [tmp_path / "status" / "status.77.new", tmp_path / "versions" / "3.1-draft.part"]
    for each in left:
        each.mkdir(parents=True)
        (each / "half").write_text("of it")

    an_app(tmp_path).close()

    assert [each for each in left if each.exists()] == []


def test_what_another_process_is_writing_is_left_to_it(tmp_path: Path) -> None:
    an_app(tmp_path).close()
    another = tmp_path / f"status.json~elsewhere%3A77%3A1234{PARTIAL}"
    another.write_text("half of it")

    an_app(tmp_path).close()

    assert another.exists()
