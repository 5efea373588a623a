"""Where OpenAlex knows a full text of a document: a single work costs no credit."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from bot.sources.question import Question
from bot.sources.upstream.reply import Reply
from extraction.model import FullTextLocation
from extraction.readers.full_text import openalex_locations


def locations(question: Question, doi: str) -> Reply[tuple[FullTextLocation, ...]]:
    """Return the copies of a document; raises the errors of bot.errors."""
    url = f"{question.url.rstrip('/')}/works/doi:{quote(doi, safe='/')}"
    headers = {"Authorization": f"Bearer {question.api_key}"} if question.api_key else {}
    return question.client.get(url, {}, partial(openalex_locations, doi=doi), headers=headers)
