"""The frames of a review: typed, unsealed only, without addresses, and empty with their columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

import bot
from bot import open_review
from bot.app import App
from bot.report.frame_columns import FRAMES
from bot.report.frame_files import by_name
from bot.report.review_frames import ReviewFrames, review_frames
from bot.results.result_json import analysis_json
from bot.synthesis.synthesise import current_results
from state.data_folder import database_file
from state.errors import DataFolderFault
from state.screening import Verdict
from tests.bot.builders import (
    ADA,
    BEN,
    TEAM,
    a_trial,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    say,
)

TRIAL, OTHER = a_trial(1), a_trial(2)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path / "data")
    add_team(app)
    yield app
    app.close()


def frames(app: App) -> ReviewFrames:
    with app.database.reading() as connection:
        return review_frames(app, connection)


def test_every_frame_has_the_columns_and_types_that_are_documented(app: App) -> None:
    found(app, TRIAL)

    read = by_name(frames(app))

    assert list(read) == [each.name for each in fields(ReviewFrames)] == list(FRAMES)
    for name, frame in read.items():
        assert {column: str(frame[column].dtype) for column in frame} == FRAMES[name]


def test_the_documentation_names_the_columns() -> None:
    lines = (Path(__file__).parents[3] / "docs" / "library.md").read_text("utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    documented = {
        line[0].strip("`"): [name.strip("`") for name in line[2].split(", ")]
        for line in cells
        if line[0].strip("`") in FRAMES
    }

    assert documented == {name: list(each) for name, each in FRAMES.items()}


def test_a_frame_without_a_row_keeps_its_columns_and_types(app: App) -> None:
    read = frames(app)

    for name in ("records", "decisions", "searches"):
        frame = getattr(read, name)
        assert frame.empty
        assert {column: str(frame[column].dtype) for column in frame} == FRAMES[name]


def test_the_results_are_those_of_analyse(app: App) -> None:
    with app.database.reading() as connection:
        computed = [analysis_json(each) for each in current_results(app, connection)]

    read = frames(app)

    overall = read.results[read.results.subgroup.isna()].set_index("analysis")
    for each in computed:
        row = overall.loc[each["id"]]
        for name in ("estimate", "ci_lower", "ci_upper", "studies", "participants"):
            assert (None if pd.isna(row[name]) else row[name]) == each[name]
        lines = read.rows[read.rows.analysis == each["id"]]
        assert list(lines.study) == [line["study"] for line in each["rows"]]
        assert list(lines.weight.dropna()) == [
            line["weight"] for line in each["rows"] if line["weight"] is not None
        ]


def test_a_verdict_is_in_no_frame_before_both_have_decided(app: App) -> None:
    found(app, TRIAL, OTHER)
    before = frames(app)
    say(app, ADA, TRIAL.key, Verdict.INCLUDE, note="I say so")

    sealed = frames(app)

    for name, frame in by_name(sealed).items():
        pd.testing.assert_frame_equal(frame, getattr(before, name))
    say(app, BEN, TRIAL.key, Verdict.EXCLUDE)
    assert list(frames(app).decisions.verdict) == ["include", "exclude"]


def test_a_value_is_in_no_frame_before_two_have_agreed(app: App) -> None:
    found(app, TRIAL)
    include(app, TRIAL.key)
    before = frames(app).values

    hand_in(app, ADA, "doe2026", an_extraction(5))
    pd.testing.assert_frame_equal(frames(app).values, before)

    hand_in(app, BEN, "doe2026", an_extraction(5))
    added = frames(app).values.query("study == 'doe2026'")
    assert set(added.people) == {"ada; ben"}
    assert set(added.number) == {2.0, 5.0, 12.0}


def test_no_frame_shows_the_address_of_anybody(app: App) -> None:
    found(app, TRIAL)
    include(app, TRIAL.key)

    text = "".join(frame.to_csv() for frame in by_name(frames(app)).values())

    assert [each.address for each in TEAM if each.address and each.address in text] == []


def test_a_review_is_opened_beside_the_program_that_keeps_it(app: App) -> None:
    found(app, TRIAL)

    with app.ledger():  # the program is writing
        review = open_review(app.config.data)
        read = review.frames

    assert (review.id, review.title) == (app.protocol.id, app.protocol.title)
    assert list(read.records.record) == [TRIAL.key]


def test_a_folder_without_a_review_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(DataFolderFault, match=r"found no review\.sqlite, expected a data folder"):
        open_review(tmp_path / "nothing")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite
def test_tables_of_another_version_are_named_and_not_migrated(app: App) -> None:
    file = database_file(app.config.database_url)
    app.close()
    assert file is not None
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(DataFolderFault, match="found tables at version '0001', expected"):
        open_review(app.config.data)

    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]


def test_a_name_that_the_package_has_not_is_said() -> None:
    with pytest.raises(AttributeError, match="bot has no 'open_reviews'; it has VERSION, open_rev"):
        bot.open_reviews  # noqa: B018
