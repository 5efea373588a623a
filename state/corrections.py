"""Notices about reports of known studies: each known once, whichever sources tell of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from extraction.model import CorrectionKind
from state import tables as t
from state.events import Ledger
from state.facts import CorrectionSeen


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """One notice about one report. sources: those that told of it, sorted."""

    id: str
    study: str
    record_key: str
    kind: CorrectionKind
    doi: str | None
    pmid: str | None
    citation: str | None
    sources: tuple[str, ...]
    seen_at: str


def see_correction(
    ledger: Ledger,
    correction_id: str,
    *,
    study: str,
    record_key: str,
    kind: CorrectionKind,
    doi: str | None,
    pmid: str | None,
    citation: str | None,
    source: str,
) -> bool:
    """Store that a source tells of a notice; say whether it was unknown until now.

    A source that is known to tell of it is stored again only where it names an id that was missing.
    """
    mine = t.correction.c.id == correction_id
    row = ledger.connection.execute(select(t.correction).where(mine)).first()
    if row is not None and source in _stored(row).sources:
        learnt = (row.doi is None and doi is not None) or (row.pmid is None and pmid is not None)
        if not learnt:
            return False
    ledger.record(
        CorrectionSeen(
            correction=correction_id,
            study=study,
            record=record_key,
            correction_kind=kind,
            doi=doi,
            pmid=pmid,
            citation=citation,
            source=source,
        )
    )
    return row is None


def corrections(connection: Connection, study: str | None = None) -> tuple[StoredCorrection, ...]:
    """Return the notices about a study's reports (about all), first seen first."""
    query = select(t.correction).order_by(t.correction.c.seen_at, t.correction.c.id)
    if study is not None:
        query = query.where(t.correction.c.study_id == study)
    return tuple(_stored(row) for row in connection.execute(query))


def _stored(row: Row[tuple[object, ...]]) -> StoredCorrection:
    return StoredCorrection(
        row.id,
        row.study_id,
        row.record_key,
        CorrectionKind(row.kind),
        row.doi,
        row.pmid,
        row.citation,
        tuple(json.loads(row.sources)),
        row.seen_at,
    )
