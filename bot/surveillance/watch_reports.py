"""Notices on the reports of known studies: each told once, whichever sources tell of it.

All stored records are asked, whichever way they became a study's: a notice may be there at first
sight, before its report is linked, or stand on the notice alone. What is in the table was told.
Nothing is excluded and no value is changed because of a notice. What puts a study in doubt comes
with the results without it; what may change numbers, with the values that were accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.app import App, log_raised
from bot.surveillance.odd_records import OF_THE_DATABASE, ask_about_notices
from bot.surveillance.placement import names_in
from bot.surveillance.tell_corrections import tell_corrections
from bot.synthesis.known_corrections import document_names, report_names, sighting
from extraction.model import Correction, CorrectionKind, Direction, Study
from extraction.record_keys import own_ids
from extraction.sightings import GRAVITY, Sighting, known_as, perhaps_known_as
from state import extractions, records
from state.corrections import StoredCorrection, corrections, see_correction
from state.events import Ledger
from state.values import StoredRecord


@dataclass(frozen=True, slots=True)
class Target:
    """A notice about a report of a known study, as one source tells of it."""

    study: str
    report: str  # the key of its record; where none was found yet, its identifier
    kind: CorrectionKind
    notice: tuple[str, ...]  # the ids of the notice itself
    citation: str | None
    source: str


@dataclass(slots=True)
class _Known:
    """The notices about one study's reports, kept up while more are seen."""

    study: Study
    stored: list[StoredCorrection]
    sightings: list[tuple[str, Sighting]] = field(default_factory=list)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # new: perhaps known as


def watch_reports(app: App, ledger: Ledger, answered: Sequence[str] | None = None) -> None:
    """Tell of every notice that a stored record tells of and that was not told yet.

    answered: the keys of the records among which new notices can be, after a search; None: all.
    """
    by_study: dict[str, list[Target]] = {}
    for stored in records.records_with_corrections(ledger.connection, answered):
        for target in _targets(ledger.connection, stored):
            by_study.setdefault(target.study, []).append(target)
    for study, targets in by_study.items():
        try:
            with ledger.savepoint():
                _tell_of(app, ledger, study, targets)
        except OF_THE_DATABASE:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a study: the others are told of
            log_raised(f"{study}: its notices could not be told", error)
            ask_about_notices(ledger, study, {each.report for each in targets}, error)


def _tell_of(app: App, ledger: Ledger, study: str, targets: Sequence[Target]) -> None:
    fresh = _see_all(ledger, study, targets)
    if fresh:
        found = extractions.find_study(ledger.connection, study).study
        tell_corrections(app, ledger, found, fresh)


# ---- what the records tell -----------------------------------------------------------------------


def _targets(connection: Connection, stored: StoredRecord) -> Iterator[Target]:
    record = stored.record
    for each in record.corrections:
        if each.direction is Direction.THIS_IS_OF:
            names = tuple(own_ids(record))
            for study, report in _reports_named(connection, each).items():
                yield Target(study, report, each.kind, names, record.title, record.source)
        elif stored.study is not None:
            # A report that is mended in place names itself: the notice has no id of its own.
            names = tuple(name for name in names_in(each) if name not in own_ids(record))
            yield Target(stored.study, record.key, each.kind, names, each.citation, record.source)


def _reports_named(connection: Connection, correction: Correction) -> dict[str, str]:
    """Return study → the report of it that a notice names."""
    named = records.studies_with(connection, names_in(correction))
    found: dict[str, str] = {}
    for identifier, study in named.items():
        held = [each for each in records.owners(connection, [identifier]) if each.study == study]
        found.setdefault(study, held[0].record.key if held else identifier)
    return found


# ---- what is new of it ---------------------------------------------------------------------------


def _see_all(ledger: Ledger, study: str, targets: Sequence[Target]) -> dict[str, tuple[str, ...]]:
    """Store what is told; return what was not known: its id, and the ids it is perhaps known as."""
    stored = list(corrections(ledger.connection, study))
    unseen = [target for target in targets if not any(_is(target, each) for each in stored)]
    if not unseen:
        return {}
    found = extractions.find_study(ledger.connection, study).study
    known = _Known(found, stored)
    known.sightings += [(each.id, sighting(ledger.connection, found, each)) for each in stored]
    for target in sorted(unseen, key=lambda each: GRAVITY.index(each.kind)):
        _see(ledger, target, known)
    return known.doubts


def _is(target: Target, stored: StoredCorrection) -> bool:
    """Whether just this is stored already: the common case, told without comparing documents."""
    names = {f"doi:{stored.doi}", f"pmid:{stored.pmid}"}
    own = {name for name in target.notice if name.startswith(("doi:", "pmid:"))}
    return (
        (target.kind, target.report) == (stored.kind, stored.record_key)
        and target.source in stored.sources
        and own <= names
        and (bool(own) or target.citation == stored.citation)
    )


def _see(ledger: Ledger, target: Target, known: _Known) -> None:
    connection = ledger.connection
    seen = Sighting(
        target.kind,
        report_names(connection, known.study, target.report),
        document_names(connection, target.notice),
        target.citation,
    )
    name = known_as(seen, known.sightings) or _new_id(target, seen)
    ids = dict(each.split(":", 1) for each in sorted(seen.names))
    new = see_correction(
        ledger,
        name,
        study=target.study,
        record_key=target.report,
        kind=target.kind,
        doi=ids.get("doi"),
        pmid=ids.get("pmid"),
        citation=target.citation,
        source=target.source,
    )
    if new:
        known.doubts[name] = perhaps_known_as(seen, known.sightings)
    known.sightings.append((name, seen))


def _new_id(target: Target, seen: Sighting) -> str:
    told = [*sorted(seen.names)[:1], *sorted(seen.report)[:1]]
    if not seen.names:
        told.append(target.citation or "")
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]
    return f"{target.study}:{target.kind.value}:{digest}"
