"""Whether anybody has committed to the database, asked without a lock and almost for nothing."""

from __future__ import annotations

from state.database import Database

# The number of commits by other connections; on PostgreSQL the next number of a writer.
QUESTIONS = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text",
}


class Changes:
    """Remembers what was seen; of one thread, with a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._connection = database.reader.raw_connection()
        self._question = QUESTIONS[database.reader.dialect.name]
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
