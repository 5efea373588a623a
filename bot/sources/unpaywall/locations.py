"""Where Unpaywall knows a full text of a document."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from bot.sources.question import Question
from bot.sources.upstream.reply import Reply
from extraction.model import FullTextLocation
from extraction.readers.full_text import unpaywall_locations


def locations(question: Question, doi: str) -> Reply[tuple[FullTextLocation, ...]]:
    """Return the open copies of a document; raises the errors of bot.errors."""
    url = f"{question.url.rstrip('/')}/{quote(doi, safe='/')}"
    read = partial(unpaywall_locations, doi=doi)
    return question.client.get(url, {"email": question.email or ""}, read)
