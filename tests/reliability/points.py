"""The named points at which a program can be struck, watched from outside, in its own process.

A point is a door: to the database (each commit, before and after; each statement that writes a
table), to the disk (each file made, moved, taken away, and each fsync, before and after), to other
machines (each request, each mail, each hook, before and after), and the answer itself. They are
found by SQLAlchemy's events, Python's audit hooks, and wrappers around what the libraries do; the
product knows nothing of it.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

from tests.reliability import power
from tests.safety import SAFETY_S

WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# How a write transaction begins on each engine.
TAKES_THE_LOCK = ("BEGIN IMMEDIATE", "SELECT pg_advisory_xact_lock")
AT_FILES = {"open": "write", "os.mkdir": "mkdir", "os.remove": "remove", "os.rmdir": "rmdir"}
IN_TRANSACTION = " (in a transaction)"
ANSWER = "answer"
OWN_FILES = (".points", ".out", ".held", ".go")  # of this harness
ONE_OF_MANY = re.compile(r"~.*|[0-9a-f]{12,}|\d{4}-\d\d-\d\dT[\d_:.]+")


class Blow(StrEnum):
    """What befalls a program at a point."""

    KILL = "kill"  # the process is gone; what it handed to the system stays
    CUT = "cut"  # the power is gone: what was not made durable is gone as well
    HOLD = "hold"  # it sleeps there until it is let go
    FAIL = "fail"  # what it tries there fails, once


@dataclass(frozen=True, slots=True)
class Point:
    """The nth time that a program comes to a door, and whether it holds the write lock there."""

    name: str
    nth: int
    locked: bool = False

    def __str__(self) -> str:
        return f"{self.name} #{self.nth}{IN_TRANSACTION if self.locked else ''}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a program is struck: at a point, or after so much of its own computing time."""

    blow: Blow
    point: Point | None = None
    after_cpu_s: float | None = None
    of_what_it_leaves: bool = False  # of the process that a command leaves behind, not of it

    def __str__(self) -> str:
        where = f"at {self.point}" if self.point else f"after {self.after_cpu_s:.3f} s of computing"
        return f"{self.blow} {where}{' of what it leaves' if self.of_what_it_leaves else ''}"


class Watch:
    """Counts the points that this process comes to, writes them down, and strikes at one."""

    def __init__(self, plan: Plan | None, passed: Path, folder: Path) -> None:
        self._plan = plan
        self._passed = os.open(passed, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._held = passed.with_suffix(".held")
        self._go = passed.with_suffix(".go")
        self._folder = str(folder.resolve())
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._own = threading.local()

    def begin(self) -> None:
        """Watch all doors from now on."""
        self._watch_database()
        self._watch_files()
        self._watch_the_world()
        if self._plan is not None and self._plan.after_cpu_s is not None:
            # The system ends the process by itself, however busy the machine is.
            signal.setitimer(signal.ITIMER_PROF, self._plan.after_cpu_s)

    def come_to(self, name: str, fails: Callable[[], Exception] | None = None) -> None:
        """Write down that a door was come to; strike where that was planned."""
        locked = getattr(self._own, "locked", False)
        with self._lock:
            self._times[name] += 1
            nth = self._times[name]
            os.write(self._passed, f"{name}\t{nth}\t{int(locked)}\n".encode())
        wanted = self._plan.point if self._plan is not None else None
        if wanted is not None and (wanted.name, wanted.nth) == (name, nth):
            self._strike(fails)

    def _strike(self, fails: Callable[[], Exception] | None) -> None:
        assert self._plan is not None
        match self._plan.blow:
            case Blow.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case Blow.CUT:
                power.cut()
            case Blow.HOLD:
                self._hold()
            case Blow.FAIL:
                raise fails() if fails is not None else OSError(28, "No space left on device")

    def _hold(self) -> None:
        self._held.touch()
        end = time.monotonic() + SAFETY_S
        while not self._go.exists() and time.monotonic() < end:
            time.sleep(0.01)

    # ---- the database ----

    def _watch_database(self) -> None:
        @event.listens_for(Engine, "before_cursor_execute")
        def statement(
            _c: Connection, _cursor: Any, text: str, _p: Any, _context: Any, many: bool
        ) -> None:
            if text.startswith(TAKES_THE_LOCK):
                self._own.locked = True
            elif (found := WRITES.match(text)) is not None:
                batch = " batch" if many else ""
                self.come_to(f"{found[1].split()[0].lower()} {found[2]}{batch}")

        @event.listens_for(Engine, "commit")
        def commit(_connection: Connection) -> None:
            if getattr(self._own, "locked", False):
                self.come_to("commit")

        @event.listens_for(Engine, "rollback")
        def rollback(_connection: Connection) -> None:
            self._own.locked = False

        committing = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            committing(dialect, connection)
            if getattr(self._own, "locked", False):
                self._own.locked = False
                self.come_to("committed")

        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]

    # ---- the disk ----

    def _watch_files(self) -> None:
        sys.addaudithook(self._at_a_file)
        os.replace = self._around(os.replace, "replace", "replaced", lambda a: a[1])
        os.fsync = self._around(os.fsync, "fsync", "synced", _name_of)

    def _at_a_file(self, name: str, about: tuple[Any, ...]) -> None:
        door = AT_FILES.get(name)
        if door is None or not self._is_theirs(str(about[0])):
            return
        if name != "open" or int(about[2]) & (os.O_WRONLY | os.O_RDWR):
            self.come_to(f"{door} {self._shown(about[0])}")

    def _around(
        self, done: Callable[..., Any], before: str, after: str, file: Callable[[Any], Any]
    ) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            shown = self._shown(file(given))
            self.come_to(f"{before} {shown}")
            result = done(*given, **named)
            self.come_to(f"{after} {shown}")
            return result

        return watched

    def _shown(self, file: Any) -> str:
        """Name a file as it is called in every run: no holder, no digest, no instant."""
        inside = str(file).removeprefix(self._folder).lstrip("/").removeprefix("data/")
        return ONE_OF_MANY.sub("…", inside)

    def _is_theirs(self, file: str) -> bool:
        return file.startswith(self._folder) and not file.endswith(OWN_FILES)

    # ---- other machines ----

    def _watch_the_world(self) -> None:
        asking, sending = httpx.HTTPTransport.handle_request, smtplib.SMTP.data

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> Any:
            hook = "webhook-id" in request.headers
            self.come_to("hook" if hook else "ask", lambda: httpx.ConnectError("planted"))
            answered = asking(transport, request)
            self.come_to("hooked" if hook else "asked", lambda: httpx.ReadError("planted"))
            return answered

        def data(server: smtplib.SMTP, message: Any) -> Any:
            self.come_to("mail", lambda: smtplib.SMTPServerDisconnected("planted"))
            taken = sending(server, message)
            self.come_to("mailed", lambda: smtplib.SMTPServerDisconnected("planted"))
            return taken

        httpx.HTTPTransport.handle_request = handle_request  # type: ignore[assignment,method-assign]
        smtplib.SMTP.data = data  # type: ignore[assignment,method-assign]


def _name_of(given: tuple[int, ...]) -> str:
    """Name the file of a descriptor, where the system tells."""
    try:
        return os.readlink(f"/proc/self/fd/{given[0]}")
    except OSError:
        return "a file"


def read_passed(file: Path) -> list[Point]:
    """Read the points that a program came to, in order."""
    if not file.exists():
        return []
    rows = (line.split("\t") for line in file.read_text("utf-8").splitlines())
    return [Point(name, int(nth), locked == "1") for name, nth, locked in rows]
