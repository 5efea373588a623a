"""What is to be seen of the live ISRCTN: the fields that its queries know, and its limits."""

from __future__ import annotations

from bot.sources.live_look import ProbeQuestion
from bot.sources.question import Question
from extraction.readers.isrctn import read_trials

_FIELDS = ("title", "condition", "intervention", "inclusion", "trialStatus", "country")


def questions(question: Question) -> tuple[ProbeQuestion, ...]:
    """Return what the program assumes of ISRCTN, and how to see it."""
    url = f"{question.url.rstrip('/')}/query/format/default"

    def asked(query: str, limit: int = 0) -> tuple[int, int]:
        found = question.client.get(url, {"q": query, "limit": str(limit)}, read_trials).value
        return found.total, len(found.found)

    def of_fields() -> str:
        return ", ".join(f"{name}: {asked(f'{name}:neuropathy')[0]}" for name in _FIELDS)

    return (
        ProbeQuestion("limit=0", "the count alone, and no trial", lambda: str(asked("neuropathy"))),
        ProbeQuestion(
            "limit=25", "25 trials of all that are counted", lambda: str(asked("neuropathy", 25))
        ),
        ProbeQuestion("fields of a query", "all but country find some", of_fields),
        ProbeQuestion(
            "a day that is compared",
            "fewer than without it",
            lambda: str(asked("neuropathy AND lastEdited GE 2026-01-01T00:00:00.000Z")),
        ),
    )
