"""Which process holds something, and whether it still lives. Needs no database."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


@cache
def this_holder() -> str:
    """Name this process so that another can tell whether it still lives."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _started(pid: int) -> str:
    """Return when a process started (pids are used again), where the system tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    return stat.rpartition(")")[2].split()[19]


def lives(holder: str) -> bool:
    """Whether a holder may still be at work; a holder on another machine is taken to be."""
    host, pid, started = holder.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started == _started(int(pid))
