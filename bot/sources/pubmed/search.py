"""PubMed: the whole answer to a query, proven complete, by esearch with history and efetch.

What is believed: a count and the ids that belong to it; above the 9,999 ids that PubMed gives,
ranges of create dates whose counts add up. What was named but not delivered is asked for once more
by id and then reported as a problem; what was delivered but not named never becomes a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from bot.errors import Incomplete, SourceMoved, SourceRejected, SourceUnavailable
from bot.sources.answer import Progress, SourceAnswer, Tally, settled, silent
from bot.sources.question import Question
from bot.sources.upstream.address import shown_address
from bot.sources.upstream.client import UpstreamClient
from bot.sources.upstream.reply import Reply
from extraction.errors import ExpiredHistory
from extraction.readers.odd import FoundRecord
from extraction.readers.pubmed import SearchAnswer, read_articles, read_search_answer

T = TypeVar("T")

SOURCE = "pubmed"
CAP = 9_999  # PubMed gives no more ids than these, whatever retmax says
BATCH_SIZE = 200
RENEWALS = 2  # how often an expired history, or counts that moved, lead to a new search
# Create dates in PubMed begin in the twentieth century; the end is PubMed's own "for ever".
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(3000, 12, 31)
SEARCH = "esearch.fcgi"
FETCH = "efetch.fcgi"
TOOL = "living-review-bot"  # how NCBI wants a program to name itself


def search(question: Question) -> SourceAnswer:
    """Return every record that answers a query."""
    return search_pubmed(
        question.client,
        question.url,
        question.query,
        email=question.email,
        api_key=question.api_key,
        tool=TOOL,
        today=question.now.date(),
        progress=question.progress,
    )


def search_pubmed(
    client: UpstreamClient,
    base_url: str,
    query: str,
    *,
    email: str | None,
    api_key: str | None,
    tool: str,
    today: date,
    batch_size: int = BATCH_SIZE,
    progress: Progress = silent,
) -> SourceAnswer:
    """Return every record that answers the query.

    An answer without records is one to which PubMed gave the count 0. Raises the errors of
    bot.errors; ids that PubMed names and does not deliver are `problems` of the answer.
    """
    asker = _Asker(client, base_url, _credentials(tool, email, api_key), batch_size)

    def gather() -> tuple[int, dict[str, FoundRecord]]:
        parts = _parts(asker, query, today)
        records = _collect_all(asker, parts, progress)
        return sum(part.found.count for part in parts), records

    found, records = settled(gather, address=asker.address(SEARCH), attempts=RENEWALS + 1)
    return asker.tally.answer(query, found, tuple(records.values()))


def fetch_pubmed_by_ids(
    client: UpstreamClient,
    base_url: str,
    pmids: Sequence[str],
    *,
    email: str | None,
    api_key: str | None,
    tool: str,
    batch_size: int = BATCH_SIZE,
) -> SourceAnswer:
    """Return the records with these PMIDs; one that PubMed does not deliver is a `problem`."""
    odd = [pmid for pmid in pmids if not (pmid.isascii() and pmid.isdigit())]
    if odd:  # one malformed id makes PubMed refuse the whole list
        reason = f"a PMID is digits only, found {', '.join(map(repr, odd))}"
        raise SourceRejected(shown_address(base_url), reason)
    asker = _Asker(client, base_url, _credentials(tool, email, api_key), batch_size)
    wanted = tuple(dict.fromkeys(pmids))
    records = _reconciled(asker, wanted, asker.by_id(wanted), ())
    return asker.tally.answer(f"PMID {','.join(wanted)}", len(records), tuple(records.values()))


@dataclass(frozen=True, slots=True)
class _Days:
    """A range of create dates, both ends included."""

    first: date
    last: date

    def halves(self, today: date) -> tuple[_Days, _Days]:
        """Split in the middle of what lies behind us, where nearly all records are."""
        end = min(self.last, today) if self.first < today else self.last
        middle = self.first + timedelta(days=(end - self.first).days // 2)
        return _Days(self.first, middle), _Days(middle + timedelta(days=1), self.last)

    def within(self, query: str) -> str:
        """Return the query limited to these days."""
        return f'({query}) AND ("{self.first:%Y/%m/%d}"[crdt] : "{self.last:%Y/%m/%d}"[crdt])'


@dataclass(slots=True)
class _Part:
    """A query whose answer fits under the cap, with the newest answer to it."""

    query: str
    found: SearchAnswer


class _Asker:
    """Asks the two utilities and keeps the tally."""

    def __init__(
        self, client: UpstreamClient, base_url: str, credentials: Mapping[str, str], batch_size: int
    ) -> None:
        self.tally = Tally()
        self.batch_size = batch_size
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials

    def address(self, utility: str) -> str:
        """The address of a utility, as it may be shown."""
        return shown_address(f"{self._base_url}/{utility}")

    def search(self, query: str) -> SearchAnswer:
        """Ask for the count, the ids and a history; raise SourceMoved where they disagree."""
        form = {"term": query, "retmode": "json", "usehistory": "y", "retmax": str(CAP)}
        reply = self._ask(SEARCH, form, read_search_answer)
        self.tally.keep(reply)
        found = reply.value
        self.tally.warnings |= dict.fromkeys(found.warnings)
        named = len(set(found.ids))
        if named != min(found.count, CAP):
            raise SourceMoved(f"{found.count} records counted, {named} ids named")
        if found.count and not found.web_env:
            raise SourceMoved(f"{found.count} records counted, but no history to fetch them from")
        return found

    def page(self, found: SearchAnswer, start: int) -> tuple[FoundRecord, ...]:
        """Fetch one page of a history, by its place in the list of ids."""
        place = {"retstart": str(start), "retmax": str(self.batch_size)}
        history = {"WebEnv": found.web_env, "query_key": found.query_key}
        return self._fetch(place | history)

    def by_id(self, pmids: Sequence[str]) -> dict[str, FoundRecord]:
        """Fetch records by id."""
        batches = (
            pmids[start : start + self.batch_size]
            for start in range(0, len(pmids), self.batch_size)
        )
        pages = [self._fetch({"id": ",".join(batch)}) for batch in batches]
        return {record.source_id: record for page in pages for record in page}

    def _fetch(self, form: Mapping[str, str]) -> tuple[FoundRecord, ...]:
        reply = self._ask(FETCH, {**form, "retmode": "xml"}, read_articles)
        self.tally.keep_page(reply, reply.value.found)
        return reply.value.found

    def _ask(self, utility: str, form: Mapping[str, str], read: Callable[[bytes], T]) -> Reply[T]:
        fields = {"db": "pubmed", **form, **self._credentials}
        try:
            url = f"{self._base_url}/{utility}"
            return self._client.post(url, fields, read, count=self.tally.ask)
        except ExpiredHistory as error:
            if "WebEnv" in form:
                raise
            raise SourceUnavailable(self.address(utility), str(error)) from error


def _parts(asker: _Asker, query: str, today: date) -> list[_Part]:
    whole = asker.search(query)
    if whole.translation not in ("", query):
        asker.tally.warnings[f"PubMed searched for: {whole.translation}"] = None
    if whole.count <= CAP:
        return [_Part(query, whole)]
    parts = list(_split(asker, query, whole.count, _Days(FIRST_DAY, LAST_DAY), today))
    named = {pmid for part in parts for pmid in part.found.ids}
    if len(named) != whole.count:
        raise SourceMoved(
            f"{whole.count} records counted, ranges of create dates name {len(named)}"
        )
    return parts


def _split(asker: _Asker, query: str, count: int, days: _Days, today: date) -> Iterator[_Part]:
    """Halve a range of create dates until all parts fit; halves must add up to their whole."""
    if days.first == days.last:
        reason = f"{count} records were created on {days.first}, PubMed gives no more than {CAP}"
        raise Incomplete(asker.address(SEARCH), reason)
    halves = days.halves(today)
    found = [asker.search(half.within(query)) for half in halves]
    if sum(half.count for half in found) != count:
        counts = " + ".join(str(half.count) for half in found)
        raise SourceMoved(
            f"{days.first} to {days.last}: {count} records counted, halves give {counts}"
        )
    for half, answer in zip(halves, found, strict=True):
        if answer.count > CAP:
            yield from _split(asker, query, answer.count, half, today)
        elif answer.count:
            yield _Part(half.within(query), answer)


def _collect_all(asker: _Asker, parts: list[_Part], progress: Progress) -> dict[str, FoundRecord]:
    asker.tally.problems.clear()
    total = sum(part.found.count for part in parts)
    records: dict[str, FoundRecord] = {}
    for part in parts:
        watch = partial(_watch, progress, len(records), total)
        records |= _Delivery(asker, part, watch).whole()
    return records


def _watch(progress: Progress, before: int, total: int, done: int) -> None:
    progress(SOURCE, before + done, total)


@dataclass(slots=True)
class _Delivery:
    """The delivery of one part's records, page by page, gone on with when its history expires."""

    asker: _Asker
    part: _Part
    watch: Callable[[int], None]
    delivered: dict[str, FoundRecord] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)

    def whole(self) -> dict[str, FoundRecord]:
        """Fetch all; give up when several histories in a row expire before they deliver a page."""
        fruitless = 0
        while fruitless <= RENEWALS:
            before = len(self.delivered)
            try:
                self._fetch_pages()
            except ExpiredHistory:
                fruitless = fruitless + 1 if len(self.delivered) == before else 0
                if fruitless <= RENEWALS:
                    self._renew()
            else:
                wanted = self.part.found.ids
                return _reconciled(self.asker, wanted, self.delivered, self.strays)
        reason = f"the search's history expired {fruitless} times before it delivered a page"
        raise SourceUnavailable(self.asker.address(FETCH), reason)

    def _fetch_pages(self) -> None:
        """Fetch what is not here yet; a short page never shifts where the next one starts."""
        found, size = self.part.found, self.asker.batch_size
        for start in range(0, found.count, size):
            if not self.delivered.keys() >= set(found.ids[start : start + size]):
                self._take(self.asker.page(found, start))

    def _take(self, page: Iterable[FoundRecord]) -> None:
        named = set(self.part.found.ids)
        for record in page:
            if record.source_id in named:
                self.delivered[record.source_id] = record
            else:
                self.strays.add(record.source_id)
        self.watch(len(self.delivered))

    def _renew(self) -> None:
        """Search again; what was delivered stays as far as the new answer names it as well."""
        found = self.asker.search(self.part.query)
        if found.count > CAP:
            raise SourceMoved(f"{found.count} records counted where fewer were before")
        self.part.found = found
        self.delivered = {
            pmid: self.delivered[pmid] for pmid in found.ids if pmid in self.delivered
        }


def _reconciled(
    asker: _Asker,
    wanted: Sequence[str],
    delivered: Mapping[str, FoundRecord],
    strays: Iterable[str],
) -> dict[str, FoundRecord]:
    """Return the wanted records in order; ask once more for the missing, tell of what stays odd."""
    missing = [pmid for pmid in wanted if pmid not in delivered]
    records = {**delivered, **asker.by_id(missing)}
    missing = [pmid for pmid in missing if pmid not in records]
    strays = {*strays, *records}.difference(wanted)
    if missing:
        asker.tally.problems.append(f"named but not delivered: PMID {', '.join(missing)}")
    if strays:
        named = ", ".join(sorted(strays))
        asker.tally.problems.append(f"delivered but not asked for, left out: PMID {named}")
    return {pmid: records[pmid] for pmid in wanted if pmid in records}


def _credentials(tool: str, email: str | None, api_key: str | None) -> dict[str, str]:
    named = {"tool": tool, "email": email, "api_key": api_key}
    return {name: value for name, value in named.items() if value}
