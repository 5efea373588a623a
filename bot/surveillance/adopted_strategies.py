"""Which strategy of a source is in force, and which of the folder's waits for people to agree."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from bot.app import App
from bot.review.protocol import SourcePlan
from state import runs, strategies
from state.events import Ledger
from state.values import WorkKind


def adopt_first_strategies(app: App) -> None:
    """Put in force the folder's query of every source that has none yet."""
    with app.database.reading() as connection:
        having = strategies.sources_with_strategy(connection)
    missing = [plan for plan in app.protocol.sources if plan.id not in having]
    if not missing:
        return
    with app.ledger() as ledger:
        for plan in missing:
            name, text = f"{plan.id}@first", app.review.queries[plan.id]
            if strategies.find_strategy(ledger.connection, name) is None:
                strategies.propose_strategy(ledger, name, plan.id, text, None)
                strategies.adopt_strategy(ledger, name)


def query_in_force(app: App, connection: Connection, source: str) -> str:
    """Return the query that searches of a source run."""
    found = strategies.strategy_in_force(connection, source)
    return found.query if found is not None else app.review.queries[source]


def request_comparisons(app: App) -> None:
    """Ask for the comparison of every query of the folder that is neither in force nor proposed."""
    with app.database.reading() as connection:
        fresh = [
            name
            for plan in app.protocol.sources
            if _changed(app, connection, plan)
            and runs.find_work(connection, WorkKind.COMPARE, name := folders_amendment(app, plan))
            is None
        ]
    if not fresh:
        return
    with app.ledger() as ledger:
        for name in fresh:
            runs.enqueue(ledger.connection, WorkKind.COMPARE, name, due_at=ledger.at)


def amendment_id(source: str, query: str) -> str:
    """Name the amendment that would put a query in force."""
    return f"strategy-{source}-{hashlib.sha256(query.encode()).hexdigest()[:10]}"


def adopt_if_strategy(ledger: Ledger, amendment: str) -> None:
    """Put a strategy in force where it is one that an accepted amendment proposes."""
    if strategies.find_strategy(ledger.connection, amendment) is not None:
        strategies.adopt_strategy(ledger, amendment)


def waiting_strategies(app: App, connection: Connection) -> list[str]:
    """Say for which sources the folder's strategy is not the one in force, and why."""
    said = []
    for plan in app.protocol.sources:
        query = app.review.queries[plan.id]
        if query == query_in_force(app, connection, plan.id):
            continue
        name = amendment_id(plan.id, query)
        work = runs.find_work(connection, WorkKind.COMPARE, name)
        if strategies.find_strategy(connection, name) is not None:
            said.append(f"strategy of {plan.name}: the file differs from what is in force ({name})")
        elif work is not None and work.last_error:
            said.append(f"strategy of {plan.name}: not compared yet: {work.last_error}")
        else:
            said.append(f"strategy of {plan.name}: changed, to be compared")
    return said


def folders_amendment(app: App, plan: SourcePlan) -> str:
    return amendment_id(plan.id, app.review.queries[plan.id])


def _changed(app: App, connection: Connection, plan: SourcePlan) -> bool:
    query = app.review.queries[plan.id]
    if query == query_in_force(app, connection, plan.id):
        return False
    return strategies.find_strategy(connection, amendment_id(plan.id, query)) is None
