"""Commands as real processes, forked from one that has imported the program and opened nothing.

What is saved is the import, most of what a short command costs. What one command loads, the next
ones find loaded.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from bot.errors import DemoFailed

OURS = frozenset({"analysis", "bot", "extraction", "state"})
LOADED_FIRST = ("bot.work.begin", "bot.work.jobs", "bot.work.outgoing")
CRASHED = 70  # as sysexits.h says of an internal error
COMMAND_TIMEOUT_S = 600  # only stops what hangs: a command takes seconds


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Forked:
    """The process that forks commands, one after the other."""

    folder: Path
    asked: IO[str]
    answered: IO[str]

    def run(self, words: Sequence[str], environment: Mapping[str, str], given: str = "") -> Done:
        """Run a command to its end."""
        (self.folder / "given").write_text(given, "utf-8")
        self.asked.write(json.dumps([list(words), dict(environment)]) + "\n")
        self.asked.flush()
        status = self.answered.readline()
        if not status:
            raise DemoFailed("the process that starts the commands has ended")
        said = ((self.folder / name).read_text("utf-8") for name in ("out", "error"))
        return Done(int(status), *said)


@contextmanager
def forking(environment: Mapping[str, str], load: Sequence[str] = LOADED_FIRST) -> Iterator[Forked]:
    """Start the process that forks commands; it has ended when this is left.

    load: the modules that it loads before the first.
    """
    with (
        TemporaryDirectory(prefix="livingreview-commands-") as folder,
        subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, folder, *load],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(environment),
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        yield Forked(Path(folder), server.stdin, server.stdout)


def serve(folder: Path, load: Sequence[str]) -> None:
    """Fork a command for each line of standard input, and tell how it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the command that is interrupted
    loaded = folder / "loaded"
    loaded.write_text("\n".join(load), "utf-8")
    for line in sys.stdin:
        words, environment = json.loads(line)
        for name in loaded.read_text("utf-8").splitlines():
            import_module(name)
        gc.freeze()  # no command looks through what was there before it
        pid = os.fork()
        if pid == 0:
            os._exit(_command(folder, words, environment))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _command(folder: Path, words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Be the command: with its own standard streams, words and environment."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.alarm(COMMAND_TIMEOUT_S)
    _take_streams(folder)
    os.environ.clear()
    os.environ.update(environment)
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
    ours = [name for name in sys.modules if name.partition(".")[0] in OURS]
    (folder / "loaded").write_text("\n".join(ours), "utf-8")
    return status


def _take_streams(folder: Path) -> None:
    """Read and write files of the folder as standard input, output and error."""
    written = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = (("given", os.O_RDONLY), ("out", written), ("error", written))
    for number, (name, mode) in enumerate(streams):
        opened = os.open(folder / name, mode)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - as long as the process lives


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2:])
