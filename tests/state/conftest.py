"""A database for each test, copied from an empty one: to migrate costs ten times as much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.database import Database, open_database, sqlite_url
from tests.engines import ENGINES, a_database
from tests.state.helpers import add_study, add_team, queue_record


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database in which nothing has happened."""
    file = tmp_path_factory.mktemp("empty") / "review.sqlite"
    open_database(sqlite_url(file)).close()
    return file


@pytest.fixture(params=ENGINES)
def db(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Iterator[Database]:
    """A real database in which nothing has happened, on each engine."""
    with a_database(request.param, tmp_path, empty_database) as database:
        yield database


@pytest.fixture
def team(db: Database) -> Database:
    """Ada and Ben screen and extract, Cy leads and adjudicates; nothing was found yet."""
    add_team(db)
    return db


@pytest.fixture
def queued(team: Database) -> Database:
    """The team, and one record that waits to be screened."""
    queue_record(team)
    return team


@pytest.fixture
def to_extract(queued: Database) -> Database:
    """The team, and one included study whose numbers nobody has taken yet."""
    add_study(queued)
    return queued
