"""Statements are compiled once a process, whichever database of a kind they are for.

SQLAlchemy keeps what it compiled for each engine: the two of a database, those of the other reviews
of a program, and each database in which a log is replayed would compile the same statements anew.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.pool import NullPool
from sqlalchemy.util import LRUCache

KEPT = 1000  # as many as the two engines of one database would keep by themselves


class _CompiledOnce(LRUCache[Any, Compiled]):
    """What was compiled, by the kind of the database instead of by its engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what was compiled."""
        return super().get(_of_its_kind(key), default)

    def __setitem__(self, key: Any, value: Compiled) -> None:
        super().__setitem__(_of_its_kind(key), value)


def _of_its_kind(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, dialect.server_version_info, *rest)


# The execution options of every engine.
COMPILED_ONCE = {"compiled_cache": _CompiledOnce(KEPT)}


@cache
def replays() -> Engine:
    """Return the engine of databases for replays: each connection is a new, empty one.

    Nobody else sees it, and SQLite keeps what outgrows its memory in a file.
    """
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(""),
        poolclass=NullPool,
        execution_options=COMPILED_ONCE,
    )
