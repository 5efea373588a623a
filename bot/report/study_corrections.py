"""What was published about the reports of a study, as a page and the report show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from bot.app import App
from bot.report.document import CorrectionLine, StudyCorrections
from bot.synthesis.known_corrections import KnownCorrection, known_corrections
from bot.synthesis.without_study import impact_of
from extraction.model import Study
from extraction.sightings import DOUBTED, GRAVE, HAPPENED_TO_A_REPORT, NAMED


def study_corrections(
    app: App, connection: Connection, study: Study, new: Collection[str] = ()
) -> StudyCorrections:
    """Return what was published about a study's reports, with what rests on it where in doubt.

    new: the notices that came since the last version
    """
    known = known_corrections(connection, study.id)
    doubted = any(each.stored.kind in DOUBTED for each in known)
    impact = impact_of(app, connection, study.id) if doubted else None
    names = app.protocol.source_names
    notices = tuple(_notice(each, names, is_new=each.stored.id in new) for each in known)
    return StudyCorrections(study.id, study.label, notices, impact)


def _notice(known: KnownCorrection, names: Mapping[str, str], *, is_new: bool) -> CorrectionLine:
    return CorrectionLine(
        kind=NAMED[known.stored.kind],
        happened=HAPPENED_TO_A_REPORT[known.stored.kind],
        grave=known.stored.kind in GRAVE,
        cited=known.cited,
        told_by=known.told_by_named(names),
        seen_at=known.stored.seen_at,
        judged=known.task.note if known.task is not None else None,
        is_new=is_new,
    )
