"""What a version says in sentences: what is new, how it was made, and where it falls short.

A sentence that claims work claims no more than the log proves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.figures.forest_lines import told
from bot.report.document import (
    ByTwo,
    ReviewDocument,
    SearchLine,
    ShownStatus,
    SignalLine,
)
from bot.report.prisma import sums_that_fail
from bot.report.summary import is_reproduced, rating_is_stale
from bot.results.diff import Change
from bot.results.format import counted, day, listed
from bot.results.model import AnalysisResult
from bot.review.protocol import Amendment, ReviewProtocol
from state.facts.words import RunStatus, SignatureVerdict, VersionKind

_KINDS = {
    VersionKind.BASELINE: "The review as published, computed again from its data.",
    VersionKind.UPDATE: "An update, with a new search.",
    VersionKind.AMENDMENT: "An amendment, without a new search.",
}

KINDS_IN_SHORT = {
    VersionKind.BASELINE: "as published",
    VersionKind.UPDATE: "update with a new search",
    VersionKind.AMENDMENT: "amendment",
}
DESIGNS = {"parallel": "parallel groups", "crossover": "cross-over", "other": "other"}
_DERIVED = (
    "Numbers marked † in {} were derived, not read in a report; the notes under the data say how."
)
_RATED_ON_OTHER_DATA = (
    "Certainty of {} was rated on other data than are shown here; only people rate certainty, and"
    " they have not rated it again."
)
_ORDER_INFERRED = "Which arm comes first in {} was inferred, not published."
_UNPAIRED = "The paired analysis of cross-over data is missing for {}; the plots say why."
STATUSES = {
    ShownStatus.INCLUDED: "included",
    ShownStatus.ONGOING: "ongoing",
    ShownStatus.AWAITING: "awaiting classification",
    ShownStatus.EXCLUDED: "excluded after inclusion",
}


def heading(protocol: ReviewProtocol) -> str:
    """Return the title, with the word 'living' in it as PRISMA-LSR asks."""
    if "living" in protocol.title.lower():
        return protocol.title
    return f"{protocol.title}: a living systematic review"


def arms_named(protocol: ReviewProtocol, arms: str) -> str:
    """Name arms by their labels: 'ivig+placebo' is 'IVIg and Placebo'."""
    labels = {each.id: each.label for each in protocol.arms}
    return listed(tuple(labels.get(arm, arm) for arm in arms.split("+")))


def opening(document: ReviewDocument) -> str:
    """Say what kind of version this is and why it was made."""
    kind = _KINDS[document.kind]
    if document.kind is VersionKind.BASELINE:
        return kind
    return f"{kind} Why now: {document.cause.rstrip('.')}."


def whats_new(document: ReviewDocument, moved: Sequence[Change]) -> tuple[str, ...]:
    """Say in plain words what this version brings, the most important first."""
    if document.previous is None:
        return _reproduction(document.results)
    added = tuple(dict.fromkeys(label for each in moved for label in each.studies_added))
    news = f"New in the pooled results: {listed(added)}." if added else "No study is new here."
    unchanged = len(document.results) - sum(each.new is not None for each in moved)
    rest = "other " if moved else ""
    steady = (f"Unchanged: {counted(unchanged, f'{rest}result')}.",) if unchanged else ()
    return (news, *(_movement(each) for each in moved), *steady)


def conclusion(document: ReviewDocument) -> str:
    """Say whether a conclusion changed, as far as people have signed."""
    if document.previous is None:
        return "This version is what later versions are compared with."
    if not document.signals:
        return "No rule of the protocol fired: nothing says that a conclusion changed."
    weighty = [each for each in document.signals if each.changes_conclusions]
    if waiting := _unsigned(weighty):
        return (
            f"A conclusion may have changed: {counted(waiting, 'signal')} of the kind that"
            f" changes conclusions {_waits(waiting)} for a person's signature."
        )
    accepted = [each for each in weighty if each.verdict is SignatureVerdict.ACCEPT]
    if accepted:
        return f"Conclusions changed: {'; '.join(_signed(each) for each in accepted)}."
    unsigned = _unsigned(document.signals)
    tail = f" {counted(unsigned, 'signal')} {_waits(unsigned)} for a signature." if unsigned else ""
    return f"Results moved; no conclusion changed by the rules of the protocol.{tail}"


def _unsigned(signals: Sequence[SignalLine]) -> int:
    return sum(each.verdict is None for each in signals)


def methods(document: ReviewDocument) -> tuple[str, ...]:
    """Say how the work was done, as the log proves it for this version."""
    facts = document.facts
    said = [
        _by_two(facts.title_abstract, "Titles and abstracts", "screened", "record"),
        _by_two(facts.full_text, "Full texts", "assessed", "report"),
        _by_two(facts.extraction, "Data", "extracted", "study"),
    ]
    if facts.conflicts:
        said.append(
            f"{counted(facts.conflicts, 'conflict')} came up,"
            f" {facts.adjudicated:,} settled by a third person."
        )
    if facts.unauthenticated:
        said.append(
            f"{counted(facts.unauthenticated, 'entry', 'entries')} came by command line,"
            " where nobody signs in; the log marks them so."
        )
    return tuple(said)


def limitations(document: ReviewDocument) -> tuple[str, ...]:
    """Name what a reader should know against this version."""
    protocol, results = document.protocol, document.results
    said = [
        _overdue(each.source, each.last_searched_at) for each in document.schedules if each.overdue
    ]
    said += [
        f"The last search of {source_name(protocol, each.source)} ({day(each.searched_at)}) failed:"
        f" {each.error or 'reason not reported'}."
        for each in _latest(document.searches)
        if each.status is RunStatus.FAILED
    ]
    said += [
        f"The search of {source_name(protocol, each.source)} on {day(each.searched_at)} did not"
        f" find again: {'; '.join(each.known_items_missing)}."
        for each in _latest(document.searches)
        if each.known_items_missing
    ]
    waiting = document.flow_cumulative.records_waiting
    if waiting:
        said.append(f"{counted(waiting, 'record')} {_waits(waiting)} to be screened.")
    said += _evidence_limits(document, results)
    said += [f"The flow does not add up: {each}." for each in sums_that_fail(document.flow)]
    said.append(
        "A living review looks at its data again and again. Its intervals are those of a single"
        " look; they and the rules for signals describe, and are no tests of significance."
    )
    return tuple(said)


def amendments_since(document: ReviewDocument) -> tuple[Amendment, ...]:
    """Return the changes of the protocol since the version before."""
    if document.previous is None:
        return ()
    amendments = document.protocol.amendments
    known = [each.version for each in amendments]
    start = document.previous.protocol_version
    return amendments[known.index(start) + 1 :] if start in known else amendments


def source_name(protocol: ReviewProtocol, source: str) -> str:
    """Return the name a source has in the protocol."""
    return next((each.name for each in protocol.sources if each.id == source), source)


def _reproduction(results: Sequence[AnalysisResult]) -> tuple[str, ...]:
    published = [each for each in results if each.published is not None]
    agreeing = [each for each in published if is_reproduced(each)]
    said = (
        f"{len(agreeing)} of {counted(len(published), 'published result')} come out of the data"
        " with every printed digit."
    )
    derived = tuple(each.id for each in agreeing if each.derived_inputs)
    if not derived:
        return (said,)
    return (
        said,
        f"For {listed(derived)} the numbers of the single studies were themselves derived from the"
        " published results, so there the agreement is no independent check.",
    )


def _movement(change: Change) -> str:
    where = f"{change.outcome_label} ({change.comparison_label})"
    if change.new is None:
        return f"{where}: no longer computed."
    now = told(change.new)
    if change.old is None:
        return f"{where}: a first result, {change.measure} {now}."
    if not change.estimate_moved:
        return f"{where}: {change.measure} {now}, as before, from corrected data."
    return f"{where}: {change.measure} {now}; before, {told(change.old)}."


def _signed(signal: SignalLine) -> str:
    return f"{signal.text.rstrip('.')} ({signal.rule}, signed by {signal.signed_by})"


def _waits(n: int) -> str:
    return "waits" if n == 1 else "wait"


def _by_two(fact: ByTwo, what: str, done: str, unit: str) -> str:
    plural = "studies" if unit == "study" else f"{unit}s"
    if fact.done == 0:
        return f"{what}: none were {done} for this version."
    if fact.by_two == fact.done:
        return (
            f"{what}: two authors independently {done} every {unit}"
            f" ({fact.by_two:,} of {fact.done:,}, by the log)."
        )
    return (
        f"{what}: {fact.by_two:,} of {counted(fact.done, unit, plural)} were {done} by two people"
        " independently; of the rest the log does not show it."
    )


def _overdue(source: str, last: str | None) -> str:
    if last is None:
        return f"{source}: not searched yet by this program, though its schedule asks for it."
    return f"{source}: last searched on {day(last)}, longer ago than its schedule allows."


def _latest(searches: Sequence[SearchLine]) -> tuple[SearchLine, ...]:
    """Return the last search of each source."""
    last: dict[str, SearchLine] = {}
    for each in sorted(searches, key=lambda search: search.searched_at):
        last[each.source] = each
    return tuple(last.values())


def _evidence_limits(document: ReviewDocument, results: Sequence[AnalysisResult]) -> list[str]:
    ratings = {each.analysis: each.rated_in for each in document.certainty}

    def is_stale(each: AnalysisResult) -> bool:
        return each.id in ratings and rating_is_stale(document, each, ratings[each.id])

    limits: tuple[tuple[str, Callable[[AnalysisResult], bool]], ...] = (
        (_DERIVED, lambda each: each.derived_inputs),
        (_RATED_ON_OTHER_DATA, is_stale),
        (_ORDER_INFERRED, lambda each: each.arm_order_inferred),
        (_UNPAIRED, lambda each: each.paired.missing is not None),
    )
    found = ((said, tuple(each.id for each in results if holds(each))) for said, holds in limits)
    return [said.format(listed(ids)) for said, ids in found if ids]
