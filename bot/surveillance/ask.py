"""Ask a source what its strategy finds."""

from __future__ import annotations

from dataclasses import replace

from bot.app import App
from bot.config import revealed
from bot.errors import AskingFailed, SourceError
from bot.review.citation_seeds import SeedPlan, parse_seeds, seeds
from bot.review.protocol import SourcePlan
from bot.sources.answer import Progress, SourceAnswer, silent
from bot.sources.catalogue import SOURCES
from bot.sources.question import Question
from bot.sources.source import Asks, Locator, Source
from bot.surveillance.adopted_strategies import query_in_force
from state import extractions, records
from state.errors import StateError
from state.screening import StudyStatus

LONGEST_REASON = 500  # signs: an error may quote a whole answer


def ask(app: App, plan: SourcePlan, progress: Progress) -> SourceAnswer:
    """Run a source's strategy in force; raise SourceError where the answer cannot be believed."""
    with app.database.reading() as connection:
        query = query_in_force(app, connection, plan.id)
    return ask_for(app, plan, query, progress)


def ask_for(app: App, plan: SourcePlan, query: str, progress: Progress = silent) -> SourceAnswer:
    """Ask a source one query, whether it is in force or not.

    Raises SourceError, whatever went wrong: a search that stops is stored as one that failed.
    """
    try:
        source = SOURCES[plan.kind]
        question = _question(app, source, query, progress)
        answer: SourceAnswer = source.part("search:search")(question)
    except (SourceError, StateError):
        raise
    except Exception as error:
        reason = f"stopped by what was not foreseen ({type(error).__name__}: {error})"
        raise AskingFailed(plan.name, reason[:LONGEST_REASON]) from error
    return answer


def bare_question(app: App, source: Source | Locator, progress: Progress = silent) -> Question:
    """Return whom to ask of a source, and in whose name, without what is asked."""
    config = app.config
    key = config.api_keys.get(source.api_key.setting) if source.api_key is not None else None
    return Question(
        client=app.clients[source.id],
        url=config.services[source.id].url,
        now=app.clock.now(),
        email=config.email,
        api_key=revealed(key),
        progress=progress,
    )


def _question(app: App, source: Source, strategy: str, progress: Progress) -> Question:
    question = bare_question(app, source, progress)
    if source.asks is not Asks.SEEDS:
        return replace(question, query=strategy)
    plan = parse_seeds(strategy)
    return replace(question, seeds=tuple(_seeds(app, plan)), citing_since=plan.citing_since)


def _seeds(app: App, plan: SeedPlan) -> list[str]:
    """Return the documents to start from, as they are known now."""
    with app.database.reading() as connection:
        included = [
            stored.study
            for stored in extractions.studies(connection)
            if stored.place is StudyStatus.INCLUDED
        ]
        linked = [
            each.record.ids
            for study in included
            for each in records.records_of_study(connection, study.id)
        ]
    return seeds(plan, included, linked)
