"""A large file is read and stored by a process of its own: the page goes on answering meanwhile.

Reading thousands of records is a minute of one processor's work. In the process of the page it
would be taken from every other request, whatever thread it ran in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.rights import check_right
from bot.acts.said import GiveExport, Import
from bot.app import App, open_app
from bot.config import read_config
from bot.errors import ImportFailed
from bot.notify.page_address import as_served
from state import runs
from state.codec import Json
from state.errors import BadInput
from state.events import Actor

# Some two thousand records: fewer are read before such a process has begun.
APART_FROM_BYTES = 2_000_000


def give_file(
    app: App, act: GiveExport, actor: Actor, *, apart_from: int = APART_FROM_BYTES
) -> Import:
    """Take in the file of a search by hand, a large one by a process of its own.

    While the clock is set (a drill) there is one clock, and all is done here.
    """
    if len(act.body) < apart_from or app.clock.shifted:
        return perform(app, act, actor)
    with app.database.reading() as connection:
        check_right(connection, act, actor)
    return _apart(app, act, actor)


def _apart(app: App, act: GiveExport, actor: Actor) -> Import:
    said = act.model_dump(mode="json", exclude={"body"}, exclude_none=True)
    head = json.dumps({"act": said, "actor": actor.name, "authenticated": actor.authenticated})
    process = subprocess.run(
        [sys.executable, "-m", "bot.work.importing", str(app.config.data)],
        input=head.encode() + b"\n" + act.body,
        stdout=subprocess.PIPE,
        check=False,
    )
    if process.returncode:
        raise ImportFailed(f"{act.name}: the process that was to read it ended without an answer")
    found: Json = json.loads(process.stdout)
    if "refused" in found:
        raise BadInput(found["refused"])
    with app.database.reading() as connection:
        run = runs.find_run(connection, act.source, found["run"])
    return Import(run, again=found["again"], told=found["told"])


def main(data: Path) -> None:
    """Take in the file that stands on standard input, behind a line that says whose it is."""
    said = json.loads(sys.stdin.buffer.readline())
    act = read_act(GiveExport, {**said["act"], "body": sys.stdin.buffer.read()})
    app = open_app(read_config(os.environ, data))
    try:
        app = as_served(app)
        taken = perform(app, act, Actor(said["actor"], authenticated=said["authenticated"]))
        found: Json = {"run": taken.run.id, "again": taken.again, "told": taken.told}
    except BadInput as refusal:
        found = {"refused": str(refusal)}
    finally:
        app.close()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
