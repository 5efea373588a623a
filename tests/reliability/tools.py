"""Programs of the harness itself that run beside the product's, each in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

# Words that no command of the product is called by.
SETTLE, SEND, BEAT, COUNT, PAGE = "do-all-due", "send", "beat", "count", "page"


def _app(data: Path) -> Any:
    config = import_module("bot.config").read_config(os.environ, data)
    return import_module("bot.app").open_app(config)


def settle(data: Path) -> None:
    """Do all that is due, as the service does in its rounds, until nothing more comes of it."""
    app, jobs = _app(data), import_module("bot.work.jobs")
    import_module("bot.work.begin").begin(app)
    for _ in range(2):  # what the first round stores (a notice, a draft) is due in the second
        jobs.tick(app)
        jobs.search_all_due(app)
        jobs.work_off(app)
    app.close()


def send(data: Path) -> None:
    """Send what may leave, and do nothing else."""
    app = _app(data)
    import_module("bot.work.jobs").send(app)
    app.close()


def beat(data: Path) -> None:
    """Beat as a service of another machine does: what commands ask for is then left to it."""
    app, t = _app(data), import_module("state.tables")
    import_module("bot.work.jobs").beat(app)
    with app.database.transaction() as connection:
        connection.execute(t.pulse.update().values(holder="another-machine:1:1"))
    app.close()


def count(data: Path) -> None:
    """Print what the folder holds and what `verify` says of it."""
    app = _app(data)
    counts = import_module("tests.reliability.counts")
    sys.stdout.write(json.dumps(counts.held(app)))
    app.close()


def page(data: Path) -> None:
    """Send a form as somebody who is signed in to the page: words are PERSON PATH NAME=VALUE…"""
    app, browser = _app(data), import_module("tests.bot.web.browser")
    import_module("bot.work.begin").begin(app)
    _, _, person, path, *fields = sys.argv
    browser.visitor(app, person).post(path, **dict(each.split("=", 1) for each in fields))
    app.close()


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of the harness; unwatched: none of its doors is a point."""

    run: Callable[[Path], None]
    unwatched: bool = True


BY_NAME = {
    SETTLE: Tool(settle, unwatched=False),
    PAGE: Tool(page, unwatched=False),
    BEAT: Tool(beat),
    SEND: Tool(send),
    COUNT: Tool(count),
}
