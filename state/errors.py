"""What can go wrong with what we know, split by what the caller should do next."""

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
