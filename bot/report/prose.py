"""What a version says in sentences: what is new, how it was made, and where it falls short.

A sentence that claims work claims no more than the log proves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.figures.forest_lines import told
from bot.report.document import (
    ByTwo,
    ReviewDocument,
    SearchLine,
    ShownStatus,
    SignalLine,
    StudyLine,
)
from bot.report.notice_words import new_notices, notice_words
from bot.report.prisma import sums_that_fail
from bot.report.search_words import overdue, searched_since
from bot.report.summary import is_reproduced, rating_is_stale
from bot.results.diff import Change, changes
from bot.results.format import counted, day, listed
from bot.results.model import AnalysisResult
from bot.review.protocol import Amendment, ReviewProtocol
from state.facts.words import RunStatus, SignatureVerdict, VersionKind

_KINDS = {
    VersionKind.BASELINE: "The review as published, computed again from its data.",
    VersionKind.UPDATE: "An update, with a new search.",
    VersionKind.AMENDMENT: "An amendment.",
}

_KINDS_IN_SHORT = {
    VersionKind.BASELINE: "as published",
    VersionKind.UPDATE: "update with a new search",
    VersionKind.AMENDMENT: "amendment",
}
DESIGNS = {"parallel": "parallel groups", "crossover": "cross-over", "other": "other"}
_BEGUN = "The first version of this review, which goes on from no published one."
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


def kind_in_short(document: ReviewDocument) -> str:
    """Say what kind of version this is in a word or two."""
    if document.kind is VersionKind.BASELINE and document.published is None:
        return "first version"
    return _KINDS_IN_SHORT[document.kind]


def opening(document: ReviewDocument) -> str:
    """Say what kind of version this is, what was searched for it and why it was made."""
    kind = _KINDS[document.kind]
    if document.kind is VersionKind.BASELINE:
        return kind if document.published is not None else _BEGUN
    return f"{kind} Why now: {document.cause.rstrip('.')}. {searched_since(document)}".rstrip()


def whats_new(document: ReviewDocument, moved: Sequence[Change]) -> tuple[str, ...]:
    """Say in plain words what this version brings, the most important first."""
    if document.previous is None:
        return _reproduction(document.results)
    unchanged = len(document.results) - sum(each.new is not None for each in moved)
    rest = "other " if moved else ""
    steady = (f"Unchanged: {counted(unchanged, f'{rest}result')}.",) if unchanged else ()
    return (
        *(notice_words(study, each) for study, each in new_notices(document)),
        *_studies_since(document, moved),
        *(_movement(each) for each in moved),
        *steady,
    )


def _studies_since(document: ReviewDocument, moved: Sequence[Change]) -> tuple[str, ...]:
    """Say which studies entered or left the review, and which the pooled results."""
    came = document.since_last
    included = came.included if came is not None else ()
    taken_out = came.taken_out if came is not None else ()
    added = tuple(dict.fromkeys(label for each in moved for label in each.studies_added))
    removed = tuple(dict.fromkeys(label for each in moved for label in each.studies_removed))
    said = []
    if included:
        said.append(f"New in the review: {listed(included)}.")
    if added:
        said.append(f"New in the pooled results: {listed(added)}.")
    said += [f"{label} was moved from the included studies: {where}." for label, where in taken_out]
    if removed:
        said.append(f"No longer in the pooled results: {listed(removed)}.")
    return tuple(said) or ("No study entered or left the review.",)


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
    moved = changes(document.previous.results, document.results)
    start = "Results moved" if moved else "No result moved"
    return f"{start}; no conclusion changed by the rules of the protocol.{tail}"


def _unsigned(signals: Sequence[SignalLine]) -> int:
    return sum(each.verdict is None for each in signals)


def methods(document: ReviewDocument) -> tuple[str, ...]:
    """Say how the work was done, as the log proves it for this version."""
    facts = document.facts
    said = [
        _by_two(facts.title_abstract, _SCREENED),
        _by_two(facts.full_text, _ASSESSED),
        _by_two(facts.extraction, _EXTRACTED),
    ]
    if facts.sealed:
        said.append(
            f"{counted(facts.sealed, 'entry', 'entries')} of the log {_is(facts.sealed)} sealed:"
            " what one of two people has said counts for nobody until the second has said theirs."
        )
    if facts.conflicts:
        said.append(
            f"{counted(facts.conflicts, 'conflict')} came to an end,"
            f" {facts.adjudicated:,} of them settled by a third person."
        )
    if facts.in_all:
        said.append(f"All people together, by the log: {facts.in_all}.")
    if facts.unauthenticated:
        said.append(
            f"{facts.unauthenticated:,} of {counted(facts.acts, 'act')} of people came by command"
            " line, where nobody signs in: the log has the name that was given, not a proof of it."
        )
    return tuple(said)


def signed(document: ReviewDocument) -> str | None:
    """Say whose signatures a published version bears; a draft and the baseline bear none."""
    if document.is_draft or not document.signatures:
        return None
    names = [f"{each.name} (lead)" if each.lead else each.name for each in document.signatures]
    count = counted(len(names), "signature")
    return f"Published with {count}: {listed(tuple(names))}."


def limitations(document: ReviewDocument) -> tuple[str, ...]:
    """Name what a reader should know against this version."""
    protocol, results = document.protocol, document.results
    said = list(overdue(document))
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
    said += [
        f"The flow does not add up: {each}."
        for counts in (document.flow, document.flow_cumulative)
        for each in sums_that_fail(counts)
    ]
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


def incorporation(document: ReviewDocument) -> tuple[str, ...]:
    """Name the included studies that no result rests on, and say why."""
    resting = {row.study for result in document.results for row in result.rows}
    return tuple(
        f"{each.label}{_register_ids(each)}: included, {_why_not_in(each)}."
        for each in document.studies
        if each.status is ShownStatus.INCLUDED and each.id not in resting
    )


def _register_ids(study: StudyLine) -> str:
    return f" ({listed(study.register_ids)})" if study.register_ids else ""


def _why_not_in(study: StudyLine) -> str:
    if study.not_yet_incorporated:
        return "its data are not accepted yet, so no result here rests on it"
    return "and no analysis of the protocol uses its data"


def source_name(protocol: ReviewProtocol, source: str) -> str:
    """Return the name a source has in the protocol."""
    return next((each.name for each in protocol.sources if each.id == source), source)


def _reproduction(results: Sequence[AnalysisResult]) -> tuple[str, ...]:
    """Say which results come out again from numbers that were read: the others were solved to."""
    published = [each for each in results if each.published is not None]
    if not published:
        return ("There is no published result to compare these with.",)
    agreeing = [each for each in published if is_reproduced(each)]
    derived = tuple(each.id for each in agreeing if each.derived_inputs)
    read = len(agreeing) - len(derived)
    of = counted(len(published), "published result")
    said = f"{read} of {of} come out with every printed digit from numbers that were read."
    if not derived:
        return (said,)
    return (
        said,
        f"{len(derived)} more agree because the numbers of the single studies were solved from the"
        f" published results ({listed(derived)}): there the agreement is no independent check.",
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


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


@dataclass(frozen=True, slots=True)
class _Work:
    """The words for one kind of double work."""

    what: str
    done: str
    unit: str
    units: str


_SCREENED = _Work("Titles and abstracts", "screened", "record", "records")
_ASSESSED = _Work("Full texts", "assessed", "report", "reports")
_EXTRACTED = _Work("Data", "extracted", "study", "studies")


def _by_two(fact: ByTwo, work: _Work) -> str:
    if fact.done == 0:
        return f"{work.what}: none were {work.done} for this version."
    if fact.by_two == fact.done:
        return (
            f"{work.what}: two authors independently {work.done} every {work.unit}"
            f" ({fact.by_two:,} of {fact.done:,}, by the log)."
        )
    return (
        f"{work.what}: {fact.by_two:,} of {counted(fact.done, work.unit, work.units)} were"
        f" {work.done} by two people independently; of the rest the log does not show it."
    )


def _latest(searches: Sequence[SearchLine]) -> tuple[SearchLine, ...]:
    """Return the last search of each source."""
    last: dict[str, SearchLine] = {}
    for each in sorted(searches, key=lambda search: search.searched_at):
        if not each.withdrawn:
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
        (_UNPAIRED, lambda each: each.paired.lacks_data),
    )
    found = ((said, tuple(each.id for each in results if holds(each))) for said, holds in limits)
    return [said.format(listed(ids)) for said, ids in found if ids]
