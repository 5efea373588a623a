"""`python -m tests.old_folders`: keep a data folder of this version, made by the demonstration.

Run it as the last thing before a release is tagged; afterwards its folder is never made again.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from bot import VERSION
from bot.demo.play import play
from tests.old_folders import DUMP, HERE, SHAPES, shapes

# They say which process of which machine did what, and no fact depends on them.
OPERATIONAL = ("work", "token", "pulse", "delivery_attempt")


def main() -> int:
    """Play the demonstration and keep its database."""
    with tempfile.TemporaryDirectory() as folder:
        if not play(Path(folder), _say):
            return 1
        dump = dumped(Path(folder) / "data" / "review.sqlite")
    release = HERE / VERSION
    release.mkdir(exist_ok=True)
    (release / DUMP).write_bytes(gzip.compress(dump.encode(), 9, mtime=0))
    text = json.dumps(shapes(), indent=1, sort_keys=True)
    (release / SHAPES).write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{release}: {(release / DUMP).stat().st_size} bytes\n")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def dumped(file: Path) -> str:
    """Return a database as SQL, without what belongs to the machine that it ran on."""
    with closing(sqlite3.connect(file)) as database:
        for table in OPERATIONAL:
            database.execute(f"DELETE FROM {table}")  # noqa: S608
        database.commit()
        return "\n".join(database.iterdump())


if __name__ == "__main__":
    sys.exit(main())
