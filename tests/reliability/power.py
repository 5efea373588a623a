"""A model of the power cut: what was not made durable when it comes is gone.

`kill -9` leaves what a process handed to the system; a power cut does not. So every write is kept
in mind with what it overwrote until the file is synced, and a cut undoes what is still in mind,
the newest first. SQLite's writes are seen by a VFS that stands around its own (by ctypes, in the
very library that Python's sqlite3 uses); Python's by its audit hook and by `os.fsync`. A file of
Python's that was never synced is empty after the cut, as on ext4 and XFS; one that was moved to a
name in a folder that was never synced bears its old name.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections import defaultdict
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

OK = 0
NAME = b"cut"


class NoPowerToCut(Exception):
    """This Python hides its SQLite, so that its writes cannot be watched."""


class _Methods(Structure):
    """sqlite3_io_methods, its first version's part and what may follow."""


Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Read = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)
Size = CFUNCTYPE(c_int, c_void_p, POINTER(c_int64))
_Methods._fields_ = [
    ("version", c_int),
    ("close", c_void_p),
    ("read", Read),
    ("write", Write),
    ("truncate", Truncate),
    ("sync", Sync),
    ("size", Size),
    # lock, unlock, check, control, sector, traits; shm: map, lock, barrier, unmap; fetch, unfetch
    ("rest", c_void_p * 12),
]


class _File(Structure):
    """sqlite3_file: what every VFS begins its own with."""

    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(Structure):
    """sqlite3_vfs."""


# The name as a pointer: SQLite keeps it, and reads on behind it.
Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Vfs._fields_ = [
    ("version", c_int),
    ("file_size", c_int),
    ("longest_path", c_int),
    ("next", c_void_p),
    ("name", c_char_p),
    ("data", c_void_p),
    ("open", Open),
    # delete, access, full path, 4 × dl, randomness, sleep, time, error, time 64, 3 × system calls
    ("rest", c_void_p * 15),
]


@dataclass(frozen=True, slots=True)
class _Moved:
    """A file or folder that was moved to a name; what the name stood for before, where a file."""

    source: str
    target: str
    before: bytes | None


@dataclass(frozen=True, slots=True)
class _Undo:
    """What a write destroyed: the bytes that stood there, and how long the file was."""

    at: int
    bytes: bytes
    length: int


class _Disk:
    """What this process wrote and has not made durable."""

    def __init__(self) -> None:
        self.database: defaultdict[str, list[_Undo]] = defaultdict(list)
        self.files: set[str] = set()
        self.moved: list[_Moved] = []
        self.alive: list[Any] = []  # what SQLite points to must not be collected

    def lose(self) -> None:
        """Undo it."""
        for file, undone in self.database.items():
            if os.path.exists(file):
                _undo(file, undone)
        for file in self.files:
            if os.path.isfile(file):
                os.truncate(file, 0)
        for each in reversed(self.moved):
            _move_back(each)


_disk = _Disk()


def _undo(file: str, undone: list[_Undo]) -> None:
    descriptor = os.open(file, os.O_RDWR)
    for each in reversed(undone):
        os.pwrite(descriptor, each.bytes, each.at)
        os.ftruncate(descriptor, each.length)
    os.close(descriptor)


def _move_back(moved: _Moved) -> None:
    if os.path.exists(moved.target):
        os.rename(moved.target, moved.source)
    if moved.before is not None:
        Path(moved.target).write_bytes(moved.before)


def cut() -> None:
    """Cut the power of this process: it ends, and what was not durable is gone."""
    _disk.lose()
    os.kill(os.getpid(), signal.SIGKILL)


def watch(data: Path) -> None:
    """Keep in mind what is written from now on. Before any database is opened."""
    _watch_sqlite()
    _watch_python(str(data.resolve()))


def can_be_cut() -> bool:
    """Whether this Python lets its SQLite be watched."""
    try:
        _library().sqlite3_vfs_find.restype = c_void_p
    except (NoPowerToCut, AttributeError):
        return False
    return True


def _library() -> ctypes.CDLL:
    """Return the SQLite that Python's sqlite3 is linked with."""
    file = getattr(import_module("_sqlite3"), "__file__", None)
    try:
        return ctypes.CDLL(file)
    except OSError as error:
        raise NoPowerToCut(f"{file}: {error}") from error


def _watch_sqlite() -> None:
    library = _library()
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [c_char_p]
    library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
    own = library.sqlite3_vfs_find(None).contents
    mine = _Vfs()
    ctypes.memmove(byref(mine), byref(own), ctypes.sizeof(_Vfs))
    theirs = own.open

    def opened(_vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = theirs(ctypes.addressof(own), name, file, flags, out)
        if code == OK and name is not None:
            _stand_around(cast(file, POINTER(_File)).contents, ctypes.string_at(name).decode())
        return code

    mine.name, mine.open = NAME, Open(opened)
    _disk.alive += [mine, own, theirs]
    if library.sqlite3_vfs_register(byref(mine), 1) != OK:
        raise NoPowerToCut("SQLite takes no VFS of another")


def _stand_around(file: _File, name: str) -> None:
    """Have one open file's writes, truncations and syncs pass by us."""
    own = file.methods.contents
    mine = _Methods()
    ctypes.memmove(byref(mine), byref(own), _size_of(own.version))
    undone = _disk.database[name]

    def keep(handle: int, at: int, many: int) -> None:
        length = c_int64()
        own.size(handle, byref(length))
        held = max(0, min(many, length.value - at))
        buffer = ctypes.create_string_buffer(held or 1)
        if held:
            own.read(handle, ctypes.addressof(buffer), held, at)
        undone.append(_Undo(at, buffer.raw[:held], length.value))

    def write(handle: int, source: int, many: int, at: int) -> int:
        keep(handle, at, many)
        return int(own.write(handle, source, many, at))

    def truncate(handle: int, length: int) -> int:
        whole = c_int64()
        own.size(handle, byref(whole))
        keep(handle, length, max(0, whole.value - length))
        return int(own.truncate(handle, length))

    def sync(handle: int, flags: int) -> int:
        code = int(own.sync(handle, flags))
        undone.clear()
        _disk.files.discard(name)
        return code

    mine.write, mine.truncate, mine.sync = Write(write), Truncate(truncate), Sync(sync)
    _disk.alive += [mine, own]
    file.methods = ctypes.pointer(mine)


def _size_of(version: int) -> int:
    """Return how long a table of methods of this version is."""
    rest = {1: 6, 2: 10}.get(version, 12)
    return int(_Methods.rest.offset + rest * ctypes.sizeof(c_void_p))


def _watch_python(data: str) -> None:
    durable, moved = os.fsync, os.replace

    def opened(name: str, about: tuple[Any, ...]) -> None:
        if name != "open" or not str(about[0]).startswith(data):
            return
        flags = int(about[2])
        if flags & os.O_TRUNC or (flags & os.O_CREAT and not os.path.exists(about[0])):
            _disk.files.add(str(about[0]))

    def fsync(descriptor: int) -> None:
        durable(descriptor)
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        _disk.files.discard(name)
        _disk.moved = [each for each in _disk.moved if os.path.dirname(each.target) != name]

    def replace(source: Any, target: Any) -> None:
        before = Path(target).read_bytes() if os.path.isfile(target) else None
        moved(source, target)
        _disk.moved.append(_Moved(str(source), str(target), before))
        if str(source) in _disk.files:
            _disk.files.discard(str(source))
            _disk.files.add(str(target))

    sys.addaudithook(opened)
    os.fsync = fsync  # type: ignore[assignment]
    os.replace = replace  # type: ignore[assignment]
