"""Ask a source what its strategy finds."""

from __future__ import annotations

from bot.app import App
from bot.protocol import SourcePlan
from bot.sources.answer import Answer, Progress
from bot.sources.ctgov import search_ctgov
from bot.sources.pubmed import search_pubmed

TOOL = "living-review-bot"


def ask(app: App, plan: SourcePlan, progress: Progress) -> Answer:
    """Run a source's strategy; raise SourceError where the answer cannot be believed."""
    query, config = app.review.queries[plan.id], app.config
    if plan.kind == "pubmed":
        return search_pubmed(
            app.doors["pubmed"],
            config.pubmed.url,
            query,
            email=config.email,
            api_key=config.ncbi_api_key,
            tool=TOOL,
            today=app.clock.now().date(),
            progress=progress,
        )
    return search_ctgov(app.doors["ctgov"], config.ctgov.url, query, progress=progress)
