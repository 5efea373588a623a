"""On which engine a test's review is kept: SQLite, or with `--engine postgresql` a private server.

A data folder and its database belong together: who copies the one asks for a copy of the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from state.database import Database, open_database, sqlite_url
from tests.postgresql import HOW_TO_HAVE_IT, Cluster, a_cluster, server_programs

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
# Of a test that speaks of SQLite's own file, or of what only SQLite lets a statement do.
ON_SQLITE = pytest.mark.parametrize("db", [SQLITE], indirect=True)


class Engines:
    """The engines of one run of the tests; the server is started when it is first asked for."""

    def __init__(self) -> None:
        self.chosen = SQLITE
        self._stack = ExitStack()
        self._cluster: Cluster | None = None
        self._addresses: dict[Path, str] = {}

    @property
    def cluster(self) -> Cluster:
        """The server; a test that needs it is skipped by name where it is not installed."""
        if self._cluster is None:
            programs = server_programs()
            if programs is None:
                pytest.skip(HOW_TO_HAVE_IT)
            self._cluster = self._stack.enter_context(a_cluster(programs))
        return self._cluster

    def settings(self, folder: Path) -> dict[str, str]:
        """Return where the program is told to keep the database of a data folder."""
        if self.chosen == SQLITE:
            return {}
        if folder not in self._addresses:
            self._addresses[folder] = self.cluster.migrated()
        return {"LIVINGREVIEW_DATABASE_URL": self._addresses[folder]}

    def copy(self, folder: Path, to: Path) -> Path:
        """Copy a data folder at rest, and its database where that lies elsewhere."""
        shutil.copytree(folder, to)
        if self.chosen == POSTGRESQL:
            self._addresses[to] = self.cluster.copy(self._addresses[folder])
        return to

    def close(self) -> None:
        """Stop the server."""
        self._stack.close()


engines = Engines()


@contextmanager
def a_database(engine: str, folder: Path, template: Path) -> Iterator[Database]:
    """Give a fresh database and leave nothing of it. template: a file in which nothing happened."""
    if engine == SQLITE:
        shutil.copy(template, folder / template.name)
        address = sqlite_url(folder / template.name)
    else:
        address = engines.cluster.migrated()
    with closing(open_database(address)) as database:
        yield database
    if engine == POSTGRESQL:
        engines.cluster.drop(address)
