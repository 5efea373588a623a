"""Look at a live service: the source's own questions, and the review's search, held against what
the program assumes. Nothing is stored."""

from __future__ import annotations

from bot.app import App
from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.catalogue import SOURCES
from bot.sources.live_look import ProbeQuestion, ProbeSeen, look
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.ask import ask_for, bare_question
from extraction.record_keys import own_ids
from state.errors import NotFound


def probe(app: App, name: str) -> tuple[ProbeSeen, ...]:
    """Ask a service what could not be asked before; raise NotFound for a source nobody knows."""
    if name not in SOURCES:
        raise NotFound("automatic source", name)
    source = SOURCES[name]
    own = source.own("probe:questions")
    asked = own(bare_question(app, source)) if own is not None else ()
    plans = [plan for plan in app.protocol.sources if plan.kind == source.id]
    return look((*asked, *(_whole_search(app, plan) for plan in plans)))


def _whole_search(app: App, plan: SourcePlan) -> ProbeQuestion:
    known = [item.id for item in app.review.known_items if plan.id in item.sources]

    def ask() -> str:
        with app.database.reading() as connection:
            query = query_in_force(app, connection, plan.id)
        return _words(ask_for(app, plan, query), known)

    assumed = f"a whole answer, with all of {len(known)} known items" if known else "a whole answer"
    return ProbeQuestion("the search in force", assumed, ask)


def _words(answer: SourceAnswer, known: list[str]) -> str:
    found = {name for record in answer.records for name in own_ids(record)}
    missing = [name for name in known if name not in found]
    said = f"{answer.found} records, {answer.pages} pages, {answer.requests} requests"
    lost = f"; known items not found: {', '.join(missing)}" if missing else ""
    return "; ".join([f"{said}{lost}", *answer.problems, *answer.warnings])
