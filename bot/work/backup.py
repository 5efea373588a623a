"""Safety copies: the database as one consistent file, the versions, and a manifest of hashes."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path

from bot.app import App
from bot.report.published_files import MANIFEST as VERSION_MANIFEST
from state import versions
from state.codec import canonical
from state.data_folder import WAL, database_file
from state.database import copy_rows, open_database, sqlite_url
from state.errors import DataFolderFault
from state.facts.words import VersionState
from state.files import OWN_FILE, VERSIONS, in_words, make_folder, write_new

DATABASE = "review.sqlite"
MANIFEST = "backup.json"


def write_backup(app: App, to: Path) -> Path:
    """Write a consistent copy of the database and the versions while the program runs."""
    if to.exists() and any(to.iterdir()):
        raise DataFolderFault(f"{to} is not empty: a backup goes into a new folder")
    with in_words(to):
        make_folder(to)
    app.database.copy_to(to / DATABASE)
    with in_words(to):
        (to / DATABASE).chmod(OWN_FILE)
        for version in _published(to / DATABASE):
            _copy_version(app.files / version, to / VERSIONS / version)
        files = {name: _hash(to / name) for name in _files(to)}
        write_new(to / MANIFEST, canonical({"files": files}).encode())
    return to


def _published(copy: Path) -> list[str]:
    """Return the versions that the copied database knows as published: their files never change."""
    database = open_database(sqlite_url(copy))
    try:
        with database.reading() as connection:
            known = versions.versions(connection)
    finally:
        database.close()
    return [each.number for each in known if each.state is VersionState.PUBLISHED]


def _copy_version(folder: Path, to: Path) -> None:
    """Copy the files that a published version's manifest names, and the manifest."""
    manifest = (folder / VERSION_MANIFEST).read_bytes()
    make_folder(to.parent)
    make_folder(to)
    for name in json.loads(manifest)["files"]:
        write_new(_inside(to, name), (folder / name).read_bytes())
    write_new(to / VERSION_MANIFEST, manifest)


def _inside(folder: Path, name: str) -> Path:
    """Return a file of a folder by its name, which may not lead out of it."""
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise DataFolderFault(f"'{name}' leads out of {folder}: nothing was written")
    return file


def put_back(folder: Path, data: Path, url: str | None = None) -> None:
    """Put a backup into an empty data folder, after checking every file against its hash.

    url: the empty database into which the log goes, where it is not the file of the folder.
    """
    if data.exists() and any(data.iterdir()):
        raise DataFolderFault(f"{data} is not empty: a backup is restored into a new folder")
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise DataFolderFault(f"{folder} is no backup: {error}") from error
    for name, digest in files.items():
        file, _ = _inside(folder, name), _inside(data, name)
        if not file.is_file() or _hash(file) != digest:
            raise DataFolderFault(f"{folder / name} is not what was backed up")
    with in_words(data):
        make_folder(data)
        for name in files:
            for inner in reversed(Path(name).parents):
                make_folder(data / inner)
            write_new(data / name, (folder / name).read_bytes())
    if url is not None and database_file(url) is None:
        _move_in(data / DATABASE, url)


def _move_in(file: Path, url: str) -> None:
    with (
        closing(open_database(sqlite_url(file))) as restored,
        closing(open_database(url)) as database,
    ):
        copy_rows(restored, database)
    for end in ("", WAL, "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)


def _files(folder: Path) -> list[str]:
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
