"""Store what people say of candidates, with everything that follows from it, in one transaction."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.steps.links import base_link
from bot.steps.watch_reports import watch_reports
from extraction.duplicates import index_keys
from extraction.model import Design, Record, RecordKind, Report, Study
from state import decisions, extractions, outbox, records
from state.events import Actor, Ledger
from state.records import StoredRecord
from state.screening import Answer, Place, ScreeningStatus, Stage, StageResult


def screen(
    app: App,
    actor: Actor,
    person: str,
    candidate: str,
    stage: Stage,
    answer: Answer,
    *,
    note: str | None = None,
    next_look_on: str | None = None,
) -> StageResult:
    """Store a reader's verdict; a second one opens what comes next."""
    with app.ledger(actor) as ledger:
        before = decisions.standing(ledger.connection, candidate)
        result = decisions.give_verdict(
            ledger,
            candidate,
            person,
            answer,
            stage=stage,
            note=note,
            criteria=_criteria(app),
            protocol_version=app.protocol.version,
        )
        if result != before.at(stage).result:
            _follow(app, ledger, candidate, stage, result, next_look_on)
        return result


def settle(
    app: App,
    actor: Actor,
    person: str,
    candidate: str,
    answer: Answer,
    *,
    note: str | None = None,
    next_look_on: str | None = None,
) -> StageResult:
    """Store an answer to a conflict: both readers' agreement or the adjudicator's ruling."""
    with app.ledger(actor) as ledger:
        before = decisions.standing(ledger.connection, candidate)
        stage = before.stage
        if before.candidate.closed or before.log.result.status is ScreeningStatus.WAITING:
            stage = _last_ruled(before)
        result = decisions.rule(
            ledger,
            candidate,
            person,
            answer,
            stage=stage,
            note=note,
            criteria=_criteria(app),
            protocol_version=app.protocol.version,
        )
        if result != before.at(stage).result:
            _follow(app, ledger, candidate, stage, result, next_look_on)
        return result


def confirm_link(
    app: App, actor: Actor, person: str, candidate: str, *, confirmed: bool, note: str | None = None
) -> None:
    """Confirm or refuse that a candidate is another report of a known study."""
    with app.ledger(actor) as ledger:
        decisions.settle_link(ledger, candidate, person, confirmed=confirmed, note=note)
        if confirmed:
            watch_reports(app, ledger)


def _last_ruled(entry: decisions.Standing) -> Stage:
    """Return the stage of the last ruling: a ruling repeated after it took effect is its echo."""
    return Stage.FULL_TEXT if entry.full_text.rulings else Stage.TITLE_ABSTRACT


def _criteria(app: App) -> list[str]:
    return [criterion.id for criterion in app.protocol.criteria]


def _follow(
    app: App,
    ledger: Ledger,
    candidate: str,
    stage: Stage,
    result: StageResult,
    next_look_on: str | None,
) -> None:
    """Write what follows from a stage that both have decided."""
    found = records.records_of_candidate(ledger.connection, candidate)
    title = found[0].record.title
    link = base_link(app)
    if result.status is ScreeningStatus.CONFLICT or result.criterion_open:
        notice = messages.conflict(candidate, title, stage.value, link)
        outbox.write(ledger, notice, _two_and_adjudicator(ledger.connection, candidate, stage))
    elif result.status is ScreeningStatus.TO_FULL_TEXT:
        notice = messages.full_text(candidate, title, link)
        outbox.write(ledger, notice, outbox.recipients(ledger.connection, decisions.SCREENER))
    elif result.status is ScreeningStatus.EXCLUDED:
        decisions.close(ledger, candidate, "excluded")
    elif result.status is ScreeningStatus.INCLUDED and result.answer is not None:
        _include(app, ledger, candidate, found, result.answer, next_look_on)


def _two_and_adjudicator(connection: Connection, candidate: str, stage: Stage) -> tuple[str, ...]:
    said = decisions.standing(connection, candidate).at(stage)
    two = [decision.person for decision in said.decisions]
    third = outbox.recipients(connection, decisions.ADJUDICATOR)
    return tuple(dict.fromkeys([*two, *third]))


def _include(
    app: App,
    ledger: Ledger,
    candidate: str,
    found: tuple[StoredRecord, ...],
    answer: Answer,
    next_look_on: str | None,
) -> None:
    place = answer.place or Place.INCLUDED
    decisions.close(ledger, candidate, "included")
    study = _study(ledger.connection, found)
    identifiers = sorted({name for stored in found for name in index_keys(stored.record)})
    extractions.add_study(
        ledger,
        study,
        identifiers=identifiers,
        place=place,
        next_look_on=next_look_on,
        candidate=candidate,
    )
    watch_reports(app, ledger)
    if place is Place.INCLUDED:
        notice = messages.extraction_due(study.id, study.label, base_link(app))
        outbox.write(ledger, notice, outbox.recipients(ledger.connection, extractions.EXTRACTOR))


def _study(connection: Connection, found: tuple[StoredRecord, ...]) -> Study:
    main = _main_record(found)
    label = study_label(main)
    taken = {stored.study.id for stored in extractions.studies(connection)}
    register = {name for stored in found for name in stored.record.ids.register}
    return Study(
        id=_free_id(label, taken),
        label=label,
        design=Design.OTHER,
        arms=(),
        reports=tuple(Report(citation(each.record), each.record.ids) for each in found),
        register_ids=tuple(sorted(register)),
    )


def _main_record(found: tuple[StoredRecord, ...]) -> Record:
    """Return the record that names the study: an article before a register entry."""
    articles = [each.record for each in found if each.record.kind is not RecordKind.REGISTER_ENTRY]
    return articles[0] if articles else found[0].record


def study_label(record: Record) -> str:
    """Name a study as reviews do: first author and year, or the register's id."""
    if record.kind is RecordKind.REGISTER_ENTRY or not record.authors:
        return record.source_id
    surname = re.sub(r"\s+[A-Z]{1,4}(\s+(Jr|Sr|I+|2nd|3rd))?$", "", record.authors[0])
    return f"{surname} {record.year}" if record.year is not None else surname


def citation(record: Record) -> str:
    """Cite a record in one line."""
    parts = [record.title.rstrip("."), record.journal, record.published_on or None]
    return ". ".join(part for part in parts if part)


def _free_id(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "", plain) or "study"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
