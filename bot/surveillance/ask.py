"""Ask a source what its strategy finds."""

from __future__ import annotations

from collections.abc import Callable

from bot.app import App
from bot.config import revealed
from bot.errors import AskingFailed, SourceError
from bot.review.citation_seeds import SeedPlan, parse_seeds, seeds
from bot.review.protocol import SourcePlan
from bot.sources.answer import Progress, SourceAnswer, silent
from bot.sources.crossref.search import search_crossref
from bot.sources.ctgov.search import search_ctgov
from bot.sources.europepmc.search import search_europepmc
from bot.sources.openalex.search import chase_openalex
from bot.sources.pubmed.search import search_pubmed
from bot.surveillance.adopted_strategies import query_in_force
from state import extractions, records
from state.errors import StateError
from state.screening import StudyStatus

TOOL = "living-review-bot"
DOI = "doi:"
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
        return _ASKS[plan.kind](app, query, progress)
    except (SourceError, StateError):
        raise
    except Exception as error:
        reason = f"stopped by what was not foreseen ({type(error).__name__}: {error})"
        raise AskingFailed(plan.name, reason[:LONGEST_REASON]) from error


def _pubmed(app: App, query: str, progress: Progress) -> SourceAnswer:
    config = app.config
    return search_pubmed(
        app.clients["pubmed"],
        config.pubmed.url,
        query,
        email=config.email,
        api_key=revealed(config.ncbi_api_key),
        tool=TOOL,
        today=app.clock.now().date(),
        progress=progress,
    )


def _ctgov(app: App, query: str, progress: Progress) -> SourceAnswer:
    return search_ctgov(app.clients["ctgov"], app.config.ctgov.url, query, progress=progress)


def _europepmc(app: App, query: str, progress: Progress) -> SourceAnswer:
    client, url = app.clients["europepmc"], app.config.europepmc.url
    return search_europepmc(client, url, query, progress=progress)


def _openalex(app: App, strategy: str, progress: Progress) -> SourceAnswer:
    plan = parse_seeds(strategy)
    return chase_openalex(
        app.clients["openalex"],
        app.config.openalex.url,
        _seeds(app, plan),
        now=app.clock.now(),
        api_key=revealed(app.config.openalex_api_key),
        citing_since=plan.citing_since,
        progress=progress,
    )


def _crossref(app: App, strategy: str, progress: Progress) -> SourceAnswer:
    named = _seeds(app, parse_seeds(strategy))
    dois = [each.removeprefix(DOI) for each in named if each.startswith(DOI)]
    client, config = app.clients["crossref"], app.config
    return search_crossref(client, config.crossref.url, dois, email=config.email, progress=progress)


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


_ASKS: dict[str, Callable[[App, str, Progress], SourceAnswer]] = {
    "pubmed": _pubmed,
    "ctgov": _ctgov,
    "europepmc": _europepmc,
    "openalex": _openalex,
    "crossref": _crossref,
}
