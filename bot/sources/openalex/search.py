"""OpenAlex: the documents that cite given ones, and those they cite.

A single work costs nothing; a page of a list costs one credit of a daily budget (1,000 without a
key). Both directions are lists that OpenAlex counts itself (`cites:`, `cited_by:`), for up to
MOST_NAMES documents at once, so that they can be held against their count. What the rest of the
chase will cost is compared with what is left of the budget before the first list and after every
page: a chase that cannot end today says so at once, with the instant at which it can. The key
travels in a header, never in an address.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from bot.errors import Incomplete, SourceMoved, SourceRejected, SourceUnavailable
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.patience import number, renewal_s
from bot.sources.upstream.reply import Reply
from extraction.readers.odd import FoundRecord
from extraction.readers.openalex import SOURCE, Seed, WorkPage, read_seed, read_works

T = TypeVar("T")

PAGE_SIZE = 100  # what is documented; larger pages are deprecated
# Without a key OpenAlex refuses cursors (since October 2026) and counts pages to this many works.
MOST_KEYLESS = 10_000
MOST_NAMES = 50  # of works in one filter; OpenAlex takes up to 100
# More works than this are no citations of a review's reports: the filter was not understood.
MOST_WORKS = 100_000
RESTARTS = 2
SHOWN = 10  # names in one warning
FIELDS = (
    "id,doi,ids,title,display_name,authorships,primary_location,biblio,publication_year,"
    "publication_date,language,type,is_retracted,abstract_inverted_index"
)
SEED_FIELDS = "id,referenced_works"
FIRST_CURSOR, FIRST_PAGE = "*", "1"
_NOT_FOUND = 404
_CURSOR_LOST = (400, 404)
_UNAUTHORIZED = 401


def search(question: Question) -> SourceAnswer:
    """Return the records that cite the seeds or are cited by them."""
    return chase_openalex(
        question.client,
        question.url,
        question.seeds,
        now=question.now,
        api_key=question.api_key,
        citing_since=question.citing_since,
        progress=question.progress,
    )


def chase_openalex(
    client: UpstreamClient,
    base_url: str,
    seeds: Sequence[str],
    *,
    now: datetime,
    api_key: str | None = None,
    citing_since: date | None = None,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return the records that cite the seeds ("doi:…", "pmid:…") or are cited by them.

    citing_since: the earliest day of publication of those that cite them. A seed that OpenAlex
    does not know is a warning, and so are works that a seed cites but OpenAlex does not list.
    Raises the errors of bot.errors: SourceUnavailable with `retry_at` where the day's budget will
    not do; Incomplete where pages do not add up to their count.
    """
    chase = _Chase(client, base_url.rstrip("/"), now, api_key, progress)
    works = chase.resolve(seeds)
    records: dict[str, FoundRecord] = {}
    lists = list(_lists(works, citing_since))
    chase.afford(len(lists))
    for place, each in enumerate(lists):
        records |= chase.listed(each, lists_after=len(lists) - place - 1)
    return chase.tally.answer("\n".join(seeds), len(records), tuple(records.values()))


@dataclass(frozen=True, slots=True)
class _List:
    """A list of works by its filter; `named` are those that it should hold."""

    chosen: str
    named: frozenset[str] = frozenset()


def _lists(works: Sequence[Seed], citing_since: date | None) -> Iterator[_List]:
    since = f",from_publication_date:{citing_since}" if citing_since is not None else ""
    for start in range(0, len(works), MOST_NAMES):
        some = works[start : start + MOST_NAMES]
        names = "|".join(each.name for each in some)
        yield _List(f"cites:{names}{since}")
        cited = frozenset(name for each in some for name in each.cites)
        yield _List(f"cited_by:{names}", cited)


@dataclass(slots=True)
class _Chase:
    """Asks for works and lists of works."""

    client: UpstreamClient
    base_url: str
    now: datetime
    api_key: str | None
    progress: Progress
    tally: Tally = field(default_factory=Tally)
    told: Mapping[str, str] = field(default_factory=dict)  # the newest answer's headers

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def address(self) -> str:
        return shown_address(f"{self.base_url}/works")

    def resolve(self, seeds: Sequence[str]) -> tuple[Seed, ...]:
        """Return the works behind the seeds; raise SourceRejected where OpenAlex knows none."""
        works = (self._work(seed) for seed in dict.fromkeys(seeds))
        found = {work.name: work for work in works if work is not None}
        if seeds and not found:
            reason = f"knows none of the {len(seeds)} documents to start from"
            raise SourceRejected(self.address, reason)
        return tuple(found.values())

    def _work(self, seed: str) -> Seed | None:
        path = f"works/{quote(seed, safe=':/')}"
        try:
            reply = self._get(path, {"select": SEED_FIELDS}, read_seed)
        except SourceRejected as error:
            if error.status != _NOT_FOUND:
                raise
            self.tally.warnings[f"OpenAlex does not know {seed}"] = None
            return None
        self.tally.keep(reply)
        if not reply.value.cites:
            said = f"OpenAlex has no references of {seed}: what it cites is not found by this chase"
            self.tally.warnings[said] = None
        return reply.value

    def _get(self, path: str, params: Mapping[str, str], read: Callable[[bytes], T]) -> Reply[T]:
        url = f"{self.base_url}/{path}"
        try:
            reply = self.client.get(url, params, read, headers=self.headers, count=self.tally.ask)
        except SourceRejected as error:
            if error.status == _UNAUTHORIZED:
                raise SourceRejected(self.address, self._unauthorized, status=401) from error
            raise
        self.told = reply.headers
        return reply

    @property
    def _unauthorized(self) -> str:
        if self.api_key is not None:
            return "status 401: OpenAlex does not take the key it was given (openalex_api_key)"
        return "status 401: OpenAlex wants a free key for this (openalex_api_key)"

    def listed(self, wanted: _List, *, lists_after: int) -> dict[str, FoundRecord]:
        """Return every work of a list, by its name; tell of those that it should hold as well."""
        records = settled(
            lambda: self._whole(wanted.chosen, lists_after),
            address=self.address,
            attempts=RESTARTS + 1,
        )
        missing = sorted(wanted.named - records.keys())
        if missing:
            said = f"{len(missing)} of the {len(wanted.named)} works that the documents cite"
            some = ", ".join(missing[:SHOWN]) + (", …" if len(missing) > SHOWN else "")
            self.tally.warnings[f"OpenAlex does not list {said}: {some}"] = None
        return records

    def _whole(self, chosen: str, lists_after: int) -> dict[str, FoundRecord]:
        records: dict[str, FoundRecord] = {}
        total: int | None = None
        place: str | None = FIRST_CURSOR if self.api_key else FIRST_PAGE
        while place is not None:
            page, before = self._page(chosen, place), len(records)
            if total not in (None, page.total):
                raise SourceMoved(f"{total} works counted, then {page.total} on the way")
            total = self._plausible(page.total)
            records |= {record.source_id: record for record in page.found}
            self.progress(SOURCE, len(records), total)
            self.afford(math.ceil((total - len(records)) / PAGE_SIZE) + lists_after)
            if len(records) in (before, total):
                break
            place = self._after(place, page)
        if len(records) != total:
            raise SourceMoved(f"{total} works counted, {len(records)} delivered")
        return records

    def _after(self, place: str, page: WorkPage) -> str | None:
        """Return where a list goes on; a page by its number that is not full is the last."""
        if self.api_key:
            return page.next_cursor
        return str(int(place) + 1) if len(page.found) >= PAGE_SIZE else None

    def _plausible(self, total: int) -> int:
        if total > MOST_WORKS:
            reason = f"counts {total} works, a chase brings {MOST_WORKS} at most"
            raise Incomplete(self.address, reason)
        if total > MOST_KEYLESS and not self.api_key:
            reason = (
                f"counts {total} works, without a key {MOST_KEYLESS} can be had at most: OpenAlex"
                " gives keys for nothing (openalex_api_key)"
            )
            raise Incomplete(self.address, reason)
        return total

    def _page(self, chosen: str, place: str) -> WorkPage:
        """Return a page of a list: by its cursor with a key, by its number without one."""
        params = {
            "filter": chosen,
            "per-page": str(PAGE_SIZE),
            "cursor" if self.api_key else "page": place,
            "select": FIELDS,
        }
        try:
            reply = self._get("works", params, read_works)
        except SourceRejected as error:
            if place not in (FIRST_CURSOR, FIRST_PAGE) and error.status in _CURSOR_LOST:
                raise SourceMoved(f"a cursor did not hold: {error.reason}") from error
            raise
        self.tally.keep_page(reply, reply.value.found)
        return reply.value

    def afford(self, pages: int) -> None:
        """Raise SourceUnavailable where the day's budget has less left than the pages cost."""
        headers = self.told
        left = number(headers.get("x-ratelimit-remaining"))
        needed = pages * (number(headers.get("x-ratelimit-credits-used")) or 1)
        paid = number(headers.get("x-ratelimit-prepaid-remaining-usd")) or 0
        if left is None or left >= needed or paid > 0:
            return
        wait_s = renewal_s(headers.get("x-ratelimit-reset"))
        retry_at = self.now + timedelta(seconds=wait_s) if wait_s else None
        reason = f"the day's budget has {left:g} credits left, {needed:g} are needed to go on"
        raise SourceUnavailable(self.address, reason, retry_at=retry_at)
