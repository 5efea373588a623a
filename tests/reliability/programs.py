"""The product's programs, forked from a process that has imported it and opened nothing.

A command so begun takes a fifth of a second of computing in place of two, and is a real process
all the same: killed by the system, with an exit status, its own files and connections. What a
command leaves behind (`python -m bot.work.outgoing`) is begun here as well.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.loaded_late import LOADED_LATE
from tests.reliability import faults, power, tools
from tests.reliability.points import ANSWER, Blow, Plan, Point, Watch, read_passed
from tests.safety import SAFETY_S

OUTGOING = "bot.work.outgoing"
PRELOADED = (
    "bot.cli.main",
    *(
        f"bot.cli.{name}"
        for name in (
            "analysing",
            "exporting",
            "extracting",
            "keeping",
            "running",
            "screening",
            "searching",
            "signing",
            "standing",
            "team",
            "waiting",
        )
    ),
    *LOADED_LATE,
)
CRASHED = 70  # as sysexits.h says of an internal error


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run: its words, its environment, where it is struck, what is planted in it."""

    words: tuple[str, ...]
    data: Path
    environment: Mapping[str, str]
    out: Path  # what it says; the points it came to lie beside, as .points
    given: str = ""
    plan: Plan | None = None
    faults: tuple[str, ...] = ()
    a_little_later: str = ""  # the instant at which what it leaves behind begins

    @property
    def passed(self) -> Path:
        """Where the points that it came to are written down."""
        return self.out.with_suffix(".points")

    @property
    def left(self) -> Job:
        """What the command leaves behind when it ends."""
        plan = self.plan if self.plan is not None and self.plan.of_what_it_leaves else None
        out = self.out.with_name(f"{self.out.stem}-left.out")
        environment = {**self.environment, "LIVINGREVIEW_NOW": self.a_little_later}
        return replace(
            self, words=(OUTGOING,), environment=environment, out=out, given="", plan=plan
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status or the signal that ended it, and what it said."""

    status: int  # negative: the signal
    cpu_s: float
    said: str
    points: tuple[Point, ...]
    of_what_it_left: tuple[Point, ...] = ()

    @property
    def struck(self) -> bool:
        """Whether it was ended from outside."""
        return self.status in (-signal.SIGKILL, -signal.SIGPROF)


class Running:
    """A program at work."""

    def __init__(self, job: Job, address: str) -> None:
        self.job = job
        self._address = address
        connection = _hand_over(address, job)
        self._answers = connection.makefile("r")
        self._connection = connection
        self.pid = int(self._answers.readline())

    def wait(self) -> Ended:
        """Wait for its end."""
        status, cpu_s = self._answers.readline().split()
        self._answers.close()
        self._connection.close()
        return Ended(
            int(status),
            float(cpu_s),
            self.job.out.read_text("utf-8", errors="replace"),
            tuple(read_passed(self.job.passed)),
        )

    def is_over(self) -> bool:
        """Whether it has ended."""
        return bool(select.select([self._connection], [], [], 0)[0])

    def kill(self) -> None:
        """End it as the system does, if it has not ended."""
        with _hand_over(self._address, self.pid) as connection:
            connection.recv(1)

    def came_so_far(self) -> int:
        """Return a number that grows with every point that it comes to."""
        return self.job.passed.stat().st_size if self.job.passed.exists() else 0

    def is_held(self) -> bool:
        """Whether it sleeps at the point where it was to be held."""
        return self.job.passed.with_suffix(".held").exists()

    def let_go(self) -> None:
        """Wake it, so that it goes on from where it was held."""
        self.job.passed.with_suffix(".held").unlink(missing_ok=True)
        self.job.passed.with_suffix(".go").touch()


@dataclass(slots=True)
class Programs:
    """Begins programs, and knows when none is left."""

    address: str
    _server: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Programs:
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert self._server.stdout is not None
        self._server.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def start(self, job: Job) -> Running:
        """Begin a program."""
        return Running(job, self.address)

    def run(self, job: Job) -> Ended:
        """Run a program to its end, and what it leaves behind to its."""
        return self.end(self.start(job))

    def end(self, running: Running) -> Ended:
        """Wait for a program's end, and for that of what it leaves behind."""
        ended = running.wait()
        self.quiet()
        return replace(ended, of_what_it_left=tuple(read_passed(running.job.left.passed)))

    def quiet(self) -> None:
        """Wait until nothing runs that was begun here."""
        with _hand_over(self.address, None) as connection:
            connection.recv(1)


# What can be asked of the process that begins all: to run a job, to end one, to say when none runs.
Asked = Job | int | None


def _hand_over(address: str, asked: Asked) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    connection.sendall(pickle.dumps(asked))
    connection.shutdown(socket.SHUT_WR)
    return connection


# ---- the process that has imported the product ---------------------------------------------------


def serve(address: str) -> None:
    """Begin what is asked for, tell how it ended; end all of it when standard input ends."""
    for name in PRELOADED:
        import_module(name)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    running: dict[int, socket.socket] = {}
    waiting: list[socket.socket] = []
    while sys.stdin.fileno() not in (ready := _ready(listening, woken)):
        if woken in ready:
            os.read(woken, 4096)
            _tell_ended(running)
        if listening.fileno() in ready:
            connection, _ = listening.accept()
            match _received(connection):
                case None:
                    waiting.append(connection)
                case int(pid):
                    _kill(pid, running)
                    connection.close()
                case job:
                    _begin(job, address, connection, running, listening)
        while waiting and not running:
            waiting.pop().close()
    for pid in running:
        _kill(pid, running)


def _kill(pid: int, running: dict[int, socket.socket]) -> None:
    """End one of our own that has not been told of as ended."""
    if pid in running:
        os.kill(pid, signal.SIGKILL)


def _ready(listening: socket.socket, woken: int) -> list[int]:
    return select.select([listening.fileno(), woken, sys.stdin.fileno()], [], [])[0]


def _received(connection: socket.socket) -> Asked:
    with connection.makefile("rb") as stream:
        asked: Asked = pickle.load(stream)
    return asked


def _begin(
    job: Job,
    address: str,
    connection: socket.socket,
    running: dict[int, socket.socket],
    listening: socket.socket,
) -> None:
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (listening, connection, *running.values()):
            each.close()
        os._exit(_child(job, address))
    connection.sendall(f"{pid}\n".encode())
    running[pid] = connection


def _tell_ended(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status, used = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as connection:
            told = f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime}\n"
            try:
                connection.sendall(told.encode())
            except OSError:  # nobody waits for what a command left behind
                continue


# ---- a program -----------------------------------------------------------------------------------


def _child(job: Job, address: str) -> int:
    _stand_alone(job)
    _leave_behind_here(job, address)
    watch = _watched(job)
    faults.plant(job.faults)
    status = CRASHED
    try:
        status = _main(job)
    except BaseException:  # noqa: BLE001 - the edge of the process: its trace is what it says
        import_module("traceback").print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    if watch is not None:
        watch.come_to(ANSWER)
    return status


def _stand_alone(job: Job) -> None:
    """Have what every program has: its own standard streams and environment."""
    out = os.open(job.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    given, gives = os.pipe()
    os.write(gives, job.given.encode())
    os.close(gives)
    for descriptor, number in ((given, 0), (out, 1), (out, 2)):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update(job.environment)
    sys.stdin = open(0)  # noqa: SIM115 - as long as the process lives
    sys.argv = ["livingreview", *job.words]


def _watched(job: Job) -> Watch | None:
    if job.words[0] in tools.BY_NAME and tools.BY_NAME[job.words[0]].unwatched:
        return None
    plan = job.plan
    if plan is not None and plan.blow is Blow.CUT:
        power.watch(job.data)
    if plan is not None and plan.of_what_it_leaves and job.words[0] != OUTGOING:
        plan = None
    watch = Watch(plan, job.passed, job.data.parent)
    watch.begin()
    return watch


def _main(job: Job) -> int:
    """Run the program; return its exit status."""
    name = job.words[0]
    if name in tools.BY_NAME:
        tools.BY_NAME[name].run(job.data)
        return 0
    if name == OUTGOING:
        import_module(OUTGOING).main(job.data)
        return 0
    try:
        import_module("bot.cli.main").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _leave_behind_here(job: Job, address: str) -> None:
    """Have what a command leaves behind begun by the process that begins all."""
    begin: Callable[..., Any] = subprocess.Popen

    def popen(words: list[str], *given: Any, **named: Any) -> Any:
        if OUTGOING in words:
            return _Left(job.left, address)
        return begin(words, *given, **named)

    subprocess.Popen = popen  # type: ignore[assignment,misc]


class _Left:
    """What a command knows of the process that it left behind."""

    def __init__(self, job: Job, address: str) -> None:
        self.returncode: int | None = None
        self._running = Running(job, address)

    def wait(self, timeout: float = SAFETY_S) -> int:
        """Wait for its end, but no longer."""
        end = time.monotonic() + timeout
        while not self._running.is_over():
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired([OUTGOING], timeout)
            time.sleep(0.005)
        return 0


if __name__ == "__main__":
    # As the module that its jobs are pickled from, not as __main__.
    import_module("tests.reliability.programs").serve(sys.argv[1])
