"""What was published about the reports of a study, as a page and the report show it."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import App
from bot.report.document import CorrectionLine, StudyCorrections
from bot.synthesis.known_corrections import KnownCorrection, known_corrections
from bot.synthesis.without_study import impact_of
from extraction.model import Study
from extraction.sightings import DOUBTED, GRAVE, NAMED


def study_corrections(app: App, connection: Connection, study: Study) -> StudyCorrections:
    """Return what was published about a study's reports, with what rests on it where in doubt."""
    known = known_corrections(connection, study.id)
    doubted = any(each.stored.kind in DOUBTED for each in known)
    impact = impact_of(app, connection, study.id) if doubted else None
    return StudyCorrections(study.label, tuple(_notice(each) for each in known), impact)


def _notice(known: KnownCorrection) -> CorrectionLine:
    return CorrectionLine(
        kind=NAMED[known.stored.kind],
        grave=known.stored.kind in GRAVE,
        cited=known.cited,
        told_by=known.told_by,
        seen_at=known.stored.seen_at,
        judged=known.task.note if known.task is not None else None,
    )
