"""A private PostgreSQL server on a socket in a temporary folder, for tests and long checks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from state.database import open_database
from tests.safety import SAFETY_S

HOW_TO_HAVE_IT = "the PostgreSQL server is not installed (Debian: apt-get install postgresql)"
DEBIAN = Path("/usr/lib/postgresql")
# The server refuses to run as root; any other user will do.
INSTEAD_OF_ROOT = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
OWNER = "review"
MEMORY = "/dev/shm"  # where there is one: each new database writes 8 MB
# Its disk is thrown away with it: what is tested is what our own processes leave behind.
QUICK = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=300"


def server_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl; None where the server is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "pg_ctl").is_file()), None)


@dataclass
class Cluster:
    """A running server and the databases made in it."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def address(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.socket}"

    def empty(self) -> str:
        """Make a database in which there is nothing at all; return its address."""
        return self._make("template0")

    def migrated(self) -> str:
        """Make a database in which nothing has happened yet; return its address."""
        if not self.tell("SELECT 1 FROM pg_database WHERE datname = 'migrated'"):
            self.tell("CREATE DATABASE migrated TEMPLATE template0")
            open_database(self.address("migrated")).close()
        return self._make("migrated")

    def copy(self, address: str) -> str:
        """Make a copy of a database to which nobody is connected; return its address."""
        return self._make(name_of(address))

    def drop(self, address: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.tell(f"DROP DATABASE {name_of(address)} WITH (FORCE)")

    def tell(self, statement: str, *values: str) -> list[tuple[object, ...]]:
        """Have the server do something outside any database of ours."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            found = connection.execute(statement.encode(), values or None)
            return found.fetchall() if found.description else []

    def _make(self, template: str) -> str:
        name = f"review_{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)


def name_of(address: str) -> str:
    name = make_url(address).database
    assert name is not None
    return name


@contextmanager
def a_cluster(programs: Path) -> Iterator[Cluster]:
    """Run a server as long as it is wanted; nothing of it stays."""
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(
        prefix="pg-", dir=memory, ignore_cleanup_errors=True
    ) as folder:
        as_user = INSTEAD_OF_ROOT if os.geteuid() == 0 else ()
        if as_user:
            shutil.chown(folder, "nobody", "nogroup")
        data = f"{folder}/data"

        def run(program: str, *words: str) -> None:
            command = [*as_user, str(programs / program), "-D", data, *words]
            subprocess.run(
                command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=SAFETY_S
            )

        run("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "-o", f"{QUICK} -k {folder}", "-l", f"{folder}/log", "-w", "start")
        try:
            yield Cluster(Path(folder))
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
