"""A data folder as a program finds it: open to its owner only, and never begun anew over a loss."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from state.errors import DataFolderFault, LogMissing
from state.files import KEY_FILE, MAILBOX, OTHERS, OWN_FILE, OWN_FOLDER, STATUS, VERSIONS, in_words

WAL = "-wal"


def make_data_folder(data: Path) -> None:
    """Make a data folder where it is not there."""
    try:
        data.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderFault(f"cannot use the data folder {data}: {error}") from error


def make_database_file(data: Path, url: str) -> None:
    """Make the file of a SQLite database, for its owner only, in a folder that has lost none."""
    file = database_file(url)
    if file is None or (file.is_file() and file.stat().st_size):
        return
    check_no_log_is_lost(data, str(file))
    if file.with_name(file.name + WAL).is_file() and not file.exists():
        raise LogMissing(str(file), f"{file.name}{WAL}")
    if file.parent.is_dir():
        with in_words(file):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, OWN_FILE))


def check_no_log_is_lost(data: Path, log: str) -> None:
    """Raise LogMissing where a folder without a log holds what only one can account for."""
    for name in (KEY_FILE, VERSIONS, MAILBOX):
        found = data / name
        if found.is_file() or (found.is_dir() and any(found.iterdir())):
            raise LogMissing(log, name)


def database_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None where another server keeps it."""
    parts = make_url(url)
    name = parts.database
    if parts.get_backend_name() != "sqlite" or not name or name.startswith((":", "file:")):
        return None
    return Path(name)


def close_to_others(data: Path, url: str) -> bool:
    """Take from others what they may do in a data folder; return whether there was anything.

    A folder that everybody shares (such as /tmp) is nobody's to close: the files in it are closed.
    """
    shared = bool(data.stat().st_mode & stat.S_ISVTX)
    if not shared and not open_to_others(data):
        return False
    found = [each for each in (*_ours(data, url), data) if open_to_others(each)]
    for each in found:
        if each != data or not shared:
            each.chmod(OWN_FOLDER if each.is_dir() else OWN_FILE)
    return bool(found)


def open_to_others(place: Path) -> bool:
    """Whether somebody else may read, write or enter a file or folder."""
    return not place.is_symlink() and bool(place.stat().st_mode & OTHERS)


def _ours(data: Path, url: str) -> Iterator[Path]:
    file = database_file(url)
    if file is not None:
        yield from (each for end in ("", WAL, "-shm") if (each := Path(f"{file}{end}")).exists())
    if (data / KEY_FILE).exists():
        yield data / KEY_FILE
    for name in (VERSIONS, MAILBOX, STATUS):
        yield from (data / name).rglob("*")
        if (data / name).exists():
            yield data / name
