"""Whether anybody has committed to the database, asked without a lock and almost for nothing."""

from __future__ import annotations

from state.database import Database
from state.engines.engine import engine_of


class Changes:
    """Remembers what was seen; of one thread, with a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._connection = database.reader.raw_connection()
        self._question = engine_of(database.reader.url).CHANGES
        self._seen: object = None

    def new(self) -> bool:
        """Whether anybody, in this process or another, has committed since this was last asked."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._question)
            (found,) = cursor.fetchone() or (None,)
        finally:
            cursor.close()
        self._connection.rollback()
        before, self._seen = self._seen, found
        return bool(before != found)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
