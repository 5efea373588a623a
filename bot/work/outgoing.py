"""What a command leaves behind: messages and hooks that wait for others.

While `livingreview run` lives they are its work. Without it a command has them done by a process of
its own, which it waits for only briefly: a mail server that answers slowly or a hook that hangs
holds up no person, and what it was told to do is still done to its end.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bot.app import PULSE, App, open_app
from bot.config import read_config
from bot.notify.daily import next_message
from bot.notify.page_address import as_served
from state import runs
from state.values import WorkKind

# A service beats once a minute. On this machine its process is looked at; on another, one that
# missed two beats may be dead, and leases keep two apart.
PULSE_IS_FRESH = timedelta(minutes=3)
PATIENCE_S = 4.0  # as long as a person waits without wondering


def end_command(app: App) -> None:
    """Do what is due after a command; what waits for others is left to others."""
    jobs = _jobs()
    jobs.compute(app)
    if not app.config.sends_by_network:
        jobs.send(app)
    if _something_waits(app) and not service_lives(app):
        _leave(app.config.data)
    jobs.write_status_file(app)


def _jobs() -> ModuleType:
    """Load what does the work, and the engine with it: help on a command must not wait for them."""
    return import_module("bot.work.jobs")


def service_lives(app: App) -> bool:
    """Whether `run` has beaten lately, by a process that is not known to be gone.

    A pulse of the future is a clock that was set, not life.
    """
    with app.database.reading() as connection:
        beat = runs.last_beat(connection, PULSE)
    if beat is None or not beat.holder_lives:
        return False
    return timedelta(0) <= app.clock.now() - beat.at < PULSE_IS_FRESH


def _something_waits(app: App) -> bool:
    now = app.clock.now()
    with app.database.reading() as connection:
        hooks = runs.due(connection, WorkKind.HOOK, now=now)
        return bool(hooks) or next_message(app, connection) is not None


def _leave(data: Path) -> None:
    """Have it done by a process that outlives this one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.work.outgoing", str(data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        logging.getLogger("livingreview").info("messages and hooks go on leaving behind the scenes")
        process.returncode = 0  # it is nobody's child any more: no warning when this is forgotten


def main(data: Path) -> None:
    """Deliver and fire what is due."""
    jobs = _jobs()
    app = open_app(read_config(os.environ, data))
    try:
        app = as_served(app)
        jobs.send(app)
        jobs.fire_hooks(app)
    finally:
        app.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
