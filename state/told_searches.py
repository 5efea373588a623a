"""What people told of their searches by hand, beside the runs that stored what came of them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from state import runs
from state import tables as t
from state.events import Ledger
from state.facts import HandSearchTold
from state.facts.words import RunStatus
from state.readings import read_once
from state.values import MadeSearch


def tell_search(ledger: Ledger, told: HandSearchTold) -> None:
    """Store what a person tells of a search by hand."""
    ledger.record(told)


def told_of(connection: Connection, run: str) -> HandSearchTold | None:
    """Return what was told last of a search by hand."""
    query = select(t.hand_search.c.data).where(t.hand_search.c.run == run)
    found = connection.execute(query).scalar()
    return HandSearchTold.model_validate_json(found) if found is not None else None


@read_once
def made_searches(connection: Connection, source: str) -> tuple[MadeSearch, ...]:
    """Return the whole searches of a source, those of the newest day they were made on first."""
    query = select(t.hand_search.c.run, t.hand_search.c.data).where(
        t.hand_search.c.source == source
    )
    told = {
        row.run: HandSearchTold.model_validate_json(row.data) for row in connection.execute(query)
    }
    found = runs.search_runs(connection, source, status=RunStatus.OK)
    newest = sorted(found, key=lambda run: (run.started_at, run.finished_at, run.id), reverse=True)
    return tuple(MadeSearch(run, told.get(run.id)) for run in newest)
