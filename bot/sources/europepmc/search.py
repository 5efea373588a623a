"""Europe PMC: every record that answers a query, cursor by cursor.

A short query goes in the address; a long one is posted (the service refuses addresses near 12,000
characters). A cursor that is forgotten, or pages that do not add up to hitCount, begin it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import SourceMoved
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.reply import Reply
from extraction.errors import UnknownCursor
from extraction.readers.europepmc import SOURCE, ResultPage, read_results
from extraction.readers.odd import FoundRecord

PAGE_SIZE = 500
RESTARTS = 2
LONGEST_ADDRESS = 1_500  # characters of a query; the service names this number itself
FIRST_CURSOR = "*"


def search(question: Question) -> SourceAnswer:
    """Return every record that answers a query."""
    return search_europepmc(
        question.client, question.url, question.query, progress=question.progress
    )


def search_europepmc(
    client: UpstreamClient,
    base_url: str,
    query: str,
    *,
    page_size: int = PAGE_SIZE,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return every record that answers the query, in Europe PMC's own syntax.

    Raises the errors of bot.errors; Incomplete where the records are not as many as counted.
    """
    walk = _Walk(client, base_url.rstrip("/"), query, page_size, progress)
    records = settled(walk.whole, address=shown_address(walk.url), attempts=RESTARTS + 1)
    return walk.tally.answer(query, len(records), records)


@dataclass(slots=True)
class _Walk:
    """Walks through the pages of one answer."""

    client: UpstreamClient
    base_url: str
    query: str
    page_size: int
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    @property
    def url(self) -> str:
        return f"{self.base_url}/{'searchPOST' if self._long else 'search'}"

    @property
    def _long(self) -> bool:
        return len(self.query) > LONGEST_ADDRESS

    def whole(self) -> tuple[FoundRecord, ...]:
        """Return every record once; raise SourceMoved where they are not as many as counted."""
        records: dict[str, FoundRecord] = {}
        cursor, total = FIRST_CURSOR, None
        while True:
            page = self._page(cursor)
            if total is not None and page.total != total:
                raise SourceMoved(f"hitCount went from {total} to {page.total} on the way")
            total = page.total
            before = len(records)
            records |= {record.source_id: record for record in page.found}
            self.progress(SOURCE, len(records), total)
            if page.next_cursor in (None, cursor) or not page.found:
                break
            if len(records) == before:
                raise SourceMoved(f"a page came twice, after {before} of {total} records")
            cursor = page.next_cursor or ""
        if len(records) != total:
            raise SourceMoved(f"{total} records counted, {len(records)} delivered")
        return tuple(records.values())

    def _page(self, cursor: str) -> ResultPage:
        fields = {
            "query": self.query,
            "resultType": "core",
            "format": "json",
            "pageSize": str(self.page_size),
            "cursorMark": cursor,
        }
        ask = self.client.post if self._long else self.client.get
        try:
            reply: Reply[ResultPage] = ask(self.url, fields, read_results, count=self.tally.ask)
        except UnknownCursor as error:
            raise SourceMoved("the service no longer knew the place in the answer") from error
        self.tally.keep_page(reply, reply.value.found)
        return reply.value
