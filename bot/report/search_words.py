"""What a version says of searches: those since the last version, each source's last. Pure."""

from __future__ import annotations

from bot.report.document import ReviewDocument
from bot.results.format import counted, day, listed


def searched_since(document: ReviewDocument) -> str:
    """Say how many searches were completed since the last version, and what they brought."""
    came = document.since_last
    if came is None or document.previous is None:
        return ""
    last = f"version {document.previous.number}"
    failed = f" {counted(came.failed, 'search', 'searches')} failed." if came.failed else ""
    if not came.searches:
        return f"No search was completed since {last}.{failed}"
    return (
        f"Since {last}, {counted(came.searches, 'search', 'searches')} of"
        f" {counted(came.sources, 'source')} brought {counted(came.new, 'new record')}.{failed}"
    )


def searched(document: ReviewDocument) -> tuple[str, ...]:
    """Say of every source when it was last searched, those that were not at the end."""
    days: dict[str, list[str]] = {}
    for each in sorted(document.schedules, key=lambda line: line.last_searched_at or ""):
        if each.last_searched_at is not None:
            days.setdefault(day(each.last_searched_at), []).append(each.source)
    never = tuple(each.source for each in document.schedules if each.last_searched_at is None)
    late = tuple(
        each.source for each in document.schedules if each.overdue and each.last_searched_at
    )
    said = [f"Searched on {when}: {listed(tuple(names))}." for when, names in days.items()]
    if late:
        said.append(f"Longer ago than the schedule allows: {listed(late)}.")
    if never:
        said.append(f"{not_since(document)}: {listed(never)}.")
    return tuple(said)


def not_since(document: ReviewDocument) -> str:
    """Say from when on sources were not searched that this program has never searched."""
    if document.published is None:
        return "Not searched yet"
    last = day(document.published.searched_on)
    return f"Not searched since the published review, whose last search was on {last}"


def overdue(document: ReviewDocument) -> tuple[str, ...]:
    """Name the sources that are late by their schedule, those never searched in one sentence."""
    late = [each for each in document.schedules if each.overdue]
    never = tuple(each.source for each in late if each.last_searched_at is None)
    said = [
        f"{each.source}: last searched on {day(each.last_searched_at)}, longer ago than its"
        " schedule allows."
        for each in late
        if each.last_searched_at is not None
    ]
    if never:
        said.append(f"{not_since(document)}, though the schedule asks for it: {listed(never)}.")
    return tuple(said)
