"""Where Europe PMC knows a full text of a document."""

from __future__ import annotations

from functools import partial

from bot.sources.question import Question
from bot.sources.upstream.reply import Reply
from extraction.model import FullTextLocation
from extraction.readers.full_text import europepmc_locations


def locations(question: Question, doi: str) -> Reply[tuple[FullTextLocation, ...]]:
    """Return the copies of a document, those for subscribers too; raises as bot.errors says."""
    fields = {"query": f'DOI:"{doi}"', "resultType": "core", "format": "json", "pageSize": "25"}
    read = partial(europepmc_locations, doi=doi)
    return question.client.get(f"{question.url.rstrip('/')}/search", fields, read)
