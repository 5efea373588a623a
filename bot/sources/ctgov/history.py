"""The versions of one entry, from the interface behind the register's own "Record History".

It may be withdrawn any day, and it turns down who asks twice at once: one request at a time.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, urljoin

from bot.errors import SourceMoved
from bot.sources.answer import settled
from bot.sources.question import Question
from bot.sources.told_history import EntryHistory
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.reply import Payload
from extraction.entry_history import needed, steps_of
from extraction.readers.ctgov_history import read_changes, read_version

# Beside the public API, whose address is the one that is set.
_BESIDE = "../int/studies/"
TRIES = 2


def history(question: Question, number: str) -> EntryHistory:
    """Return every version of an entry; raise the errors of bot.errors where it cannot be had."""
    base = urljoin(f"{question.url.rstrip('/')}/", _BESIDE)
    url = f"{base}{quote(number, safe='')}/history"
    whole = partial(_whole, question, url)
    return settled(whole, address=shown_address(url), attempts=TRIES)


def _whole(question: Question, url: str) -> EntryHistory:
    """Read the list, what is needed of the versions, and the list again: it must not have grown."""
    listed = question.client.get(url, {}, read_changes)
    payloads: list[Payload] = [listed.payload]
    texts = {}
    for number in needed(listed.value):
        reply = question.client.get(f"{url}/{number}", {}, partial(read_version, number=number))
        texts[number] = reply.value
        payloads.append(reply.payload)
    if question.client.get(url, {}, read_changes).value != listed.value:
        raise SourceMoved("the entry got another version while its history was read")
    return EntryHistory(steps_of(listed.value, texts), tuple(payloads), contents=True)
