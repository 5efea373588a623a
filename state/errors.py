"""What can go wrong with what we know, split by what the caller should do next.

StateError
├── NotFound            the thing named does not exist: correct the name
├── NotAllowed          this person, or not now: the message says who may
├── BadInput            contradicts itself or what is known: correct it
├── LeaseLost           another process took the work over: drop what was done
├── Tampered            not what the log says it should be: restore a backup
├── DataFolderFault     the data folder cannot be used: the message says what to do
│   ├── DiskFull        make room
│   ├── ReadOnlyData    let this program write
│   ├── DatabaseLocked  wait for the other program, or end it
│   ├── DatabaseDamaged restore a backup
│   └── LogMissing      restore a backup: what belongs to a log is there, the log is not
└── UnreadableLog       an event that this program cannot read
    ├── UnknownFact     a kind that this program does not know: update it
    ├── NewerFact       a later version of a known kind: update it
    └── BrokenFact      a field is missing or of another type: restore a backup
"""

from __future__ import annotations


class StateError(Exception):
    """The root of this package's errors; its message is fit to be shown to a person."""


class NotFound(StateError):
    """The thing named does not exist: correct the name."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"no {what} '{name}'")


class NotAllowed(StateError):
    """This person may not do this, or not now: the message says who may."""


class BadInput(StateError):
    """What was handed in contradicts itself or what is known: correct it and hand it in again."""


class LeaseLost(StateError):
    """Another process took the work over while this one was slow: drop what was done."""


class Tampered(StateError):
    """The log, a table or a file is not what the log says it should be: restore a backup."""


class DataFolderFault(StateError):
    """The data folder cannot be used: the message says why and what to do."""


class DiskFull(DataFolderFault):
    """There is no room to write: make some; nothing of what was being stored was stored."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place}: the disk is full; what was being stored was not stored, all before it is"
            " safe: make room and do it again"
        )


class ReadOnlyData(DataFolderFault):
    """The program may not write here: let it."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place}: cannot be written; let the user that runs this program write to the data"
            " folder and all that is in it, and do it again"
        )


class DatabaseLocked(DataFolderFault):
    """Another process held the database for longer than this one waits: try again."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place}: another program has held the database for too long; nothing was stored:"
            " try again, and end that program if it lasts"
        )


class DatabaseDamaged(DataFolderFault):
    """The database is not whole: restore a backup."""

    def __init__(self, place: str, found: str) -> None:
        super().__init__(
            f"{place}: the database is damaged ({found}); put it aside and restore a backup into a"
            " new data folder: `livingreview restore BACKUP --data FOLDER`"
        )


class LogMissing(DataFolderFault):
    """Files that only a log can account for are there, and the log is not: restore a backup."""

    def __init__(self, place: str, found: str) -> None:
        super().__init__(
            f"{place}: is missing or empty, but the data folder holds {found}; nothing is begun"
            " over it: restore a backup into a new data folder"
            " (`livingreview restore BACKUP --data FOLDER`), or name an empty one to begin anew"
        )


class UnreadableLog(StateError):
    """An event of the log cannot be read: the message names it and says what to do."""

    def __init__(self, seq: int, kind: str, found: str, to_do: str) -> None:
        super().__init__(f"event {seq} ({kind}): {found}; {to_do}")
        self.seq = seq


class UnknownFact(UnreadableLog):
    """The log holds a kind of event that this program does not know: update the program."""

    def __init__(self, seq: int, kind: str) -> None:
        found = "this program does not know this kind of event"
        super().__init__(seq, kind, found, "it was written by a newer program: update this one")


class NewerFact(UnreadableLog):
    """The log holds a later version of a known kind of event: update the program."""

    def __init__(self, seq: int, kind: str, version: int, known: int) -> None:
        found = f"found version {version}, expected at most {known}"
        super().__init__(seq, kind, found, "it was written by a newer program: update this one")


class BrokenFact(UnreadableLog):
    """An event's fields are not those of its kind and version: restore a backup."""

    def __init__(self, seq: int, kind: str, faults: str) -> None:
        to_do = "run `livingreview verify`, and restore a backup if it finds the log changed"
        super().__init__(seq, kind, faults, to_do)
