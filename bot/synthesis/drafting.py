"""A new result beside the published version: a draft that says what changed, or nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.notify.messages import EVERYBODY, DraftNews
from bot.notify.page_address import page_address
from bot.results.diff import Change, changes
from bot.results.format import interval
from bot.results.model import AnalysisResult
from bot.synthesis.input_changes import InputDifference, cause_of, corrected_pairs, differences
from bot.synthesis.numbering import kind_of_next, next_number
from bot.synthesis.rated import notice_lines, rated_version
from bot.synthesis.synthesise import Synthesis, results_named
from state import outbox, runs, versions
from state.events import Ledger
from state.facts.words import VersionState
from state.late import late
from state.values import WorkKind
from state.versions import StoredSignal, Version

if TYPE_CHECKING:  # looking at stored results does not load what computes
    from analysis.signals import Signal
    from bot.synthesis.raised_signals import Standing

RAISED_SIGNALS = "bot.synthesis.raised_signals:raised_signals"
STANDING = "bot.synthesis.raised_signals:Standing"


@dataclass(frozen=True, slots=True)
class Unpublished:
    """What a result has that the published version has not."""

    differences: tuple[InputDifference, ...]
    moved: tuple[Change, ...]
    signals: tuple[Signal, ...]

    @property
    def shown(self) -> bool:
        """Whether a version would show any of it."""
        return bool(self.moved or self.signals) or any(each.shown for each in self.differences)


def draft_what_is_new(app: App, ledger: Ledger, found: Synthesis) -> None:
    """Draft the next version where the result has what the published one has not.

    A draft of another result gives way, unless a version would not show the difference. What people
    have rejected is not drafted again; the next change is, with all that is not published.
    """
    connection = ledger.connection
    last, draft = versions.last_published(connection), versions.open_draft(connection)
    if last is None:
        return
    news = _unpublished(app, connection, last, found)
    if not news.shown:
        _withdraw(app, ledger, last, draft)
    elif not _stands(connection, last, draft, found):
        _draft(app, ledger, found, last, news)


def _stands(connection: Connection, last: Version, draft: Version | None, found: Synthesis) -> bool:
    """Whether people have this result before them already, or have rejected it."""
    if draft is None:
        return rejected_since(connection, last, found) is not None
    same_kind = draft.kind == kind_since(connection, last)
    return same_kind and not _shows_more(connection, draft, found)


def rejected_since(connection: Connection, last: Version, found: Synthesis) -> Version | None:
    """Return the draft that people have rejected since a version, where it showed this result."""
    rejected = [
        each
        for each in versions.versions(connection)
        if each.state is VersionState.REJECTED and each.ordinal > last.ordinal
    ]
    return next((each for each in rejected if not _shows_more(connection, each, found)), None)


def _shows_more(connection: Connection, version: Version, found: Synthesis) -> bool:
    """Whether a version of this result would show what that one does not."""
    stored = versions.find_result(connection, version.result)
    if stored is None:
        return True
    differs = differences(stored.inputs, found.inputs, studies_in(found.results))
    moved = changes(results_named(connection, version.result), found.results)
    return bool(moved) or any(each.shown for each in differs)


def _unpublished(app: App, connection: Connection, last: Version, found: Synthesis) -> Unpublished:
    """Compare a result with that of the published version."""
    stored = versions.find_result(connection, last.result)
    if stored is None:
        return Unpublished((), (), ())
    before = results_named(connection, last.result)
    moved = changes(before, found.results)
    corrected = [corrected_pairs(each) for each in (stored.inputs, found.inputs)]
    signals: tuple[Signal, ...] = ()
    if moved or corrected[0] != corrected[1]:  # no rule fires where nothing moved
        signals = late(RAISED_SIGNALS)(
            app.protocol,
            before,
            found.results,
            corrected_before=corrected[0],
            corrected=corrected[1],
            rated=_rated(app, connection, last),
        )
    differs = differences(stored.inputs, found.inputs, studies_in(found.results))
    return Unpublished(differs, moved, signals)


def _rated(app: App, connection: Connection, last: Version) -> Standing | None:
    """Return the results that the authors' ratings rest on, where they are not the last ones."""
    rated = rated_version(app, connection)
    stored = versions.find_result(connection, rated.result) if rated is not None else None
    if rated is None or stored is None or rated.result == last.result:
        return None
    standing: Standing = late(STANDING)(
        results_named(connection, rated.result), corrected_pairs(stored.inputs), rated.number
    )
    return standing


def _draft(app: App, ledger: Ledger, found: Synthesis, last: Version, news: Unpublished) -> None:
    connection, cause = ledger.connection, cause_of(news.differences)
    kind = kind_since(connection, last)
    number = next_number(last.number, kind)
    ordinal = versions.next_ordinal(connection)
    versions.draft_version(
        ledger, number=number, kind=kind, cause=cause, result_id=found.id, ordinal=ordinal
    )
    for signal in news.signals:
        versions.raise_signal(ledger, _stored(number, signal))
    runs.request(connection, WorkKind.RENDER, number, due_at=ledger.at)
    token = f"{found.id[:12]}:{ordinal}"
    told = notice_lines(connection, last, app.protocol.source_names)
    shown = DraftNews(cause, told, moved_lines(news.moved))
    notice = messages.new_draft(number, token, shown, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(connection, *EVERYBODY))


def _withdraw(app: App, ledger: Ledger, last: Version, draft: Version | None) -> None:
    """Take back a draft of which nothing is left that the published version does not show."""
    if draft is None:
        return
    why = f"nothing is left of it that version {last.number} does not show"
    versions.withdraw_draft(ledger, draft.number, why)
    notice = messages.draft_withdrawn(draft.number, draft.ordinal, why, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *EVERYBODY))


def kind_since(connection: Connection, last: Version) -> str:
    """Return the kind of the version after one: an update where a search ran since, by the log."""
    published = versions.publication(connection, last.number)
    return kind_of_next(searched=runs.searched_since(connection, published))


def studies_in(results: Sequence[AnalysisResult]) -> frozenset[str]:
    """Name the studies (by id) that are in an analysis."""
    return frozenset(row.study for each in results for row in each.rows)


def moved_lines(moved: Sequence[Change]) -> list[str]:
    """Say for each analysis what it was and what it is."""
    return [
        f"{each.analysis} {each.outcome_label}: {_shown(each.old)} → {_shown(each.new)}"
        for each in moved
    ]


def _shown(result: AnalysisResult | None) -> str:
    if result is None:
        return "none"
    if result.effect is None:
        return f"not estimable ({result.not_estimable})"
    return f"{result.measure} {interval(result.effect, result.measure)}"


def _stored(number: str, signal: Signal) -> StoredSignal:
    return StoredSignal(
        id=f"{number}:{signal.outcome}:{signal.rule}",
        version=number,
        rule=signal.rule.value,
        analysis=signal.outcome,
        text=signal.text,
        changes_conclusions=signal.changes_conclusions,
    )
