"""Whether anybody has committed to the database, asked without a lock and almost for nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from state.database import Database
from state.engines.engine import engine_of


class Changes:
    """Remembers what was seen; of one thread, with a connection of its own.

    A connection that is lost raises once, in words; the next question asks for a new one.
    """

    def __init__(self, database: Database) -> None:
        self._reader = database.reader
        self._question = engine_of(database.reader.url).CHANGES
        self._connection: Connection | None = None
        self._seen: object = None

    def new(self) -> bool:
        """Whether anybody, in this process or another, has committed since this was last asked."""
        if self._connection is None:
            self._connection = self._reader.connect()
        with self._connection.begin():
            found = self._connection.exec_driver_sql(self._question).scalar()
        before, self._seen = self._seen, found
        return bool(before != found)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
