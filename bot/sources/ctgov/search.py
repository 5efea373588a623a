"""ClinicalTrials.gov API v2: every register entry that answers a query, page by page.

A page token lives as long as the register's data version: when it expires, or the pages do not add
up to the register's own count, the whole is asked for again from page 1, a few times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import SourceMoved, SourceRejected
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from extraction.readers.ctgov import StudyPage, read_page
from extraction.readers.odd import FoundRecord

SOURCE = "ctgov"
PAGE_SIZE = 200
RESTARTS = 2
# The service does not sort unless told to, and sorts by dates and numbers only; the day an entry
# was first posted does not change, so entries do not wander between pages.
FIXED_PARAMS = {"countTotal": "true", "format": "json", "sort": "StudyFirstPostDate:asc"}
# Pages may be empty and go on; a walk this many times longer than its count needs does not end.
_SLACK = 3
_BAD_REQUEST = 400


def search(question: Question) -> SourceAnswer:
    """Return every entry that answers a query."""
    return search_ctgov(question.client, question.url, question.query, progress=question.progress)


def search_ctgov(
    client: UpstreamClient,
    base_url: str,
    query: str,
    *,
    page_size: int = PAGE_SIZE,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return every entry that answers the query over all fields.

    Raises the errors of bot.errors; Incomplete where the entries are not as many as counted.
    """
    url = f"{base_url.rstrip('/')}/studies"
    params = FIXED_PARAMS | {"query.term": query, "pageSize": str(page_size)}
    walk = _Walk(client, url, params, progress)
    records = settled(walk.whole, address=shown_address(url), attempts=RESTARTS + 1)
    return walk.tally.answer(query, len(records), records)


@dataclass(slots=True)
class _Walk:
    """Walks through the pages of one answer."""

    client: UpstreamClient
    url: str
    params: Mapping[str, str]
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    def whole(self) -> tuple[FoundRecord, ...]:
        """Return every entry once; raise SourceMoved where they are not as many as counted."""
        page = self._page(None)
        total = _counted(page)
        records = self._gained({}, page, total)
        tokens: set[str] = set()
        while page.next_token is not None:
            if page.next_token in tokens:
                raise SourceMoved(
                    f"the same page token came twice, after {len(records)} of {total} entries"
                )
            if len(tokens) > self._longest(total):
                raise SourceMoved(f"no end after {len(tokens)} pages for {total} entries")
            tokens.add(page.next_token)
            page = self._page(page.next_token)
            records = self._gained(records, page, total)
        if len(records) != total:
            raise SourceMoved(f"{total} entries counted, {len(records)} delivered")
        return tuple(records.values())

    def _longest(self, total: int) -> int:
        return _SLACK * (total // int(self.params["pageSize"]) + 1)

    def _gained(
        self, records: Mapping[str, FoundRecord], page: StudyPage, total: int
    ) -> dict[str, FoundRecord]:
        gained = {**records, **{record.source_id: record for record in page.found}}
        self.progress(SOURCE, len(gained), total)
        return gained

    def _page(self, token: str | None) -> StudyPage:
        params = self.params if token is None else {**self.params, "pageToken": token}
        try:
            reply = self.client.get(self.url, params, read_page, count=self.tally.ask)
        except SourceRejected as error:
            if token is not None and error.status == _BAD_REQUEST:
                raise SourceMoved(f"a page token did not hold: {error.reason}") from error
            raise
        self.tally.keep_page(reply, reply.value.found)
        return reply.value


def _counted(page: StudyPage) -> int:
    if page.total is None:
        raise SourceMoved("page 1 came without the totalCount it was asked for")
    return page.total
