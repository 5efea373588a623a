"""What is to be seen of the live OpenAlex: what it gives without a key."""

from __future__ import annotations

from bot.sources.live_look import ProbeQuestion
from bot.sources.question import Question
from extraction.readers.openalex import read_works

_LIST = {"filter": "cites:W2741809807", "per-page": "100"}


def questions(question: Question) -> tuple[ProbeQuestion, ...]:
    """Return what the program assumes of OpenAlex, and how to see it."""
    url = f"{question.url.rstrip('/')}/works"
    key = {"Authorization": f"Bearer {question.api_key}"} if question.api_key else {}

    def asked(extra: dict[str, str], headers: dict[str, str]) -> str:
        reply = question.client.get(url, _LIST | extra, read_works, headers=headers)
        left = reply.headers.get("x-ratelimit-remaining", "not said")
        cursor = "a cursor" if reply.value.next_cursor else "no cursor"
        return f"{reply.value.total} works, {len(reply.value.found)} came, {cursor}, left: {left}"

    return (
        ProbeQuestion(
            "a page by its number, without a key",
            "100 works and no cursor",
            lambda: asked({"page": "1"}, {}),
        ),
        ProbeQuestion(
            "a cursor, without a key",
            "status 401 since October 2026",
            lambda: asked({"cursor": "*"}, {}),
        ),
        ProbeQuestion(
            "a cursor, with the key that is set (none: as before)",
            "100 works and a cursor",
            lambda: asked({"cursor": "*"}, key),
        ),
    )
