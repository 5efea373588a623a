"""Crossref: what was published about given documents, asked in both directions.

A retraction may stand on the work alone (`updated-by`), on the notice alone (`update-to`), or on
both: the work itself is asked for, and the works that update it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from bot.errors import SourceMoved, SourceRejected
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from extraction.model import Record
from extraction.readers.crossref import (
    SOURCE,
    WorkList,
    read_work,
    read_work_list,
    told_of,
    with_notices,
)
from extraction.readers.odd import FoundRecord, OddRecord

ROWS = 100
RESTARTS = 2
FIRST_CURSOR = "*"
# The text with which Crossref says that it does not know a DOI; another 404 is another fault.
UNKNOWN_DOI = "Resource not found"
_NOT_FOUND = 404


def search_crossref(
    client: UpstreamClient,
    base_url: str,
    dois: Sequence[str],
    *,
    email: str | None = None,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return the documents with every notice on them, and the notices as records of their own.

    A DOI that Crossref does not know is a warning; where it knows none at all, SourceRejected.
    """
    watch = _Watch(client, base_url.rstrip("/"), email)
    works: dict[str, Record] = {}
    notices: dict[str, FoundRecord] = {}
    for place, doi in enumerate(dict.fromkeys(dois), 1):
        work = watch.work(doi)
        if work is not None:
            updates = watch.updates_of(doi)
            notices |= updates
            works[work.source_id] = with_notices(work, updates)
        progress(SOURCE, place, len(dois))
    if dois and not works:
        reason = f"knows none of the {len(dois)} documents"
        raise SourceRejected(shown_address(f"{watch.base_url}/works"), reason)
    found = {**notices, **works}
    return watch.tally.answer("\n".join(dois), len(found), tuple(found.values()))


def _is_stray(notice: FoundRecord, doi: str) -> bool:
    """Whether a listed work is no notice on a document; of one that was not read nobody knows."""
    return not isinstance(notice, OddRecord) and not any(told_of(notice, doi))


@dataclass(slots=True)
class _Watch:
    """Asks for works and for the works that update them."""

    client: UpstreamClient
    base_url: str
    email: str | None
    tally: Tally = field(default_factory=Tally)

    @property
    def contact(self) -> dict[str, str]:
        return {"mailto": self.email} if self.email else {}

    def work(self, doi: str) -> Record | None:
        """Return a document, None where Crossref does not know it or answers with another."""
        url = f"{self.base_url}/works/{quote(doi, safe='')}"
        try:
            reply = self.client.get(url, self.contact, read_work, count=self.tally.ask)
        except SourceRejected as error:
            if error.status != _NOT_FOUND or UNKNOWN_DOI not in error.reason:
                raise
            self.tally.warnings[f"Crossref does not know doi:{doi}"] = None
            return None
        if reply.value.source_id != doi:
            self.tally.keep(reply)
            self.tally.problems.append(f"asked for doi:{doi}, came doi:{reply.value.source_id}")
            return None
        self.tally.keep_page(reply, [reply.value])
        return reply.value

    def updates_of(self, doi: str) -> dict[str, FoundRecord]:
        """Return the works that update a document, by their DOIs."""
        if "," in doi:  # a comma ends a filter, and nothing can stand for it
            self.tally.warnings[f"Crossref was asked one way only for doi:{doi}"] = None
            return {}
        address = shown_address(f"{self.base_url}/works")
        listed = settled(lambda: self._whole(doi), address=address, attempts=RESTARTS + 1)
        strays = [name for name, each in listed.items() if _is_stray(each, doi)]
        if strays:
            named = ", ".join(f"doi:{each}" for each in strays)
            self.tally.problems.append(f"listed as notices on doi:{doi}, left out: {named}")
        return {name: each for name, each in listed.items() if name not in strays}

    def _whole(self, doi: str) -> dict[str, FoundRecord]:
        records: dict[str, FoundRecord] = {}
        cursor: str | None = FIRST_CURSOR
        total: int | None = None
        while cursor is not None:
            page, before = self._page(doi, cursor), len(records)
            if total not in (None, page.total):
                raise SourceMoved(f"{total} notices counted, then {page.total} on the way")
            total = page.total
            records |= {record.source_id: record for record in page.found}
            if page.found and all(_is_stray(each, doi) for each in page.found):
                raise SourceMoved(f"a page of other works than the notices on doi:{doi}")
            if len(records) >= total or len(records) == before:
                break
            cursor = page.next_cursor
        if len(records) != total:
            raise SourceMoved(f"{total} notices counted, {len(records)} delivered")
        return records

    def _page(self, doi: str, cursor: str) -> WorkList:
        params = {"filter": f"updates:{doi}", "rows": str(ROWS), "cursor": cursor, **self.contact}
        try:
            reply = self.client.get(
                f"{self.base_url}/works", params, read_work_list, count=self.tally.ask
            )
        except SourceRejected as error:
            if cursor != FIRST_CURSOR and error.status == _NOT_FOUND:
                raise SourceMoved(f"a cursor did not hold: {error.reason}") from error
            raise
        self.tally.keep_page(reply, reply.value.found)
        return reply.value
