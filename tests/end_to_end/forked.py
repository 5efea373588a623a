"""Commands as real processes, forked from one that has imported the product and opened nothing.

What is saved is the import, nine tenths of what a short command costs. That the installed command
starts by itself is tested beside (`tests/bot/cli/test_loading.py`, the page's own start).
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli.main import COMMANDS
from tests.loaded_late import LOADED_LATE

REPOSITORY = Path(__file__).parent.parent.parent
CRASHED = 70  # as sysexits.h says of an internal error


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Forked:
    """The process that forks commands, one after the other."""

    _folder: TemporaryDirectory[str] = field(default_factory=TemporaryDirectory)
    _server: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__, self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )

    def run(self, words: Sequence[str], environment: Mapping[str, str], given: str) -> Done:
        """Run a command to its end."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        folder = Path(self._folder.name)
        (folder / "given").write_text(given, "utf-8")
        self._server.stdin.write(json.dumps([list(words), dict(environment)]) + "\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        return Done(status, *((folder / name).read_text("utf-8") for name in ("out", "error")))


@cache
def forked() -> Forked:
    """Return the one of this process; it ends with it."""
    return Forked()


def serve(folder: Path) -> None:
    """Fork a command for each line of standard input, and tell how it ended."""
    for name in (*{each.room for each in COMMANDS.values()}, *LOADED_LATE):
        import_module(name)
    for line in sys.stdin:
        words, environment = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_command(folder, words, environment))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _command(folder: Path, words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Be the command: with its own standard streams, words and environment."""
    written = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = (("given", os.O_RDONLY), ("out", written), ("error", written))
    for number, (name, mode) in enumerate(streams):
        opened = os.open(folder / name, mode)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - as long as the process lives
    sys.argv = ["livingreview", *words]
    try:
        runpy.run_module("bot", run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001 - the edge of the process: its trace is what it says
        import_module("traceback").print_exc()
        status = CRASHED
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
