"""ISRCTN: every trial that answers a query, in one document.

The registry knows no pages: it is asked for the count, and then for as many. What came is held
against both counts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from bot.errors import Incomplete, SourceMoved
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.reply import Payload, Reply
from extraction.readers.isrctn import SOURCE, TrialsFound, read_trials, without_persons
from extraction.readers.odd import FoundRecord

RESTARTS = 2
# A trial is some 20 kB: more of them are no answer to a review's question, and no one document.
MOST_TRIALS = 2_000


def search(question: Question) -> SourceAnswer:
    """Return every trial that answers a query."""
    return search_isrctn(question.client, question.url, question.query, progress=question.progress)


def search_isrctn(
    client: UpstreamClient, base_url: str, query: str, *, progress: Progress = silent
) -> SourceAnswer:
    """Return every trial that answers the query, in the registry's own syntax.

    Raises the errors of bot.errors; Incomplete where the trials are not as many as counted, or too
    many for one document.
    """
    asked = _Asked(client, f"{base_url.rstrip('/')}/query/format/default", query, progress)
    records = settled(asked.whole, address=shown_address(asked.url), attempts=RESTARTS + 1)
    return asked.tally.answer(query, len(records), records)


@dataclass(slots=True)
class _Asked:
    """Asks for the count, and for as many trials."""

    client: UpstreamClient
    url: str
    query: str
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    def whole(self) -> tuple[FoundRecord, ...]:
        """Return every trial once; raise SourceMoved where they are not as many as counted."""
        total = self._get(0).total
        if total > MOST_TRIALS:
            reason = f"counts {total} trials, {MOST_TRIALS} can be had in one answer"
            raise Incomplete(shown_address(self.url), reason)
        if not total:
            return ()
        answer = self._get(total)
        records = {each.source_id: each for each in answer.found}
        self.progress(SOURCE, len(records), total)
        if (answer.total, len(records)) != (total, total):
            said = f"{total} trials counted, then {answer.total}; {len(records)} delivered"
            raise SourceMoved(said)
        return tuple(records.values())

    def _get(self, limit: int) -> TrialsFound:
        params = {"q": self.query, "limit": str(limit)}
        reply = self.client.get(self.url, params, read_trials, count=self.tally.ask)
        kept: Reply[object] = replace(reply, payload=_kept(reply.payload))
        self.tally.keep_page(kept, reply.value.found)
        return reply.value


def _kept(payload: Payload) -> Payload:
    body = without_persons(payload.body)
    return Payload(hashlib.sha256(body).hexdigest(), payload.media_type, body)
