"""Safety copies: a backup of everything but keys and settings, and both copies put back.

A backup is of one moment: the database is copied first, and what it knows as published never
changes. Whoever puts a copy back looks at the whole of it in a place of its own before the data
folder holds anything.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from bot.app import App
from bot.report.copied_versions import copy_versions
from bot.report.open_formats import ANSWERS, EXPORT, LOG, PAYLOADS
from bot.report.published_files import verify_versions
from bot.report.signed_copy import SignedCopy, check_name, read_copy, write_manifest
from state.codec import Json, instant
from state.data_folder import WAL, database_file
from state.database import copy_rows, open_database, sqlite_url
from state.errors import BadInput, DataFolderFault, NotFound
from state.events import head
from state.files import OWN_FILE, PARTIAL, VERSIONS, in_words, make_folder, write_new
from state.restoring import restore_log
from state.verify import verify

DATABASE = "review.sqlite"
MANIFEST = "backup.json"


@dataclass(frozen=True, slots=True)
class CopyRestored:
    """What came of a copy. signed_by: the key of it, None of an older one without a signature.

    left: files beside it that nobody named; lost: events that were sealed in an export.
    """

    signed_by: str | None
    left: tuple[str, ...]
    lost: tuple[int, ...]


def write_backup(app: App, to: Path) -> Path:
    """Write a consistent copy of the database and the versions while the program runs."""
    if to.exists() and any(to.iterdir()):
        raise DataFolderFault(f"{to} is not empty: a backup goes into a new folder")
    with in_words(to):
        make_folder(to)
    app.database.copy_to(to / DATABASE)
    with in_words(to):
        (to / DATABASE).chmod(OWN_FILE)
        log = _copy_versions_known_to(to / DATABASE, app.files, to)
        write_manifest(app, to, MANIFEST, log)
    return to


def _copy_versions_known_to(file: Path, files: Path, to: Path) -> tuple[int, str]:
    """Copy what a database knows as published; return the number and hash of its last event."""
    database = open_database(sqlite_url(file))
    with closing(database), database.reading() as connection:
        copy_versions(connection, files, to)
        return head(connection)


def put_back(
    folder: Path, data: Path, url: str | None = None, *, signed_by: str | None = None
) -> CopyRestored:
    """Put a backup or an export into an empty data folder, after looking at all of it.

    url: the empty database into which the log goes, where it is not the file of the folder.
    signed_by: the id of the key that must have signed it.
    """
    if data.exists() and any(each.suffix != PARTIAL for each in data.iterdir()):
        raise DataFolderFault(f"{data} is not empty: a backup is restored into a new folder")
    if not folder.is_dir():
        raise NotFound("folder with a backup or an export", str(folder))
    name = EXPORT if (folder / EXPORT).is_file() else MANIFEST
    found = read_copy(folder, name)
    _check(found, signed_by)
    with in_words(data), _staged(data) as stage:
        lost = _rebuild(folder, stage) if name == EXPORT else _copy(folder, found, stage)
        _check_whole(stage)
        if url is not None and database_file(url) is None:
            _move_in(stage / DATABASE, url)
        make_folder(data)
        for each in sorted(stage.iterdir()):
            shutil.move(each, data / each.name)
    return CopyRestored(found.signed_by, found.left, lost)


def _check(found: SignedCopy, signed_by: str | None) -> None:
    """Refuse a copy that is not what was written, naming each file, or is signed by another."""
    faults = list(found.faults)
    if signed_by is not None and found.signed_by != signed_by:
        by = f"signed by {found.signed_by}" if found.signed_by else "not signed"
        faults.insert(0, f"it is {by}, expected the key {signed_by}")
    if faults:
        raise DataFolderFault("\n".join([*faults, "nothing was written"]))


@contextmanager
def _staged(data: Path) -> Iterator[Path]:
    """Give a folder on the disk of the data folder; it is taken away after."""
    beside = data if data.exists() else data.parent
    make_folder(beside)
    stage = Path(mkdtemp(prefix="restore-", suffix=PARTIAL, dir=beside))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _copy(folder: Path, found: SignedCopy, stage: Path) -> tuple[int, ...]:
    for name in found.files:
        top, *rest = name.split("/")
        if not (name == DATABASE or (top == VERSIONS and rest)):
            raise DataFolderFault(f"'{name}' is no file of a backup; nothing was written")
        make_folder((stage / name).parent)
        write_new(stage / name, (folder / name).read_bytes())
    return ()


def _rebuild(folder: Path, stage: Path) -> tuple[int, ...]:
    """Make the database of an export's log and answers; copy its versions."""
    with closing(open_database(sqlite_url(stage / DATABASE))) as database:
        at = instant(datetime.now(UTC))
        lost = restore_log(database, _lines(folder / LOG), _answers(folder), at=at)
        (stage / DATABASE).chmod(OWN_FILE)
        with database.reading() as connection:
            copy_versions(connection, folder / VERSIONS, stage)
    return lost


def _lines(file: Path) -> Iterator[Json]:
    with file.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield dict(json.loads(line))
            except (ValueError, TypeError) as error:
                raise BadInput(f"{file} line {number}: found no JSON object ({error})") from error


def _answers(folder: Path) -> Iterator[tuple[bytes, str]]:
    for line in _lines(folder / ANSWERS):
        name = f"{PAYLOADS}/{line['sha256']}"
        check_name(name, folder)
        yield (folder / name).read_bytes(), str(line["media_type"])


def _check_whole(stage: Path) -> None:
    """Replay what is to be put back and look at every published file, before it is anywhere."""
    with closing(open_database(sqlite_url(stage / DATABASE))) as database:
        faults = [*verify(database).faults, *verify_versions(database, stage / VERSIONS)[1]]
    if faults:
        raise DataFolderFault("\n".join([*faults, "nothing was written"]))


def _move_in(file: Path, url: str) -> None:
    with (
        closing(open_database(sqlite_url(file))) as restored,
        closing(open_database(url)) as database,
    ):
        copy_rows(restored, database)
    for end in ("", WAL, "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
