"""The query of each source that is in force, and those that wait for an agreement."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from state import tables as t
from state.codec import Json
from state.events import Ledger
from state.facts import StrategyAdopted, StrategyProposed
from state.readings import read_once


@dataclass(frozen=True, slots=True)
class StoredStrategy:
    """One query of a source. id: the amendment's, or "SOURCE@first"; comparison: what it gains and
    loses against the one in force, None for the first."""

    id: str
    source: str
    query: str
    comparison: Json | None
    proposed_at: str
    adopted_at: str | None


def propose_strategy(
    ledger: Ledger, strategy_id: str, source: str, query: str, comparison: Json | None
) -> None:
    """Store a query that is not in force yet; the same proposal again changes nothing."""
    if find_strategy(ledger.connection, strategy_id) is None:
        ledger.record(
            StrategyProposed(
                strategy=strategy_id, source=source, query=query, comparison=comparison
            )
        )


def adopt_strategy(ledger: Ledger, strategy_id: str) -> None:
    """Put a proposed query in force."""
    ledger.record(StrategyAdopted(strategy=strategy_id))


def find_strategy(connection: Connection, strategy_id: str) -> StoredStrategy | None:
    """Return one strategy."""
    row = connection.execute(select(t.strategy).where(t.strategy.c.id == strategy_id)).first()
    return _stored(row) if row is not None else None


@read_once
def strategy_in_force(connection: Connection, source: str) -> StoredStrategy | None:
    """Return the query that was adopted last for a source."""
    column = t.strategy.c
    query = select(t.strategy).where(column.source == source, column.adopted_at.is_not(None))
    query = query.order_by(column.adopted_at.desc(), column.id.desc()).limit(1)
    row = connection.execute(query).first()
    return _stored(row) if row is not None else None


def sources_with_strategy(connection: Connection) -> frozenset[str]:
    """Return the sources for which any query was adopted."""
    adopted = select(t.strategy.c.source).where(t.strategy.c.adopted_at.is_not(None))
    return frozenset(connection.execute(adopted.distinct()).scalars())


def strategies(connection: Connection) -> tuple[StoredStrategy, ...]:
    """Return every query that was ever proposed, oldest first."""
    query = select(t.strategy).order_by(t.strategy.c.proposed_at, t.strategy.c.id)
    return tuple(_stored(row) for row in connection.execute(query))


def _stored(row: Row[tuple[object, ...]]) -> StoredStrategy:
    comparison = json.loads(row.comparison) if row.comparison is not None else None
    return StoredStrategy(
        row.id, row.source, row.query, comparison, row.proposed_at, row.adopted_at
    )
