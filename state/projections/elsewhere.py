"""From facts to the table of what other reviews include."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from state import tables as t
from state.facts import SisterListTaken, Stored
from state.projections.rows import add, projects


@projects(SisterListTaken)
def _sister_list_taken(connection: Connection, event: Stored[SisterListTaken]) -> None:
    """Keep the list that was taken last."""
    fact = event.fact
    connection.execute(delete(t.sister_list).where(t.sister_list.c.sister == fact.sister))
    add(connection, t.sister_list, sister=fact.sister, data=fact.canonical_text(), at=event.at)
