"""Accepted values to pooled results, compared with the last version: signals and a draft."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import Connection

from analysis.errors import AnalysisError
from bot import VERSION
from bot.app import App, log
from bot.errors import IncompleteCells
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.results.diff import Change, changes
from bot.results.format import interval
from bot.results.model import AnalysisResult
from bot.synthesis.known_corrections import kinds_by_study
from bot.synthesis.numbering import AMENDMENT, UPDATE, next_number
from bot.synthesis.rated import notice_lines, rated_version
from extraction.model import Study
from extraction.sightings import happened
from state import extractions, outbox, runs, versions
from state.attempts import FailedTry, PutBack, ToStore
from state.codec import Json, canonical, dumped
from state.events import Ledger
from state.late import late
from state.runs import Work
from state.screening import StudyStatus
from state.values import AcceptedValue
from state.versions import StoredSignal, Version

if TYPE_CHECKING:  # looking at stored results does not load what computes
    from analysis.signals import Signal
    from bot.synthesis.raised_signals import Corrected, Standing

RESULTS = TypeAdapter(tuple[AnalysisResult, ...])
ENGINE = f"living-review-bot {VERSION}"
RECOMPUTE, RENDER = "recompute", "render"
CORRECTED = "corrected"
# What computes is loaded when there is something to compute.
ASSEMBLE = "bot.synthesis.assemble:assemble"
RAISED_SIGNALS = "bot.synthesis.raised_signals:raised_signals"
STANDING = "bot.synthesis.raised_signals:Standing"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Pooled results with the inputs they were computed from; `id` is the inputs' hash."""

    id: str
    inputs: Json
    results: tuple[AnalysisResult, ...]


def synthesise(app: App, connection: Connection) -> Synthesis:
    """Compute the pooled results from the values accepted now."""
    studies = included_studies(connection)
    values = extractions.accepted_values(connection)
    inputs = _inputs(app, studies, values, corrected_studies(connection, studies))
    digest = _hash(inputs)
    stored = versions.find_result(connection, digest)
    if stored is not None:
        return Synthesis(digest, inputs, RESULTS.validate_python(stored.results["analyses"]))
    results = late(ASSEMBLE)(app.protocol, studies, [accepted.value for accepted in values])
    return Synthesis(digest, inputs, results)


def hash_of_now(app: App, connection: Connection) -> str:
    """Return the hash of the inputs of now: a result with another id is not of now."""
    studies = included_studies(connection)
    values = extractions.accepted_values(connection)
    return _hash(_inputs(app, studies, values, corrected_studies(connection, studies)))


def _hash(inputs: Json) -> str:
    return hashlib.sha256(canonical(inputs).encode()).hexdigest()


def included_studies(connection: Connection) -> tuple[Study, ...]:
    """Return the studies whose data may count."""
    return tuple(
        stored.study
        for stored in extractions.studies(connection)
        if stored.place is StudyStatus.INCLUDED
    )


def current_results(app: App, connection: Connection) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of the values accepted now."""
    return synthesise(app, connection).results


def results_of_version(connection: Connection, number: str) -> tuple[AnalysisResult, ...]:
    """Return the pooled results of a version, as they were computed then."""
    return _results_of(connection, versions.find_version(connection, number))


def _results_of(connection: Connection, version: Version) -> tuple[AnalysisResult, ...]:
    stored = versions.find_result(connection, version.result)
    return RESULTS.validate_python(stored.results["analyses"]) if stored is not None else ()


def store(ledger: Ledger, found: Synthesis) -> None:
    """Store a synthesis under the hash of its inputs."""
    analyses = RESULTS.dump_python(found.results, mode="json")
    versions.record_result(
        ledger,
        result_id=found.id,
        engine=ENGINE,
        inputs=found.inputs,
        results={"analyses": analyses},
    )


def recompute(app: App, _work: Work) -> ToStore:
    """Compute the results anew, and return them with the draft they may lead to."""
    with app.database.reading() as connection:
        found = synthesise(app, connection)
    return ToStore(
        lambda ledger: _store_if_current(app, ledger, found),
        lambda: log.info("recomputed: result %s", found.id[:12]),
    )


def _store_if_current(app: App, ledger: Ledger, found: Synthesis) -> PutBack | None:
    """Store a result, unless a value was accepted while it was computed: that asks for another."""
    if hash_of_now(app, ledger.connection) != found.id:
        return PutBack("a value was accepted meanwhile", app.clock.now())
    _store_draft(app, ledger, found)
    return None


def recompute_failed(ledger: Ledger, failed: FailedTry) -> bool:
    """Say which accepted value does not allow a result; False where no value is at fault."""
    if not isinstance(failed.error, IncompleteCells | AnalysisError):
        return False
    notice = messages.recompute_failed(failed.reason)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, "lead", "extractor"))
    return True


def _store_draft(app: App, ledger: Ledger, found: Synthesis) -> None:
    """Store a result; where it moved since the last version, raise signals and draft the next."""
    connection = ledger.connection
    store(ledger, found)
    last, draft = versions.last_published(connection), versions.open_draft(connection)
    if last is None or last.result == found.id:
        return
    if draft is not None and draft.result == found.id:
        return
    before, corrected_before = _results_of(connection, last), _corrected_of(connection, last)
    moved = changes(before, found.results)
    signals: tuple[Signal, ...] = late(RAISED_SIGNALS)(
        app.protocol,
        before,
        found.results,
        corrected_before=corrected_before,
        corrected=_pairs(found.inputs["corrected"]),
        rated=_rated(connection, last),
    )
    if not moved and not signals:
        return
    kind = UPDATE if any(each.studies_added for each in moved) else AMENDMENT
    number = next_number(last.number, kind)
    cause = cause_of(moved)
    versions.draft_version(
        ledger,
        number=number,
        kind=kind,
        cause=cause,
        result_id=found.id,
        ordinal=versions.next_ordinal(connection),
    )
    for signal in signals:
        versions.raise_signal(ledger, _stored(number, signal))
    runs.request(connection, RENDER, number, due_at=ledger.at)
    lines = [*notice_lines(connection, last), *moved_lines(moved)]
    notice = messages.new_result(number, found.id, cause, lines, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(connection, *EVERYBODY))


def _rated(connection: Connection, last: Version) -> Standing | None:
    """Return the results that the authors' ratings rest on, where they are not the last ones."""
    rated = rated_version(connection)
    if rated is None or rated.result == last.result:
        return None
    standing: Standing = late(STANDING)(
        _results_of(connection, rated), _corrected_of(connection, rated), rated.number
    )
    return standing


def cause_of(moved: Sequence[Change]) -> str:
    """Say in a few words what a version is made for."""
    added = sorted({label for each in moved for label in each.studies_added})
    corrected = sorted({label for each in moved for label in each.studies_corrected})
    parts = []
    if added:
        parts.append(f"{', '.join(added)} added")
    if corrected:
        parts.append(f"data of {', '.join(corrected)} corrected")
    return "; ".join(parts) or "the accepted values changed, no analysis moved"


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


def corrected_studies(connection: Connection, studies: Sequence[Study]) -> list[list[str]]:
    """Say of which studies a report was retracted, corrected or put in doubt, and which of them.

    Those of the last version count as well: a retracted study may have been taken out since.
    """
    named = {study.id for study in studies} | _studies_of_last(connection)
    kinds = kinds_by_study(connection)
    return sorted([name, what] for name in named for what in happened(kinds.get(name, ())))


def _studies_of_last(connection: Connection) -> set[str]:
    last = versions.last_published(connection)
    stored = versions.find_result(connection, last.result) if last is not None else None
    return {study["id"] for study in stored.inputs["studies"]} if stored is not None else set()


def _corrected_of(connection: Connection, version: Version) -> Corrected:
    stored = versions.find_result(connection, version.result)
    return _pairs(stored.inputs["corrected"]) if stored is not None else frozenset()


def _pairs(corrected: Sequence[Sequence[str] | str]) -> Corrected:
    """Read what a result knew; older ones named the studies only."""
    return frozenset(
        (each, CORRECTED) if isinstance(each, str) else (each[0], each[1]) for each in corrected
    )


def _inputs(
    app: App,
    studies: Sequence[Study],
    values: Sequence[AcceptedValue],
    corrected: Sequence[Sequence[str]],
) -> Json:
    return {
        "corrected": [list(each) for each in corrected],
        "protocol": app.protocol.version,
        "protocol_sha256": hashlib.sha256(app.review.protocol_text.encode()).hexdigest(),
        "engine": ENGINE,
        "studies": [dumped(study) for study in studies],
        "values": [
            {"value": dumped(each.value), "how": each.how, "people": list(each.people)}
            for each in values
        ],
    }
