"""CTIS: every trial that contains all words of a line, for each line, with its whole entry.

The list is asked page by page; an entry that cannot be had leaves the trial as the list has it, and
is said. Beyond 10,000 trials of one search the portal gives no more and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from bot.errors import Incomplete, SourceMoved, SourceRejected
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.reply import Payload, Reply
from extraction.model import Record
from extraction.readers.ctis import SOURCE, WHAT, TrialList, read_list, read_trial, without_persons
from extraction.readers.odd import FoundRecord
from extraction.readers.payload import parse_json

PAGE_SIZE = 100
MOST_TRIALS = 10_000
RESTARTS = 2
# Without it the server does not answer properly; by number, so that pages do not wander.
_SORT = {"property": "ctNumber", "direction": "ASC"}
_NO_ENTRY = (400, 404)


def search(question: Question) -> SourceAnswer:
    """Return every trial that one of the lines finds."""
    return search_ctis(question.client, question.url, question.query, progress=question.progress)


def search_ctis(
    client: UpstreamClient,
    base_url: str,
    query: str,
    *,
    page_size: int = PAGE_SIZE,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return every trial that has all words of a line of the query in it, wherever.

    Raises the errors of bot.errors; Incomplete where the trials are not as many as counted, or
    more than can be had.
    """
    walk = _Walk(client, base_url.rstrip("/"), page_size, progress)
    listed: dict[str, FoundRecord] = {}
    for words in dict.fromkeys(filter(None, map(str.strip, query.splitlines()))):
        listed |= settled(
            partial(walk.whole, words),
            address=shown_address(walk.list_url),
            attempts=RESTARTS + 1,
        )
    found = {name: walk.with_entry(each) for name, each in listed.items()}
    return walk.tally.answer(query, len(found), tuple(found.values()))


@dataclass(slots=True)
class _Walk:
    """Walks through the pages of each list, and to each entry."""

    client: UpstreamClient
    base_url: str
    page_size: int
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    @property
    def list_url(self) -> str:
        return f"{self.base_url}/search"

    def whole(self, words: str) -> dict[str, FoundRecord]:
        """Return every trial of a list once; raise SourceMoved where they are not as counted."""
        page = self._page(words, 1)
        total, records = self._reachable(page.total, words), _by_number({}, page)
        number = 1
        while len(records) < total and page.found:
            number, before = number + 1, len(records)
            page = self._page(words, number)
            if page.total != total:
                raise SourceMoved(f"{total} trials counted, then {page.total} on the way")
            records = _by_number(records, page)
            if len(records) == before:
                raise SourceMoved(f"page {number} came with nothing new, after {before} of {total}")
        if len(records) != total:
            raise SourceMoved(f"{total} trials counted, {len(records)} delivered")
        self.progress(SOURCE, len(records), total)
        return records

    def _reachable(self, total: int, words: str) -> int:
        if total > MOST_TRIALS:
            reason = f"counts {total} trials for '{words}', {MOST_TRIALS} can be had at most"
            raise Incomplete(shown_address(self.list_url), reason)
        return total

    def _page(self, words: str, number: int) -> TrialList:
        asked = {
            "pagination": {"page": number, "size": self.page_size},
            "sort": _SORT,
            "searchCriteria": {"containAll": words},
        }
        reply = self.client.post_json(self.list_url, asked, read_list, count=self.tally.ask)
        self.tally.keep_page(reply, reply.value.found)
        return reply.value

    def with_entry(self, listed: FoundRecord) -> FoundRecord:
        """Return a trial as its own entry has it, or as the list does where there is none."""
        number = listed.source_id
        url = f"{self.base_url}/retrieve/{number}"
        try:
            reply = self.client.get(url, {}, _entry_or_none, count=self.tally.ask)
        except SourceRejected as error:
            if error.status not in _NO_ENTRY:
                raise
            return self._without_entry(listed)
        if reply.value is None:
            return self._without_entry(listed)
        if reply.value.source_id != number:
            came = reply.value.source_id
            self.tally.problems.append(f"asked for {number}, came {came}")
            return listed
        kept: Reply[object] = replace(reply, payload=_kept(reply.payload))
        self.tally.keep_page(kept, [reply.value])
        return reply.value

    def _without_entry(self, listed: FoundRecord) -> FoundRecord:
        said = f"CTIS lists {listed.source_id} and gives no entry of it: it is as the list has it"
        self.tally.warnings[said] = None
        return listed


def _entry_or_none(body: bytes) -> Record | None:
    """Read an entry; an empty object is how CTIS says that it has none."""
    return read_trial(body) if parse_json(body, WHAT, expected="an entry") else None


def _kept(payload: Payload) -> Payload:
    body = without_persons(payload.body)
    return Payload(hashlib.sha256(body).hexdigest(), payload.media_type, body)


def _by_number(records: Mapping[str, FoundRecord], page: TrialList) -> dict[str, FoundRecord]:
    return {**records, **{each.source_id: each for each in page.found}}
