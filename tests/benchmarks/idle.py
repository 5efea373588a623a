"""What a program costs that has nothing to do: `livingreview run` beside a bare uvicorn.

Both are real processes that run through the same minutes of the same machine; what they used of a
processor is read from the system, and every commit is seen by a third who only looks.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.config import DATABASE_FILE
from bot.demo.sources import stand_ins
from tests.benchmarks.figures import Figure
from tests.end_to_end.programs import Program, free_port

SETTLES_S = 90  # the first searches, their certificate and a first beat are over by then
WATCHED_S = 180
LOOK_S = 0.02
LARGEST_RATIO = 2.0
WRITES_A_MINUTE = 1.0
BARE = """
import sys, uvicorn

async def page(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})

uvicorn.run(page, port=int(sys.argv[1]), lifespan="off", log_level="error")
"""


def figures() -> Iterator[Figure]:
    """Measure the processor time and the write transactions of an idle program."""
    with tempfile.TemporaryDirectory() as folder, stand_ins() as sources:
        program = Program(Path(folder) / "data", sources.settings)
        bare = subprocess.Popen([sys.executable, "-c", BARE, str(free_port())])
        ours = subprocess.Popen(
            program.words("run", "--port", str(free_port())),
            env=program.environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            time.sleep(SETTLES_S)
            before = _cpu_s(ours.pid), _cpu_s(bare.pid)
            written = _commits(program.data / DATABASE_FILE, WATCHED_S)
            used, floor = _cpu_s(ours.pid) - before[0], _cpu_s(bare.pid) - before[1]
        finally:
            for each in (ours, bare):
                each.terminate()
                each.wait()
    yield Figure("idle: processor", used, floor, "s", LARGEST_RATIO)
    yield Figure(
        "idle: write transactions a minute",
        written,
        WATCHED_S / 60,
        "transactions",
        WRITES_A_MINUTE,
    )


def _cpu_s(pid: int) -> float:
    """Return what a process used of a processor so far."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _commits(file: Path, seconds: float) -> int:
    """Count the commits of others to a database while so many seconds pass."""
    until, seen = time.monotonic() + seconds, 0
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute("PRAGMA data_version").fetchone()
        while time.monotonic() < until:
            time.sleep(LOOK_S)
            now = connection.execute("PRAGMA data_version").fetchone()
            seen, before = seen + (now != before), now
    return seen
