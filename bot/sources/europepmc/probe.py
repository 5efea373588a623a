"""What is to be seen of the live Europe PMC: dates, synonyms, and preprints."""

from __future__ import annotations

from bot.sources.live_look import ProbeQuestion
from bot.sources.question import Question
from extraction.readers.europepmc import read_results

_DISEASE = "TITLE_ABS:neuropathy"


def questions(question: Question) -> tuple[ProbeQuestion, ...]:
    """Return what the program assumes of Europe PMC, and how to see it."""
    url = f"{question.url.rstrip('/')}/search"

    def count(query: str, **more: str) -> int:
        fields = {"query": query, "format": "json", "resultType": "lite", "pageSize": "1", **more}
        return question.client.get(url, fields, read_results).value.total

    def dated() -> str:
        since = count(f"{_DISEASE} AND CREATION_DATE:[2026-01-01 TO *]")
        return f"{count(_DISEASE)} in all, {since} since 2026"

    def synonyms() -> str:
        return f"{count(_DISEASE)} without, {count(_DISEASE, synonym='true')} with"

    return (
        ProbeQuestion("CREATION_DATE", "a field: fewer records with it than without", dated),
        ProbeQuestion("synonym", "off where it is not sent", synonyms),
        ProbeQuestion(
            "SRC:PPR",
            "preprints, fewer than all records",
            lambda: str(count(f"{_DISEASE} AND SRC:PPR")),
        ),
    )
