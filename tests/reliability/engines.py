"""The engines that the programs can be tried on: how a database is made, copied and taken away.

An engine that is asked for by name and cannot be had ends the harness, with how to have it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bot.config import DATABASE_FILE
from tests.postgresql import HOW_TO_HAVE_IT, Cluster, a_cluster, server_programs

SQLITE, POSTGRESQL, PROCRASTINATE = "sqlite", "postgresql", "procrastinate"


class EngineMissing(Exception):
    """An engine cannot be had here; the text says how it can."""


class Engine(Protocol):
    """Where databases are kept."""

    @property
    def name(self) -> str:
        """What it is asked for by."""

    def settings(self, data: Path) -> Mapping[str, str]:
        """Return the settings that lead the program to the database of a data folder."""

    def address(self, data: Path) -> str:
        """Return where the database of a data folder can be looked at, without making it."""

    def copy(self, data: Path, to: Path) -> None:
        """Copy a data folder that nobody uses, with its database."""

    def drop(self, data: Path) -> None:
        """Take a data folder away, with its database."""


class Sqlite:
    """The database is a file of the data folder."""

    name = SQLITE

    def settings(self, data: Path) -> Mapping[str, str]:
        """Nothing need be set."""
        return {}

    def address(self, data: Path) -> str:
        """Look at the file, where there is one."""
        return f"sqlite:///file:{data / DATABASE_FILE}?mode=ro&uri=true"

    def copy(self, data: Path, to: Path) -> None:
        """Copy the folder."""
        shutil.copytree(data, to)

    def drop(self, data: Path) -> None:
        """Take the folder away."""
        shutil.rmtree(data, ignore_errors=True)


class Postgres:
    """A private server on a socket; a database a data folder."""

    name = POSTGRESQL

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def settings(self, data: Path) -> Mapping[str, str]:
        """Lead to the database of this folder, which is made where it is not there."""
        name = _database_of(data)
        if (name,) not in self._cluster.tell("SELECT datname FROM pg_database"):
            self._cluster.tell(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return {"LIVINGREVIEW_DATABASE_URL": self.address(data)}

    def address(self, data: Path) -> str:
        """Ask over the socket."""
        return self._cluster.address(_database_of(data))

    def copy(self, data: Path, to: Path) -> None:
        """Copy the folder, and the database; who was killed may still be connected to it."""
        shutil.copytree(data, to)
        name = _database_of(data)
        self._cluster.tell(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name
        )
        self._cluster.tell(f'CREATE DATABASE "{_database_of(to)}" TEMPLATE "{name}"')

    def drop(self, data: Path) -> None:
        """Take both away, whoever is still connected."""
        shutil.rmtree(data, ignore_errors=True)
        self._cluster.tell(f'DROP DATABASE IF EXISTS "{_database_of(data)}" WITH (FORCE)')


def _database_of(data: Path) -> str:
    return f"{data.parent.name}_{data.name}".lower()


@contextmanager
def an_engine(name: str) -> Iterator[Engine]:
    """Have an engine ready, or raise EngineMissing with how to have it."""
    if name == PROCRASTINATE:
        raise EngineMissing(
            "procrastinate is no dependency of this program and no work of it runs there yet:"
            " it would take `pip install procrastinate psycopg[binary]`, a PostgreSQL server, and"
            " the handlers of bot/work registered as its tasks"
        )
    if name == SQLITE:
        yield Sqlite()
        return
    programs = server_programs()
    if programs is None:
        raise EngineMissing(HOW_TO_HAVE_IT)
    with a_cluster(programs) as cluster:
        yield Postgres(cluster)
