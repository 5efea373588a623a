"""A running program with a team, for every test of the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from tests.bot.builders import add_team, an_app
from tests.engines import engines


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, with two readers, an adjudicator and a lead."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    running = an_app(folder)
    add_team(running)
    running.close()
    return folder


@pytest.fixture
def app(begun: Path, tmp_path: Path) -> Iterator[App]:
    """The shipped review with its team; nothing was searched yet."""
    running = an_app(engines.copy(begun, tmp_path / "data"))
    yield running
    running.close()
