"""The engines that the programs can be tried on: how a database is made, copied and taken away.

An engine that is asked for by name and cannot be had ends the harness, with how to have it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from bot.config import DATABASE_FILE

SQLITE, POSTGRESQL, PROCRASTINATE = "sqlite", "postgresql", "procrastinate"
DEBIAN = Path("/usr/lib/postgresql")
NOBODYS_SERVER = "postgres"  # Debian's own user of the server, which refuses to run as root


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
    """A private cluster on a socket in a folder of its own; a database a data folder."""

    name = POSTGRESQL

    def __init__(self, folder: Path, binaries: Path, user: str | None) -> None:
        self._folder, self._binaries, self._user = folder, binaries, user

    def start(self) -> None:
        """Make the cluster and start it; nothing listens on a network."""
        data = str(self._folder / "cluster")
        self._do("initdb", "--auth=trust", "--username=review", "--encoding=UTF8", "-D", data)
        listens = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}'"
        log = str(self._folder / "log")
        self._do("pg_ctl", "start", "--wait", "-D", data, "-l", log, "-o", listens)

    def stop(self) -> None:
        """Stop the cluster."""
        self._do("pg_ctl", "stop", "--mode=immediate", "-D", str(self._folder / "cluster"))

    def settings(self, data: Path) -> Mapping[str, str]:
        """Lead to the database of this folder, which is made where it is not there."""
        name = _database_of(data)
        if name not in self._ask("SELECT datname FROM pg_database").split():
            self._ask(f'CREATE DATABASE "{name}"')
        return {"LIVINGREVIEW_DATABASE_URL": self.address(data)}

    def address(self, data: Path) -> str:
        """Ask over the socket."""
        return f"postgresql+psycopg://review@/{_database_of(data)}?host={self._folder}"

    def copy(self, data: Path, to: Path) -> None:
        """Copy the folder, and the database as a template."""
        shutil.copytree(data, to)
        self._ask(f'CREATE DATABASE "{_database_of(to)}" TEMPLATE "{_database_of(data)}"')

    def drop(self, data: Path) -> None:
        """Take both away, whoever is still connected."""
        shutil.rmtree(data, ignore_errors=True)
        self._ask(f'DROP DATABASE IF EXISTS "{_database_of(data)}" WITH (FORCE)')

    def _ask(self, statement: str) -> str:
        host = ("--host", str(self._folder), "--username", "review", "--dbname", "postgres")
        return self._do("psql", "--no-psqlrc", "-At", *host, "-c", statement)

    def _do(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [str(self._binaries / program), *words],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise EngineMissing(f"{program} failed: {done.stderr.strip()[-300:]}")
        return done.stdout


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
    with _a_cluster() as engine:
        yield engine


@contextmanager
def _a_cluster() -> Iterator[Postgres]:
    servers = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if not servers:
        raise EngineMissing("there is no PostgreSQL server here: apt-get install postgresql")
    if find_spec("psycopg") is None:
        raise EngineMissing(
            "the program cannot speak with PostgreSQL yet: it has no driver. Once it takes"
            " LIVINGREVIEW_DATABASE_URL=postgresql://… the driver is `pip install psycopg[binary]`"
        )
    folder = Path(tempfile.mkdtemp(prefix="living-pg-"))
    user = NOBODYS_SERVER if os.geteuid() == 0 else None
    if user is not None:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    engine = Postgres(folder, servers[-1].parent, user)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)
