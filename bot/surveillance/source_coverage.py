"""What each source brought of the included reports, and what none of them may have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.capture import (
    CaptureEstimate,
    chao_lower_bound,
    chapman,
    independent_lists,
)
from analysis.errors import NotEstimable
from bot.surveillance.report_finds import FoundReport


@dataclass(frozen=True, slots=True)
class SearchedSource:
    """A source of the protocol. searched: whether it was searched whole; seeds: only asked about
    documents that are known already."""

    id: str
    name: str
    register: bool
    seeds: bool
    searched: bool

    @property
    def is_list(self) -> bool:
        """Whether what it has and has not tells of what nobody has."""
        return self.searched and not self.register and not self.seeds

    def can_hold(self, report: FoundReport) -> bool:
        """Whether such a report can be in it: registers hold entries, other sources the rest."""
        return self.register == report.register_entry


@dataclass(frozen=True, slots=True)
class Brought:
    """What a source brought. of: how many reports it can hold; alone, first: those that no other
    had, and those that it was the first, or among the first, to find."""

    source: SearchedSource
    of: int
    reports: int
    alone: int
    first: int


def brought_by(
    sources: Iterable[SearchedSource], reports: Sequence[FoundReport]
) -> tuple[Brought, ...]:
    """Count what each source brought of the reports."""
    return tuple(_brought(each, reports) for each in sources)


def _brought(source: SearchedSource, reports: Sequence[FoundReport]) -> Brought:
    had = [each for each in reports if source.id in each.sources]
    return Brought(
        source,
        sum(source.can_hold(each) or source.id in each.sources for each in reports),
        len(had),
        sum(each.alone == source.id for each in had),
        sum(source.id in each.first for each in had),
    )


@dataclass(frozen=True, slots=True)
class Later:
    """A report that would have been found some days later. by: who would have."""

    report: FoundReport
    days: int
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DroppedSource:
    """What the review would have lost without a source. studies: those that no report is left of,
    by their labels. What a source only had because it was asked about it is lost as well."""

    source: str
    reports: tuple[FoundReport, ...]
    studies: tuple[str, ...]
    later: tuple[Later, ...]


def without(source: str, reports: Sequence[FoundReport]) -> DroppedSource:
    """Say what would be lost, or found later, without a source, of all that any search found."""
    lost = tuple(each for each in reports if each.alone == source)
    left = {each.study for each in reports if each.finds and each.alone != source}
    gone = {each.study: each.label for each in lost if each.study not in left}
    return DroppedSource(source, lost, tuple(gone.values()), tuple(_later(source, reports)))


def _later(source: str, reports: Iterable[FoundReport]) -> Iterator[Later]:
    for each in reports:
        others = [find for find in each.finders if find.source != source]
        if not others:
            continue
        then = others[0].found_on
        days = (date.fromisoformat(then) - date.fromisoformat(each.finders[0].found_on)).days
        if days > 0:
            by = tuple(find.source for find in others if find.found_on == then)
            yield Later(each, days, by)


# ---- what none of them may have ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MissedArticles:
    """How many articles there may be in all, of which no source has some.

    lists: the sources that count; found: the articles that one of them had at least
    estimate: the least that there is; beside: what independent sources would mean, of three or more
    why: why no figure can be given
    """

    lists: tuple[SearchedSource, ...]
    found: int
    estimate: CaptureEstimate | None = None
    beside: CaptureEstimate | None = None
    why: str | None = None


def missing_of(sources: Iterable[SearchedSource], reports: Iterable[FoundReport]) -> MissedArticles:
    """Estimate what the databases have not found, by what they have found in common.

    A source counts that was searched whole, with words of its own: one that is asked only about
    known documents finds none of those that nobody knows, and registers hold other things.
    """
    lists = tuple(each for each in sources if each.is_list)
    names = {each.id for each in lists}
    held = [names & set(each.sources) for each in reports if not each.register_entry]
    found = [frozenset(each) for each in held if each]
    if len(lists) < 2:
        return MissedArticles(lists, len(found), why="fewer than two databases were searched whole")
    try:
        return _estimated(lists, found)
    except NotEstimable as error:
        return MissedArticles(lists, len(found), why=error.reason)


def _estimated(
    lists: tuple[SearchedSource, ...], found: Sequence[frozenset[str]]
) -> MissedArticles:
    if len(lists) > 2:
        bound, beside = chao_lower_bound(found), independent_lists(found)
        return MissedArticles(lists, len(found), bound, beside)
    one, other = (sum(each.id in had for had in found) for each in lists)
    both = sum(len(had) == 2 for had in found)
    return MissedArticles(lists, len(found), chapman(one, other, both))


@dataclass(frozen=True, slots=True)
class ElsewhereReport:
    """A report that another review includes. asked: the sources that a whole search since has held
    against it; found: those that had it."""

    title: str
    name: str
    asked: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SisterCoverage:
    """What another review includes, and what the searches of this one found of it."""

    sister: str
    reports: tuple[ElsewhereReport, ...]

    @property
    def asked(self) -> tuple[ElsewhereReport, ...]:
        """Those that a source could have found."""
        return tuple(each for each in self.reports if each.asked)

    @property
    def missed(self) -> tuple[ElsewhereReport, ...]:
        """Those of them that none has found."""
        return tuple(each for each in self.asked if not each.found)


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """All that the log proves of where the included reports were found."""

    reports: tuple[FoundReport, ...]
    brought: tuple[Brought, ...]
    missing: MissedArticles
    sisters: tuple[SisterCoverage, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The sources' names by their ids."""
        return {each.source.id: each.source.name for each in self.brought}


def coverage_of(
    sources: Sequence[SearchedSource],
    reports: tuple[FoundReport, ...],
    sisters: tuple[SisterCoverage, ...] = (),
) -> SourceCoverage:
    """Count all that is told of the sources."""
    brought, missing = brought_by(sources, reports), missing_of(sources, reports)
    return SourceCoverage(reports, brought, missing, sisters)
