"""A first start in a process of its own, killed by the system at the point that is named.

The points are the doors to the disk: each commit, and each file or folder that is made, moved or
taken away in the data folder. They are watched from outside (SQLAlchemy's and Python's own hooks).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from tests.bot.builders import a_start
from tests.safety import SAFETY_S

AT_FILES = frozenset({"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"})
_server = multiprocessing.get_context("forkserver")
# What a first start loads by and by is there already in each process that is begun and killed.
_server.set_forkserver_preload(
    ["tests.bot.killed", "bot.report.publish", "bot.synthesis.assemble", "state.migrating"]
)


def start_killed_at(data: Path, point: int) -> bool:
    """Start on a data folder and be killed at a point; return whether it was reached."""
    process = _server.Process(target=_start, args=(data, point))
    process.start()
    process.join(SAFETY_S)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _start(data: Path, point: int) -> None:
    reached = 0

    def pass_by() -> None:
        nonlocal reached
        reached += 1
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def at_a_file(name: str, about: tuple[object, ...]) -> None:
        if name in AT_FILES and str(about[0]).startswith(str(data)) and _writes(name, about):
            pass_by()

    def at_a_commit(connection: Connection) -> None:
        if not connection.exec_driver_sql("PRAGMA query_only").scalar():
            pass_by()

    event.listen(Engine, "commit", at_a_commit)
    sys.addaudithook(at_a_file)
    a_start(data).close()
    os._exit(0)


def _writes(name: str, about: tuple[object, ...]) -> bool:
    return name != "open" or bool(int(str(about[2])) & (os.O_WRONLY | os.O_RDWR))
