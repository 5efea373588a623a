"""What rests on a study: every result as it would be without it, and the values read from it."""

from __future__ import annotations

from sqlalchemy import Connection

from analysis.errors import AnalysisError
from bot.app import App
from bot.assemble import AnalysisResult, assemble
from bot.errors import IncompleteCells
from bot.figures.format import interval
from bot.report.document import Impact, NoticeLine, StudyNotices, WithoutLine
from bot.signals import raised_signals
from bot.steps.notices import KnownNotice, known_notices
from bot.steps.synthesise import current_results, included_studies
from extraction.corrections import DOUBTED, GRAVE, NAMED
from extraction.model import Study
from state import extractions

NOTHING_RESTS = "no pooled result rests on it"
NO_STUDY_LEFT = "no study left"


def impact_of(app: App, connection: Connection, study: str) -> Impact:
    """Compute every result without a study; nothing is excluded and nothing is stored."""
    try:
        now = current_results(app, connection)
        then = _without(app, connection, study)
    except (IncompleteCells, AnalysisError) as error:
        return Impact(failed=str(error))
    after = {each.id: each for each in then}
    touched = [each for each in now if any(row.study == study for row in each.rows)]
    fired = raised_signals(app.protocol, now, then)
    return Impact(
        tuple(_line(each, after[each.id]) for each in touched if each.id in after),
        tuple(f"{each.rule}: {each.text}" for each in fired),
    )


def study_notices(app: App, connection: Connection, study: Study) -> StudyNotices:
    """Return what was published about a study's reports, with what rests on it where in doubt."""
    known = known_notices(connection, study.id)
    doubted = any(each.stored.kind in DOUBTED for each in known)
    impact = impact_of(app, connection, study.id) if doubted else None
    return StudyNotices(study.label, tuple(_notice(each) for each in known), impact)


def _notice(known: KnownNotice) -> NoticeLine:
    return NoticeLine(
        kind=NAMED[known.stored.kind],
        grave=known.stored.kind in GRAVE,
        cited=known.cited,
        told_by=known.told_by,
        seen_at=known.stored.seen_at,
        judged=known.task.note if known.task is not None else None,
    )


def impact_lines(found: Impact) -> list[str]:
    """Say in lines of a notice what rests on a study."""
    if found.failed is not None:
        return [f"  it could not be computed: {found.failed}"]
    lines = [
        f"  {each.analysis} {each.outcome} ({each.comparison}): {each.now} → {each.then}"
        f" [{each.studies} → {each.studies_left} studies]"
        for each in found.without
    ]
    rules = [f"  would fire: {rule}" for rule in found.rules]
    return [*lines, *rules] or [f"  {NOTHING_RESTS}"]


def touched_lines(connection: Connection, study: str, names: frozenset[str]) -> list[str]:
    """List a study's accepted values, first those read in the report that has these ids."""
    own = [
        each.value
        for each in extractions.accepted_values(connection)
        if each.value.cell.study == study
    ]
    read_there = [value for value in own if _names_any(value.provenance.source, names)]
    lines = [
        f"  {value.cell.key} = {value.number:g} ({value.provenance.source})"
        for value in (*read_there, *(value for value in own if value not in read_there))
    ]
    return lines or ["  none was accepted yet"]


def _names_any(source: str, names: frozenset[str]) -> bool:
    words = source.casefold().replace(";", " ").split()
    return any(name.casefold() in words for name in names)


def _without(app: App, connection: Connection, study: str) -> tuple[AnalysisResult, ...]:
    studies = [each for each in included_studies(connection) if each.id != study]
    values = [accepted.value for accepted in extractions.accepted_values(connection)]
    others = [value for value in values if value.cell.study != study]
    return assemble(app.protocol, studies, others)


def _line(now: AnalysisResult, then: AnalysisResult) -> WithoutLine:
    return WithoutLine(
        analysis=now.id,
        outcome=now.outcome_label,
        comparison=now.comparison_label,
        now=_shown(now),
        then=_shown(then),
        studies=now.studies,
        studies_left=then.studies,
    )


def _shown(result: AnalysisResult) -> str:
    if not result.studies:
        return NO_STUDY_LEFT
    if result.effect is None:
        return f"not estimable ({result.not_estimable})"
    return f"{result.measure} {interval(result.effect, result.measure)}"
