from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot import VERSION
from state import tables as t
from state.database import open_database, sqlite_url
from state.facts import TYPES
from state.verify import replay, verify
from tests.old_folders import SHAPES, Rows, releases, restored, shapes, shapes_of, tables

EACH_RELEASE = pytest.mark.parametrize("release", releases(), ids=lambda folder: folder.name)


def test_there_is_a_folder_of_this_version() -> None:
    assert VERSION in {release.name for release in releases()}, "run python -m tests.old_folders"


@EACH_RELEASE
def test_an_old_folder_opens_and_agrees_with_its_log(release: Path, tmp_path: Path) -> None:
    database = open_database(sqlite_url(restored(release, tmp_path)))

    found = verify(database)

    database.close()
    assert found.faults == ()
    assert found.events > 40


@EACH_RELEASE
def test_an_old_log_replays_field_for_field(release: Path, tmp_path: Path) -> None:
    file = restored(release, tmp_path)
    as_left = tables(file)
    database = open_database(sqlite_url(file))
    engine = create_engine(sqlite_url(tmp_path / "replayed.sqlite"))

    with database.reading() as log, engine.begin() as into:
        replay(log, into)

    database.close()
    engine.dispose()
    replayed = tables(tmp_path / "replayed.sqlite")
    for table in (each.name for each in t.PROJECTIONS if each.name in as_left):
        assert in_order(as_left[table]) == in_order(like(as_left[table], replayed[table])), table


@EACH_RELEASE
def test_an_old_folder_holds_every_kind_of_table(release: Path, tmp_path: Path) -> None:
    left = tables(restored(release, tmp_path))

    assert {"candidate", "decision", "submission", "result", "version", "signature"} <= {
        name for name, rows in left.items() if rows
    }


@EACH_RELEASE
def test_no_fact_that_a_release_has_written_changed_its_fields(release: Path) -> None:
    then, now = shapes_of(release), shapes()

    changed = [name for name in then.keys() & now.keys() if then[name] != now[name]]

    assert not changed, f"{changed}: raise the version and write an upcaster ({SHAPES})"


@EACH_RELEASE
def test_no_kind_that_a_release_has_written_is_gone(release: Path) -> None:
    kinds = {name.rpartition(".")[0] for name in shapes_of(release)}

    assert kinds <= set(TYPES)


def like(model: Rows, rows: Rows) -> Rows:
    """Return rows with the columns that the model has: a later version may have more."""
    names = list(model[0]) if model else []
    return [{name: row[name] for name in names} for row in rows] if names else rows


def in_order(rows: Rows) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)
