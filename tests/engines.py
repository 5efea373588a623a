"""On which engine a test's review is kept: SQLite, or with `--engine postgresql` a private server.

A data folder and its database belong together: who copies the one asks for a copy of the other.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from bot.config import SETTINGS_FILE
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

    @property
    def cluster(self) -> Cluster:
        """The server; a test that needs it is skipped by name where it is not installed."""
        if self._cluster is None:
            programs = server_programs()
            if programs is None:
                pytest.skip(HOW_TO_HAVE_IT)
            self._cluster = self._stack.enter_context(a_cluster(programs))
        return self._cluster

    def prepare(self, folder: Path, engine: str | None = None) -> None:
        """Have a data folder say where its database lies, where that is not in it."""
        settings = folder / SETTINGS_FILE
        if (engine or self.chosen) == POSTGRESQL and not settings.exists():
            self._say(settings, self.cluster.migrated())

    def copy(self, folder: Path, to: Path) -> Path:
        """Copy a data folder at rest, and its database where that lies elsewhere."""
        shutil.copytree(folder, to, dirs_exist_ok=True)
        settings = to / SETTINGS_FILE
        if self.chosen == POSTGRESQL:
            address = tomllib.loads(settings.read_text())["database_url"]
            self._say(settings, self.cluster.copy(address))
        return to

    def _say(self, settings: Path, address: str) -> None:
        settings.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.write_text(f'database_url = "{address}"\n')
        settings.chmod(0o600)

    def close(self) -> None:
        """Stop the server; who asks for one afterwards gets another."""
        self._cluster = None
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
