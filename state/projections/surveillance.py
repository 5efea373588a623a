"""From facts to the tables of searches, records, likenesses, tasks, corrections and strategies."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from extraction.model import Record
from state import tables as t
from state.codec import canonical, text_of
from state.facts import (
    CertificateSigned,
    CorrectionSeen,
    ItemConfirmed,
    LikenessFound,
    LikenessSettled,
    QueueEntry,
    RecordChanged,
    RecordFound,
    SearchFinished,
    Stored,
    StrategyAdopted,
    StrategyProposed,
    TaskRaised,
    TaskSettled,
)
from state.facts.words import CandidateOutcome, PairVerdict
from state.projections.rows import add, identify, open_candidate, projects, taken, write

_REWORDING = (
    update(t.record)
    .where(t.record.c.key == bindparam("its_key"))
    .values(data=bindparam("said"), payload_sha256=bindparam("given_in"))
)


@projects(SearchFinished)
def _search_finished(connection: Connection, event: Stored[SearchFinished]) -> None:
    run = event.fact.run
    add(
        connection,
        t.search_run,
        id=run.id,
        source=run.source,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        data=text_of(run),
    )


@projects(RecordFound)
def _record_found(connection: Connection, event: Stored[RecordFound]) -> None:
    fact, record = event.fact, event.fact.record
    if fact.place is not None and fact.place.opened:
        open_candidate(connection, event.at, fact.place)
    add(
        connection,
        t.record,
        key=record.key,
        source=record.source,
        source_id=record.source_id,
        candidate_id=fact.place.id if fact.place is not None else None,
        study_id=fact.study,
        data=text_of(record),
        payload_sha256=fact.payload_sha256,
        found_at=event.at,
        run_id=fact.run,
        known_report=int(fact.known_report),
    )
    _identify_record(connection, fact)
    if fact.known_report and fact.study is not None:
        identify(connection, t.study_identifier, "study_id", fact.study, fact.identifiers)
    _take_snapshot(connection, event, record)


@projects(RecordChanged)
def _record_changed(connection: Connection, event: Stored[RecordChanged]) -> None:
    fact, record = event.fact, event.fact.record
    said: dict[str, object] = {
        "its_key": record.key,
        "said": text_of(record),
        "given_in": fact.payload_sha256,
    }
    write(connection, t.record, _REWORDING, [said])
    _identify_record(connection, fact)
    if fact.entry_changed:
        _take_snapshot(connection, event, record)


def _identify_record(connection: Connection, fact: RecordFound | RecordChanged) -> None:
    key = fact.record.key
    identify(connection, t.record_identifier, "record_key", key, fact.identifiers)


def _take_snapshot(
    connection: Connection, event: Stored[RecordFound] | Stored[RecordChanged], record: Record
) -> None:
    if record.entry is not None:
        add(
            connection,
            t.snapshot,
            seq=event.seq,
            record_key=record.key,
            entry=text_of(record.entry),
            payload_sha256=event.fact.payload_sha256,
            at=event.at,
        )


@projects(ItemConfirmed)
def _item_confirmed(connection: Connection, event: Stored[ItemConfirmed]) -> None:
    add(
        connection,
        t.confirmation,
        item=event.fact.item,
        record_key=event.fact.record,
        at=event.at,
    )


@projects(LikenessFound)
def _likeness_found(connection: Connection, event: Stored[LikenessFound]) -> None:
    add(
        connection,
        t.likeness,
        record_key=event.fact.record,
        other_key=event.fact.other,
        answer=event.fact.answer,
        rule=event.fact.rule,
        reasons=canonical(event.fact.reasons),
        found_at=event.at,
        verdict=None,
        person_id=None,
        settled_at=None,
    )


@projects(LikenessSettled)
def _likeness_settled(connection: Connection, event: Stored[LikenessSettled]) -> None:
    fact, pair = event.fact, t.likeness.c
    connection.execute(
        update(t.likeness)
        .where(pair.record_key == fact.record, pair.other_key == fact.other)
        .values(settled_at=event.at, verdict=fact.verdict, person_id=fact.person)
    )
    if fact.verdict is PairVerdict.SAME:
        _merge(connection, fact.record, fact.other)
    elif fact.place is not None:
        _split(connection, fact.record, event.at, fact.place)


def _merge(connection: Connection, key: str, other_key: str) -> None:
    """Move a record to where the other is; its own candidate closes when it is left empty."""
    other = _record(connection, other_key)
    own = _record(connection, key).candidate_id
    connection.execute(
        update(t.record)
        .where(t.record.c.key == key)
        .values(candidate_id=other.candidate_id, study_id=other.study_id)
    )
    left = select(func.count()).where(t.record.c.candidate_id == own)
    if own is not None and not connection.execute(left).scalar_one():
        connection.execute(
            update(t.candidate)
            .where(t.candidate.c.id == own)
            .values(closed=1, outcome=CandidateOutcome.DUPLICATE)
        )


def _split(connection: Connection, key: str, at: str, place: QueueEntry) -> None:
    """Give a record that was merged a candidate of its own again."""
    mine = t.candidate.c.id == key
    if connection.execute(select(t.candidate.c.id).where(mine)).first() is None:
        open_candidate(connection, at, place)
    else:
        connection.execute(update(t.candidate).where(mine).values(closed=0, outcome=None))
    study = _record(connection, key).study_id
    connection.execute(
        update(t.record).where(t.record.c.key == key).values(candidate_id=key, study_id=None)
    )
    if study is not None:
        _take_identifiers_back(connection, key, study)


def _take_identifiers_back(connection: Connection, key: str, study: str) -> None:
    """A study that was found by us keeps no identifier that only the split record bore."""
    baseline = select(t.study.c.baseline).where(t.study.c.id == study)
    if connection.execute(baseline).scalar_one():
        return
    names = t.record_identifier.c
    shared = (
        select(names.identifier)
        .join(t.record, t.record.c.key == names.record_key)
        .where(t.record.c.study_id == study)
    )
    lone = select(names.identifier).where(names.record_key == key, names.identifier.not_in(shared))
    column = t.study_identifier.c
    connection.execute(
        delete(t.study_identifier).where(column.study_id == study, column.identifier.in_(lone))
    )


def _record(connection: Connection, key: str) -> Row[tuple[object, ...]]:
    return connection.execute(select(t.record).where(t.record.c.key == key)).one()


@projects(TaskRaised)
def _task_raised(connection: Connection, event: Stored[TaskRaised]) -> None:
    fact = event.fact
    add(
        connection,
        t.task,
        id=fact.task,
        kind=fact.task_kind,
        study_id=fact.study,
        raised_at=event.at,
        settled_at=None,
        person_id=None,
        note=None,
        **taken(fact, "subject", "text"),
    )


@projects(TaskSettled)
def _task_settled(connection: Connection, event: Stored[TaskSettled]) -> None:
    fact = event.fact
    connection.execute(
        update(t.task)
        .where(t.task.c.id == fact.task)
        .values(settled_at=event.at, person_id=fact.person, note=fact.note)
    )


@projects(CorrectionSeen)
def _correction_seen(connection: Connection, event: Stored[CorrectionSeen]) -> None:
    fact, mine = event.fact, t.correction.c.id == event.fact.correction
    known = connection.execute(select(t.correction).where(mine)).first()
    if known is None:
        add(
            connection,
            t.correction,
            id=fact.correction,
            study_id=fact.study,
            record_key=fact.record,
            kind=fact.correction_kind,
            sources=canonical([fact.source]),
            seen_at=event.at,
            **taken(fact, "doi", "pmid", "citation"),
        )
        return
    sources = sorted({*json.loads(known.sources), fact.source})
    learnt = {
        name: getattr(known, name) or getattr(fact, name) for name in ("doi", "pmid", "citation")
    }
    connection.execute(
        update(t.correction).where(mine).values(sources=canonical(sources), **learnt)
    )


@projects(CertificateSigned)
def _certificate_signed(connection: Connection, event: Stored[CertificateSigned]) -> None:
    add(
        connection,
        t.certificate,
        id=event.fact.certificate,
        at=event.at,
        **taken(event.fact, "body", "signature"),
    )


@projects(StrategyProposed)
def _strategy_proposed(connection: Connection, event: Stored[StrategyProposed]) -> None:
    fact = event.fact
    add(
        connection,
        t.strategy,
        id=fact.strategy,
        comparison=canonical(fact.comparison) if fact.comparison is not None else None,
        proposed_at=event.at,
        adopted_at=None,
        **taken(fact, "source", "query"),
    )


@projects(StrategyAdopted)
def _strategy_adopted(connection: Connection, event: Stored[StrategyAdopted]) -> None:
    mine = t.strategy.c.id == event.fact.strategy
    connection.execute(update(t.strategy).where(mine).values(adopted_at=event.at))
