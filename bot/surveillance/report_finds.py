"""Which sources had each report of the included studies, when first, and which of them alone. Pure.

Only what the log proves is told. A report of the published review was found by whoever searched for
that review; that a source of this one has it is known where a search of it has brought it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from extraction.linkage import same_title
from extraction.model import Record, RecordIds, RecordKind, Report, Study
from extraction.record_keys import REGISTER_PREFIX, own_ids

_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")

Days = tuple[date, date]  # the first and the last that a date of publication may mean


class ReportOrigin(StrEnum):
    """By whom a report came into the review."""

    PUBLISHED = "published review"
    SEARCHES = "searches"
    PEOPLE = "people"  # named with the data of a study, found by no search


@dataclass(frozen=True, slots=True)
class Find:
    """The first record of a report that a source gave, and the day of the search that gave it.

    at_first: the search was the first of its words; what it found may have been there for long.
    from_known: the source is only asked about documents that are known, which this may be one of.
    """

    source: str
    record: Record
    found_on: str
    at_first: bool
    from_known: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Days from publication to the first find; fewest and most, where only a month is known."""

    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class FoundReport:
    """A report of an included study. finds: the first of each source, the earliest first."""

    study: str
    label: str
    cited: str
    origin: ReportOrigin
    register_entry: bool
    finds: tuple[Find, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that had it, the first to find it first."""
        return tuple(each.source for each in self.finds)

    @property
    def finders(self) -> tuple[Find, ...]:
        """The finds that needed nothing known: of those that did only where there is no other."""
        return tuple(each for each in self.finds if not each.from_known) or self.finds

    @property
    def first(self) -> tuple[str, ...]:
        """The sources that found it first; several where they did on one day."""
        finders = self.finders
        return tuple(each.source for each in finders if each.found_on == finders[0].found_on)

    @property
    def alone(self) -> str | None:
        """The one source that found it, where there is one; None: several, or none."""
        return self.finders[0].source if len(self.finders) == 1 else None

    @property
    def published_on(self) -> str | None:
        """The earliest date of publication that a record tells, as exactly as one does."""
        told = [each.record.published_on for each in self.finds]
        days = {on: found for on in told if on and (found := _days_of(on)) is not None}
        exact = [on for on, own in days.items() if not any(_within(o, own) for o in days.values())]
        return min(exact, key=lambda on: (days[on], on), default=None)

    @property
    def delay(self) -> Delay | None:
        """How long after its publication it was found first; None where the log cannot tell."""
        published = _days_of(self.published_on or "")
        if published is None or not self.finds:
            return None
        first, found = self.finds[0], date.fromisoformat(self.finds[0].found_on)
        if first.at_first and published[0] < found:
            return None
        return Delay((found - published[1]).days, (found - published[0]).days)


def found_reports(
    study: Study,
    finds: Sequence[Find],
    *,
    published: Study | None,
    same: Collection[tuple[str, str]] = (),
) -> tuple[FoundReport, ...]:
    """Return each report of a study once, with the sources that had it.

    finds: the records linked to the study; published: the study as the published review has it
    same: pairs of records, by their keys, that are one
    """
    documents = [*_named(study, published), *map(_of_find, finds)]
    return tuple(_found(study, each) for each in _joined(documents, same))


@dataclass(frozen=True, slots=True)
class _Document:
    """A report as the review names it or a source gave it; names: what it is known by."""

    names: frozenset[str]
    cited: str
    origin: ReportOrigin
    register_entry: bool
    finds: tuple[Find, ...] = ()

    def is_one_with(self, other: _Document, same: Collection[tuple[str, str]]) -> bool:
        """Whether two are one document: by a name of both, by a title, or as people merged them."""
        if self.names & other.names:
            return True
        if self.register_entry != other.register_entry:
            return False
        return (
            self._bears_the_title_of(other)
            or other._bears_the_title_of(self)
            or (any((a, b) in same or (b, a) in same for a in self._keys for b in other._keys))
        )

    def _bears_the_title_of(self, other: _Document) -> bool:
        if other.finds or self.register_entry:
            return False
        parts = other.cited.split(". ")
        return any(same_title(each.record, part) for each in self.finds for part in parts)

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(each.record.key for each in self.finds)

    def with_(self, other: _Document) -> _Document:
        """Return the two as one; what the review calls it stays."""
        return replace(self, names=self.names | other.names, finds=(*self.finds, *other.finds))


def _named(study: Study, published: Study | None) -> Iterator[_Document]:
    """Yield what the review itself names of a study: its reports, and its entries in registers."""
    was = published.reports if published is not None else ()
    known = {name for each in was for name in (each.citation, *_names(each.ids))}
    for report in study.reports:
        names = frozenset(_names(report.ids))
        old = bool(known & {report.citation, *names})
        origin = ReportOrigin.PUBLISHED if old else ReportOrigin.PEOPLE
        yield _Document(names, report.citation, origin, _is_entry(report))
    entries = published.register_ids if published is not None else ()
    for each in study.register_ids:
        name = f"{REGISTER_PREFIX}{each}"
        if each in entries:
            yield _Document(frozenset({name}), each, ReportOrigin.PUBLISHED, True)


def _names(ids: RecordIds) -> Iterator[str]:
    named = {"pmid": ids.pmid, "pmcid": ids.pmcid, "doi": ids.doi}
    articles = [f"{kind}:{each}" for kind, each in named.items() if each is not None]
    yield from articles or [f"{REGISTER_PREFIX}{each}" for each in ids.register[:1]]


def _is_entry(report: Report) -> bool:
    ids = report.ids
    return bool(ids.register) and not (ids.pmid or ids.pmcid or ids.doi)


def _of_find(find: Find) -> _Document:
    record = find.record
    names = frozenset({record.key, *own_ids(record)})
    entry = record.kind is RecordKind.REGISTER_ENTRY
    return _Document(names, record.title, ReportOrigin.SEARCHES, entry, (find,))


def _joined(documents: Iterable[_Document], same: Collection[tuple[str, str]]) -> list[_Document]:
    """Join what is one document, whichever of its records says so."""
    joined: list[_Document] = []
    for document in documents:
        one = document
        twins = [each for each in joined if each.is_one_with(one, same)]
        for twin in twins[1:]:
            one = twin.with_(one)
            joined.remove(twin)
        if twins:
            joined[joined.index(twins[0])] = twins[0].with_(one)
        else:
            joined.append(one)
    return joined


def _found(study: Study, one: _Document) -> FoundReport:
    finds: dict[str, Find] = {}
    for each in sorted(one.finds, key=lambda find: (find.found_on, find.record.key)):
        finds.setdefault(each.source, each)
    firsts = tuple(finds.values())
    origin = one.origin
    if origin is ReportOrigin.PEOPLE and firsts:
        origin = ReportOrigin.SEARCHES
    return FoundReport(study.id, study.label, one.cited, origin, one.register_entry, firsts)


def _days_of(text: str) -> Days | None:
    """Return the first and the last day that a date may mean; None for other words."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        last = day or calendar.monthrange(year, month or 12)[1]
        return date(year, month or 1, day or 1), date(year, month or 12, last)
    except ValueError:  # such as a month 13
        return None


def _within(one: Days, other: Days) -> bool:
    """Whether a date says the same as another, and more exactly."""
    return one != other and other[0] <= one[0] and one[1] <= other[1]
