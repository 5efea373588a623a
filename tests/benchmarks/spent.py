"""What work costs: the time of the processor in this process and, on PostgreSQL, in the server."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.engines import POSTGRESQL, engines

PROC = Path("/proc")
OWN_TIMES, WITH_CHILDREN = slice(11, 13), slice(11, 15)  # in /proc/PID/stat, after the name
PARENT = 1


def spent_s() -> float:
    """Return the processor time used so far; the server's is told to a hundredth of a second."""
    own = time.process_time()
    return own + _server_s() if engines.chosen == POSTGRESQL else own


def _server_s() -> float:
    """Return what the server used: its first process with those it has seen end, and the others."""
    ((folder,),) = engines.cluster.tell("SHOW data_directory")
    first = (Path(str(folder)) / "postmaster.pid").read_text().split()[0]
    ticks = sum(map(int, _stat(PROC / first)[WITH_CHILDREN]))
    for each in PROC.iterdir():
        stat = _stat(each) if each.name.isdigit() else []
        if stat and stat[PARENT] == first:
            ticks += sum(map(int, stat[OWN_TIMES]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it has just ended
        return []
