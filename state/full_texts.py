"""Where services know full texts: what each answered last about a document."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from state import tables as t
from state.events import Ledger
from state.facts import FullTextLocated


@dataclass(frozen=True, slots=True)
class KeptLocations:
    """What a service answered at an instant."""

    located: FullTextLocated
    at: str


def keep_locations(ledger: Ledger, located: FullTextLocated) -> None:
    """Store what a service answered about a document."""
    ledger.record(located)


def locations_known(connection: Connection, doi: str) -> dict[str, KeptLocations]:
    """Return service → what it answered last about a document."""
    query = select(t.full_text).where(t.full_text.c.doi == doi).order_by(t.full_text.c.service)
    return {
        row.service: KeptLocations(FullTextLocated.model_validate_json(row.data), row.at)
        for row in connection.execute(query)
    }
