"""The course of one trial: CTIS keeps no older texts, but dates every application in the entry."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from bot.sources.question import Question
from bot.sources.told_history import EntryHistory
from bot.sources.upstream.reply import Payload
from extraction.readers.ctis import without_persons
from extraction.readers.ctis_history import read_course


def history(question: Question, number: str) -> EntryHistory:
    """Return the applications of a trial; raise the errors of bot.errors where there is none."""
    url = f"{question.url.rstrip('/')}/retrieve/{quote(number, safe='')}"
    reply = question.client.get(url, {}, read_course)
    body = without_persons(reply.payload.body)
    kept = Payload(hashlib.sha256(body).hexdigest(), reply.payload.media_type, body)
    return EntryHistory(reply.value, (kept,), contents=False)
