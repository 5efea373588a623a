"""Notices on the reports of known studies: each told once, whichever sources tell of it.

Nothing is excluded and no value is changed because of a notice. A retraction and an expression of
concern come with the results without the trial; an erratum with the values that it may touch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.steps.extract import RECOMPUTE
from bot.steps.synthesise import moved_lines, results_without
from extraction.corrections import GRAVITY, ONCE, Sighting, called_otherwise, known_as
from extraction.duplicates import own_ids
from extraction.linkage import Link, LinkKind
from extraction.model import Correction, CorrectionKind, Direction, Record
from state import extractions, outbox, records, runs
from state.corrections import StoredCorrection, corrections, see_correction
from state.events import Ledger
from state.tasks import TaskKind, raise_task

GRAVE = frozenset({*ONCE, CorrectionKind.ERRATUM})


@dataclass(frozen=True, slots=True)
class Target:
    """A notice about a report of a known study. notice: the ids of the notice itself."""

    study: str
    report: str  # the record, or the identifier, of the report that it is about
    kind: CorrectionKind
    notice: tuple[str, ...]
    citation: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A notice that was not known until now: under which id it is kept, and what to say of it."""

    id: str
    kind: CorrectionKind
    said: str


def watch_report(app: App, ledger: Ledger, record: Record, study: str | None) -> None:
    """Tell of notices that a record brings and that were not known yet.

    study: the study whose report the record is. A record that is itself a notice about a known
    study's report counts as a sighting of it, whatever becomes of the record.
    """
    fresh: dict[str, list[Seen]] = {}
    for target in _targets(ledger.connection, record, study):
        seen = _see(ledger, target, record.source)
        if seen is not None:
            fresh.setdefault(target.study, []).append(seen)
    for about, found in fresh.items():
        _tell(app, ledger, record, about, found)


def notice_link(connection: Connection, record: Record) -> Link | None:
    """Return the study about a report of which a record is a notice, by the report's ids."""
    for each in record.corrections:
        if each.direction is Direction.THIS_IS_OF:
            for report, study in records.studies_with(connection, _names(each)).items():
                reason = f"it is a notice ({each.kind.value}) about {report}"
                return Link(study, reason, LinkKind.SAME_REPORT)
    return None


def _targets(connection: Connection, record: Record, study: str | None) -> Iterable[Target]:
    for each in record.corrections:
        names = _names(each)
        if each.direction is Direction.OF_THIS:
            if study is not None:
                yield Target(study, record.key, each.kind, names, each.citation)
            continue
        for report, owner in records.studies_with(connection, names).items():
            yield Target(owner, report, each.kind, tuple(own_ids(record)), record.title)


def _names(correction: Correction) -> tuple[str, ...]:
    named = {"doi": correction.doi, "pmid": correction.pmid}
    return tuple(f"{kind}:{name}" for kind, name in named.items() if name is not None)


def _see(ledger: Ledger, target: Target, source: str) -> Seen | None:
    """Store a sighting; return it where the notice was not known."""
    connection = ledger.connection
    sighting = Sighting(target.kind, _all_names(connection, target.notice), target.citation)
    known = [
        (each.id, _sighting(connection, each)) for each in corrections(connection, target.study)
    ]
    name = known_as(sighting, known) or _new_id(target, sighting)
    ids = dict(each.split(":", 1) for each in sorted(sighting.names))
    new = see_correction(
        ledger,
        name,
        study=target.study,
        record_key=target.report,
        kind=target.kind,
        doi=ids.get("doi"),
        pmid=ids.get("pmid"),
        citation=target.citation,
        source=source,
    )
    if not new:
        return None
    other = called_otherwise(sighting, known)
    said = f" (elsewhere called {other.value})" if other is not None else ""
    shown = target.citation or ", ".join(sorted(sighting.names)) or "no citation"
    return Seen(name, target.kind, f"{target.kind.value}{said}: {shown} [{source}]")


def _all_names(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Add the other ids that a known record of the notice bears."""
    own = [name for name in names if name.startswith(("doi:", "pmid:"))]
    same = records.owners(connection, own) if own else ()
    found = {*own, *(name for each in same for name in own_ids(each.record))}
    return frozenset(name for name in found if name.startswith(("doi:", "pmid:")))


def _sighting(connection: Connection, stored: StoredCorrection) -> Sighting:
    named = {"doi": stored.doi, "pmid": stored.pmid}
    names = [f"{kind}:{name}" for kind, name in named.items() if name is not None]
    return Sighting(stored.kind, _all_names(connection, names), stored.citation)


def _new_id(target: Target, sighting: Sighting) -> str:
    named = sorted(sighting.names)[:1] or [target.citation or target.report]
    digest = hashlib.sha256(named[0].encode()).hexdigest()[:12]
    return f"{target.study}:{target.kind.value}:{digest}"


def _tell(app: App, ledger: Ledger, record: Record, study: str, found: Sequence[Seen]) -> None:
    gravest = min((each.kind for each in found), key=GRAVITY.index)
    lines = [each.said for each in found]
    more = _impact(app, ledger, record, study, found)
    token = hashlib.sha256("\n".join(each.id for each in found).encode()).hexdigest()[:12]
    notice = messages.record_corrected(study, record.title, gravest.value, [*lines, *more], token)
    roles = ("lead", "extractor") if gravest in GRAVE else ("lead",)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *roles))
    if gravest in GRAVE:
        runs.request(ledger.connection, RECOMPUTE, app.protocol.id, due_at=ledger.at)


def _impact(
    app: App, ledger: Ledger, record: Record, study: str, found: Sequence[Seen]
) -> list[str]:
    """Raise the tasks that follow; return what to add to the notice."""
    lines: list[str] = []
    for each in found:
        if each.kind in ONCE:
            more = ["", "Without this trial:", *_without(app, ledger.connection, study)]
            kind = TaskKind.CORRECTION
        elif each.kind is CorrectionKind.ERRATUM:
            more = ["", "Values that it may touch:", *_touched(ledger.connection, study)]
            kind = TaskKind.RE_EXTRACTION
        else:
            continue
        text = "\n".join([f"{study}: {each.said}", record.title, *more])
        raise_task(ledger, f"notice:{each.id}", kind, subject=record.key, text=text, study=study)
        lines += more
    return lines


def _without(app: App, connection: Connection, study: str) -> list[str]:
    moved = moved_lines(results_without(app, connection, study))
    return [f"  {line}" for line in moved] or ["  no pooled result rests on it"]


def _touched(connection: Connection, study: str) -> list[str]:
    touched = [
        f"  {each.value.cell.key} = {each.value.number:g} ({each.value.provenance.source})"
        for each in extractions.accepted_values(connection)
        if each.value.cell.study == study
    ]
    return touched or ["  none was accepted yet"]
