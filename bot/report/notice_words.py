"""What a version says of retractions, concerns and errata: at its head, and on each row. Pure."""

from __future__ import annotations

from bot.report.document import CorrectionLine, ReviewDocument
from bot.results.format import day
from bot.results.model import AnalysisResult
from extraction.model import CorrectionKind
from extraction.sightings import NAMED

ERRATUM = NAMED[CorrectionKind.ERRATUM]


def new_notices(document: ReviewDocument) -> tuple[tuple[str, CorrectionLine], ...]:
    """Return the grave notices that came since the last version, each with its study's label."""
    return tuple(
        (about.study, each)
        for about in document.notices
        for each in about.notices
        if each.grave and each.is_new
    )


def standing_notices(document: ReviewDocument) -> tuple[str, ...]:
    """Say at the head what every reader must know of the trials; errata until they are judged."""
    return tuple(
        notice_words(about.study, each)
        for about in document.notices
        for each in about.notices
        if each.grave and (each.kind != ERRATUM or each.judged is None)
    )


def notice_words(study: str, notice: CorrectionLine) -> str:
    """Say in one sentence what was published about a report of a study."""
    return (
        f"A report of {study} {notice.happened} ({notice.cited}; {notice.told_by}; seen on"
        f" {day(notice.seen_at)})."
    )


def banners(document: ReviewDocument, result: AnalysisResult) -> tuple[str, ...]:
    """Say on a result what was published about the reports of the studies that it rests on."""
    resting = {row.study for row in result.rows}
    return tuple(
        _banner(about.study, each)
        for about in document.notices
        if about.study_id in resting
        for each in about.notices
        if each.grave
    )


def _banner(study: str, notice: CorrectionLine) -> str:
    judged = "not judged yet" if notice.judged is None else f"judged: {notice.judged.rstrip('.')}"
    return f"Rests on {study}, of which a report {notice.happened}; {judged}."
