"""Safety copies: the database as one consistent file, the versions, and a manifest of hashes."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.app import App
from state.codec import canonical
from state.errors import DataFolderFault

DATABASE = "review.sqlite"
MANIFEST = "backup.json"


def write_backup(app: App, to: Path) -> Path:
    """Write a consistent copy of the database and the versions while the program runs."""
    if make_url(app.config.database_url).get_backend_name() != "sqlite":
        raise DataFolderFault("the database is not SQLite: back it up with its own tool (pg_dump)")
    if to.exists() and any(to.iterdir()):
        raise DataFolderFault(f"{to} is not empty: a backup goes into a new folder")
    to.mkdir(parents=True, exist_ok=True)
    with app.database.writer.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise DataFolderFault("the database is closed")
        driver.execute("VACUUM INTO ?", (str(to / DATABASE),))
    if app.files.exists():
        shutil.copytree(app.files, to / "versions")
    files = {name: _hash(to / name) for name in _files(to)}
    (to / MANIFEST).write_text(canonical({"files": files}), encoding="utf-8")
    return to


def put_back(folder: Path, data: Path) -> None:
    """Put a backup into an empty data folder, after checking every file against its hash."""
    if data.exists() and any(data.iterdir()):
        raise DataFolderFault(f"{data} is not empty: a backup is restored into a new folder")
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise DataFolderFault(f"{folder} is no backup: {error}") from error
    for name, digest in files.items():
        if not (folder / name).is_file() or _hash(folder / name) != digest:
            raise DataFolderFault(f"{folder / name} is not what was backed up")
    data.mkdir(parents=True, exist_ok=True)
    for name in files:
        target = data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, target)


def _files(folder: Path) -> list[str]:
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
