"""The files of a data folder: written whole or not at all, and for nobody else to read.

A file is written beside its place, under a name that says which process writes it, and moved there.
What a process that died has left beside is swept away at the next start.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, unquote

from state.errors import DataFolderFault, DiskFull, ReadOnlyData
from state.processes import lives, this_holder

VERSIONS, MAILBOX, STATUS, AMENDMENTS = "versions", "mailbox", "status", "amendments"
ALERTS = "alerts"
KEY_FILE = "certificate.key"
PARTIAL = ".part"
# ".new": what programs up to 0.2.0 called a file that was not yet in its place.
LEFT_BEHIND = (PARTIAL, ".new")
OWN_FILE, OWN_FOLDER, OTHERS = 0o600, 0o700, 0o077


def write_whole(place: Path, body: bytes) -> None:
    """Write a file: whole, durable and readable by its owner only, or not at all."""
    with in_words(place):
        make_folder(place.parent)
        partial = beside(place)
        with _or_nothing(partial):
            write_new(partial, body)
            os.replace(partial, place)
        make_durable(place.parent)


def write_folder(place: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files whole, in the place of one that may be there."""
    with in_words(place):
        make_folder(place.parent)
        partial = beside(place)
        shutil.rmtree(partial, ignore_errors=True)
        with _or_nothing(partial):
            make_folder(partial)
            for name, body in files.items():
                write_new(partial / name, body)
            shutil.rmtree(place, ignore_errors=True)
            os.replace(partial, place)
        make_durable(place.parent)


@contextmanager
def _or_nothing(partial: Path) -> Iterator[None]:
    """Take away what was written where the rest could not be: on a full disk it takes room."""
    try:
        yield
    except OSError:
        _remove(partial)
        raise


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may look into, where it is not there."""
    folder.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)


def write_new(file: Path, body: bytes) -> None:
    """Write a file that only its owner may read, and return when it is on the disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWN_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())


def beside(place: Path) -> Path:
    """Return where a file is written before it is moved to its place."""
    return place.with_name(f"{place.name}~{quote(this_holder(), safe='')}{PARTIAL}")


def sweep(data: Path) -> None:
    """Take away what was being written by processes that are no more."""
    for folder in (data, *(data / name for name in (VERSIONS, MAILBOX, STATUS, AMENDMENTS))):
        for suffix in LEFT_BEHIND:
            for left in folder.glob(f"*{suffix}"):
                if _is_nobodys(left):
                    _remove(left)


def _is_nobodys(left: Path) -> bool:
    """Whether the process that wrote a file has died; this one has just begun and writes none."""
    _, _, holder = left.stem.rpartition("~")
    owner = unquote(holder)
    return owner.count(":") != 2 or owner == this_holder() or not lives(owner)


def _remove(left: Path) -> None:
    with suppress(OSError):  # what cannot be taken away is in nobody's way
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def make_durable(folder: Path) -> None:
    """Have the names in a folder on the disk; where folders cannot be opened the system does it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def in_words(place: Path) -> Iterator[None]:
    """Turn what the system says of a file into what a person can do."""
    try:
        yield
    except OSError as error:
        raise file_fault(error, place) from error


def file_fault(error: OSError, place: Path) -> DataFolderFault:
    """Return the fault that an error of the system is."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(str(place))
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ReadOnlyData(str(place))
    return DataFolderFault(f"{place}: {error.strerror or error}")
