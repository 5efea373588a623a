"""OpenAlex: the documents that cite given ones, and those they cite.

A single work costs nothing; a page of a list costs one credit of a daily budget (1,000 without a
key). What a list still needs is compared with what is left after its first page, so a search that
cannot end today says so at once, with the instant at which it can go on. The key travels in a
header, never in an address.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import quote

from bot.errors import SourceRejected, SourceUnavailable, shown_address
from bot.fetch import Door, Reply
from bot.sources.answer import Answer, Moved, Progress, Tally, settled, silent
from extraction.model import Record
from extraction.readers.openalex import SOURCE, WorkPage, read_work_name, read_works

PAGE_SIZE = 200
MOST_NAMES = 50  # of works in one filter; OpenAlex takes up to 100
RESTARTS = 2
FIELDS = (
    "id,doi,ids,title,display_name,authorships,primary_location,biblio,publication_year,"
    "publication_date,language,type,is_retracted,abstract_inverted_index"
)
FIRST_CURSOR = "*"
_NOT_FOUND = 404
_CURSOR_LOST = (400, 404)


def chase_openalex(
    door: Door,
    base_url: str,
    seeds: Sequence[str],
    *,
    now: datetime,
    api_key: str | None = None,
    citing_since: date | None = None,
    progress: Progress = silent,
) -> Answer:
    """Return the records that cite the seeds ("doi:…", "pmid:…") or are cited by them.

    citing_since: the earliest day of publication of those that cite them. A seed that OpenAlex
    does not know is a warning. Raises the errors of bot.errors: SourceUnavailable with `retry_at`
    where the day's budget will not do; Incomplete where pages do not add up to their count.
    """
    chase = _Chase(door, base_url.rstrip("/"), now, api_key, progress)
    works = chase.resolve(seeds)
    records: dict[str, Record] = {}
    since = f",from_publication_date:{citing_since}" if citing_since is not None else ""
    for start in range(0, len(works), MOST_NAMES):
        some = "|".join(works[start : start + MOST_NAMES])
        records |= chase.listed(f"cites:{some}{since}")
        records |= chase.listed(f"cited_by:{some}")
    return chase.tally.answer("\n".join(seeds), len(records), tuple(records.values()))


@dataclass(slots=True)
class _Chase:
    """Asks for works and lists of works."""

    door: Door
    base_url: str
    now: datetime
    api_key: str | None
    progress: Progress
    tally: Tally = field(default_factory=Tally)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def resolve(self, seeds: Sequence[str]) -> list[str]:
        """Return OpenAlex's names of the seeds; raise SourceRejected where it knows none."""
        found = {work: None for seed in seeds if (work := self._work(seed)) is not None}
        if seeds and not found:
            reason = f"knows none of the {len(seeds)} documents to start from"
            raise SourceRejected(shown_address(f"{self.base_url}/works"), reason)
        return list(found)

    def _work(self, seed: str) -> str | None:
        url = f"{self.base_url}/works/{quote(seed, safe=':/')}"
        try:
            reply = self.door.get(
                url, {"select": "id"}, read_work_name, headers=self.headers, count=self.tally.ask
            )
        except SourceRejected as error:
            if error.status != _NOT_FOUND:
                raise
            self.tally.warnings[f"OpenAlex does not know {seed}"] = None
            return None
        self.tally.keep(reply)
        return reply.value

    def listed(self, chosen: str) -> dict[str, Record]:
        """Return every work of a list, by its name."""
        address = shown_address(f"{self.base_url}/works")
        return settled(lambda: self._whole(chosen), address=address, attempts=RESTARTS + 1)

    def _whole(self, chosen: str) -> dict[str, Record]:
        records: dict[str, Record] = {}
        cursor: str | None = FIRST_CURSOR
        while cursor is not None:
            reply = self._page(chosen, cursor)
            page, before = reply.value, len(records)
            records |= {record.source_id: record for record in page.records}
            self.progress(SOURCE, len(records), page.total)
            if len(records) == page.total:
                break
            if len(records) == before:
                raise Moved(f"{page.total} works counted, {before} delivered")
            self._afford(reply, math.ceil((page.total - len(records)) / PAGE_SIZE))
            cursor = page.next_cursor
        if len(records) != page.total:
            raise Moved(f"{page.total} works counted, {len(records)} delivered")
        return records

    def _page(self, chosen: str, cursor: str) -> Reply[WorkPage]:
        params = {
            "filter": chosen,
            "per-page": str(PAGE_SIZE),
            "cursor": cursor,
            "select": FIELDS,
        }
        url = f"{self.base_url}/works"
        try:
            reply = self.door.get(
                url, params, read_works, headers=self.headers, count=self.tally.ask
            )
        except SourceRejected as error:
            if cursor != FIRST_CURSOR and error.status in _CURSOR_LOST:
                raise Moved(f"a cursor did not hold: {error.reason}") from error
            raise
        self.tally.keep_page(reply, reply.value.records)
        return reply

    def _afford(self, reply: Reply[WorkPage], needed: int) -> None:
        """Raise SourceUnavailable where less is left of the day's budget than is needed."""
        left = _number(reply.headers.get("x-ratelimit-remaining"))
        if left is None or left >= needed:
            return
        reset_s = _number(reply.headers.get("x-ratelimit-reset"))
        retry_at = self.now + timedelta(seconds=reset_s) if reset_s is not None else None
        reason = f"the day's budget has {left:g} credits left, {needed} are needed to go on"
        raise SourceUnavailable(shown_address(f"{self.base_url}/works"), reason, retry_at=retry_at)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None
