"""What the program asks of each engine that can keep a review, and which ones there are."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from state.errors import DataFolderFault

NAMES = ("postgresql", "sqlite")


class EngineModule(Protocol):
    """What a module of this room says of its engine."""

    GUARDED: tuple[str, ...]  # what the triggers of an append-only table refuse
    CHANGES: str  # a question whose answer moves with every commit of others, and takes no lock

    def make_engine(self, url: URL, *, read_only: bool) -> Engine:
        """Return an engine that writes, or one that cannot."""

    def lock(self, connection: Connection) -> None:
        """Wait until this transaction alone may append to the log."""

    def finish_schema(self, connection: Connection, append_only: tuple[str, ...]) -> None:
        """Do after every migration what the migrations cannot say for all engines."""

    def guards(self, connection: Connection) -> set[str]:
        """Return the names of the triggers that are there and fire."""

    def file_faults(self, connection: Connection) -> list[str]:
        """Name what the engine finds damaged in its own files."""


def engine_of(url: URL) -> EngineModule:
    """Return the module of an address's engine, loaded only now: each costs a command its start."""
    name = url.get_backend_name()
    if name not in NAMES:
        raise DataFolderFault(
            f"the address of the database names '{name}', expected one of: {', '.join(NAMES)}"
        )
    return cast(EngineModule, import_module(f"state.engines.{name}"))
