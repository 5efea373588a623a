"""A data folder of every release, as its program left it; each must replay for ever.

`review.sql.gz` is the database as SQL; `shapes.json` the hash of each fact's fields at that time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from state.codec import canonical
from state.facts import TYPES
from tests.state.schemas import name_of, schema_of, shape

HERE = Path(__file__).parent
DUMP, SHAPES = "review.sql.gz", "shapes.json"

Rows = list[dict[str, Any]]


def releases() -> list[Path]:
    """Return the folders of all releases."""
    return sorted(folder for folder in HERE.iterdir() if (folder / DUMP).exists())


def restored(release: Path, into: Path) -> Path:
    """Make a release's database anew in a folder, as its program left it."""
    file = into / "review.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(gzip.decompress((release / DUMP).read_bytes()).decode())
    return file


def tables(file: Path) -> dict[str, Rows]:
    """Return every row of every table of a database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')]  # noqa: S608
            for (name,) in names
        }


def shapes() -> dict[str, str]:
    """Return the hash of each fact's fields today."""
    return {
        name_of(fact): hashlib.sha256(canonical(shape(schema_of(fact))).encode()).hexdigest()
        for fact in TYPES.values()
    }


def shapes_of(release: Path) -> dict[str, str]:
    """Return the hashes of a release."""
    found: dict[str, str] = json.loads((release / SHAPES).read_text("utf-8"))
    return found
