"""What is known of notices on reports, each once: by its gravest word, with all who tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from extraction.model import CorrectionKind, Report, Study
from extraction.record_keys import own_ids
from extraction.sightings import NAMED, Sighting, outdone
from state import extractions, records
from state.corrections import StoredCorrection, corrections
from state.tasks import Task, tasks_named

IDS = ("doi:", "pmid:", "pmcid:")


@dataclass(frozen=True, slots=True)
class KnownCorrection:
    """A notice about a report of a study. lesser: what other sources call it, less gravely."""

    stored: StoredCorrection
    lesser: tuple[StoredCorrection, ...]
    task: Task | None

    @property
    def cited(self) -> str:
        """Return its citation and ids in one line."""
        return cited(self.stored)

    @property
    def told_by(self) -> str:
        """Say who tells of it and who calls it otherwise, by the ids of the sources."""
        return self.told_by_named({})

    def told_by_named(self, names: Mapping[str, str]) -> str:
        """Say so by the names that the sources have in the protocol."""
        told = [f"told by {', '.join(names.get(each, each) for each in self.stored.sources)}"]
        for each in self.lesser:
            # A source may have thought again: what it says now is what counts.
            others = [name for name in each.sources if name not in self.stored.sources]
            told += [f"{names.get(name, name)} calls it {NAMED[each.kind]}" for name in others]
            if each.seen_at == self.stored.seen_at and not others:
                # One answer that held both: Crossref adds a changed notice a second time.
                both = ", ".join(names.get(name, name) for name in each.sources)
                told.append(f"{both} calls it {NAMED[each.kind]} as well: sources disagree")
        return "; ".join(told)


def known_corrections(
    connection: Connection, study: str | None = None
) -> tuple[KnownCorrection, ...]:
    """Return the notices about a study's reports (about all), first seen first."""
    stored = corrections(connection, study)
    raised = tasks_named(connection, [task_id(each.id) for each in stored])
    graver = _outdone(connection, stored)
    return tuple(
        KnownCorrection(
            each,
            tuple(other for other in stored if graver.get(other.id) == each.id),
            raised.get(task_id(each.id)),
        )
        for each in stored
        if each.id not in graver
    )


def task_id(notice: str) -> str:
    """Return the id of the task that a notice raises."""
    return f"notice:{notice}"


def kinds_by_study(connection: Connection) -> dict[str, list[CorrectionKind]]:
    """Return study → the kinds of the notices about its reports."""
    found: dict[str, list[CorrectionKind]] = {}
    for each in known_corrections(connection):
        found.setdefault(each.stored.study, []).append(each.stored.kind)
    return found


def cited(notice: StoredCorrection) -> str:
    """Return a notice's citation and ids in one line."""
    citation = notice.citation or ""
    pmid = f"PMID {notice.pmid}" if notice.pmid is not None else None
    doi = f"doi:{notice.doi}" if notice.doi is not None and notice.doi not in citation else None
    return ", ".join(filter(None, (citation.rstrip("."), pmid, doi))) or "no citation"


def sighting(connection: Connection, study: Study, stored: StoredCorrection) -> Sighting:
    """Say a stored notice as it is compared: with every id that its documents are known by."""
    named = {"doi": stored.doi, "pmid": stored.pmid}
    return Sighting(
        stored.kind,
        report_names(connection, study, stored.record_key),
        document_names(connection, [f"{kind}:{name}" for kind, name in named.items() if name]),
        stored.citation,
    )


def report_names(connection: Connection, study: Study, key: str) -> frozenset[str]:
    """Return the ids of a study's report, given as a record's key or as one of its ids."""
    known = records.stored(connection, [key])
    own = [name for each in known.values() for name in own_ids(each.record)] or [key]
    listed = [_ids(report) for report in study.reports]
    joined = {name for ids in listed if ids & set(own) for name in ids}
    return frozenset({key} | document_names(connection, [*own, *joined]))


def document_names(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Add to the ids of a document the others that known records bear together with them."""
    own = [name for name in names if name.startswith(IDS)]
    bearers = records.owners(connection, own) if own else ()
    borne = (name for each in bearers for name in own_ids(each.record))
    return frozenset(name for name in (*own, *borne) if name.startswith(IDS))


def _outdone(connection: Connection, stored: Sequence[StoredCorrection]) -> dict[str, str]:
    found: dict[str, str] = {}
    for study in dict.fromkeys(each.study for each in stored):
        own = [each for each in stored if each.study == study]
        if len({each.kind for each in own}) > 1:
            known = extractions.find_study(connection, study).study
            found |= outdone([(each.id, sighting(connection, known, each)) for each in own])
    return found


def _ids(report: Report) -> set[str]:
    named = {"pmid": report.ids.pmid, "pmcid": report.ids.pmcid, "doi": report.ids.doi}
    return {f"{kind}:{name}" for kind, name in named.items() if name is not None}
