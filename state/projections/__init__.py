"""From facts to the tables that answer queries.

Each projector takes one fact of the log and brings its tables up to date, from the fact alone:
replaying the log into an empty database gives the same rows, which is what `verify` does.
"""

from __future__ import annotations

from sqlalchemy import Connection

from state.facts import Fact, Stored
from state.projections import extraction, people, publication, screening, surveillance
from state.projections.rows import PROJECTORS

__all__ = ["PROJECTORS", "apply", "extraction", "people", "publication", "screening"]
__all__ += ["surveillance"]


def apply(connection: Connection, event: Stored[Fact]) -> None:
    """Bring every table that this type of fact touches up to date."""
    PROJECTORS[type(event.fact)](connection, event)
