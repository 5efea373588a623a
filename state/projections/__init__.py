"""From facts to the tables that answer queries.

Each projector takes one fact of the log and brings its tables up to date, from the fact alone:
replaying the log into an empty database gives the same rows, which is what `verify` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from state.projections import review, surveillance
from state.projections.fact import Fact

__all__ = ["Fact", "apply"]

_PROJECTORS: Mapping[str, Callable[[Connection, Fact], None]] = {
    **review.PROJECTORS,
    **surveillance.PROJECTORS,
}


def apply(connection: Connection, fact: Fact) -> None:
    """Bring every table that this kind of fact touches up to date."""
    _PROJECTORS[fact.kind](connection, fact)
