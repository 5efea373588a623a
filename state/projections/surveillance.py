"""From facts to the tables of searches, records, likenesses, tasks, corrections and strategies."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from extraction.model import Record
from state import tables as t
from state.codec import canonical, text_of
from state.facts import (
    AlertTaken,
    CertificateSigned,
    CorrectionSeen,
    EntryHistoryRead,
    FullTextLocated,
    HandSearchTold,
    ItemConfirmed,
    LikenessFound,
    LikenessSettled,
    QueueEntry,
    RecordChanged,
    RecordFound,
    SearchFinished,
    SearchWithdrawn,
    Stored,
    StrategyAdopted,
    StrategyProposed,
    TaskRaised,
    TaskReopened,
    TaskSettled,
)
from state.facts.words import CandidateOutcome, PairVerdict
from state.projections.extraction import take_identifiers_back
from state.projections.public import settle_status
from state.projections.rows import add, identify, open_candidate, projects, taken, write
from state.projections.verdicts import carry_verdicts, carry_verdicts_back

_REWORDING = (
    update(t.record)
    .where(t.record.c.key == bindparam("its_key"))
    .values(
        data=bindparam("said"), payload_sha256=bindparam("given_in"), words=bindparam("in_words")
    )
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


@projects(SearchWithdrawn)
def _search_withdrawn(connection: Connection, event: Stored[SearchWithdrawn]) -> None:
    mine = t.search_run.c.id == event.fact.run
    connection.execute(update(t.search_run).where(mine).values(withdrawn=event.seq))


@projects(HandSearchTold)
def _hand_search_told(connection: Connection, event: Stored[HandSearchTold]) -> None:
    """Keep what was told of a run last."""
    fact, mine = event.fact, t.hand_search.c.run == event.fact.run
    said = fact.canonical_text()
    if connection.execute(select(t.hand_search.c.run).where(mine)).first() is None:
        add(connection, t.hand_search, data=said, **taken(fact, "run", "source"))
    else:
        connection.execute(update(t.hand_search).where(mine).values(data=said))


@projects(AlertTaken)
def _alert_taken(connection: Connection, event: Stored[AlertTaken]) -> None:
    fact = event.fact
    add(
        connection,
        t.alert,
        id=fact.alert,
        taken_at=event.at,
        payload_sha256=fact.payload,
        data=fact.canonical_text(),
        **taken(fact, "source", "day"),
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
        data=fact.record_text,
        payload_sha256=fact.payload_sha256,
        found_at=event.at,
        run_id=fact.run,
        known_report=int(fact.known_report),
        words=words_of(record),
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
        "said": fact.record_text,
        "given_in": fact.payload_sha256,
        "in_words": words_of(record),
    }
    write(connection, t.record, _REWORDING, [said])
    _identify_record(connection, fact)
    if fact.entry_changed:
        _take_snapshot(connection, event, record)


def words_of(record: Record) -> str:
    """Return the words in which readers search for a record, without regard to case."""
    ids = record.ids
    words = [record.key, record.title, *record.authors, ids.doi or "", *ids.register]
    return " ".join(words).casefold()


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


@projects(EntryHistoryRead)
def _entry_history_read(connection: Connection, event: Stored[EntryHistoryRead]) -> None:
    """Keep the history that was read last."""
    fact = event.fact
    connection.execute(delete(t.entry_history).where(t.entry_history.c.entry == fact.entry))
    add(connection, t.entry_history, entry=fact.entry, data=fact.canonical_text(), at=event.at)


@projects(FullTextLocated)
def _full_text_located(connection: Connection, event: Stored[FullTextLocated]) -> None:
    """Keep what each service answered last."""
    fact, own = event.fact, t.full_text.c
    mine = (own.doi == fact.doi) & (own.service == fact.service)
    connection.execute(delete(t.full_text).where(mine))
    said = fact.canonical_text()
    add(connection, t.full_text, data=said, at=event.at, **taken(fact, "doi", "service"))


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
        _merge(connection, fact.record, fact.other, carries=fact.carries)
    elif fact.place is not None:
        _split(connection, fact.record, event.at, fact.place)


def _merge(connection: Connection, key: str, other_key: str, *, carries: bool) -> None:
    """Move a record to where the other is; its own candidate closes when it is left empty."""
    other = _record(connection, other_key)
    own = _record(connection, key).candidate_id
    connection.execute(
        update(t.record)
        .where(t.record.c.key == key)
        .values(candidate_id=other.candidate_id, study_id=other.study_id)
    )
    left = select(func.count()).where(t.record.c.candidate_id == own)
    if own is None or connection.execute(left).scalar_one():
        return
    connection.execute(
        update(t.candidate)
        .where(t.candidate.c.id == own)
        .values(
            closed=1,
            outcome=CandidateOutcome.DUPLICATE,
            stage=None,
            public_status=CandidateOutcome.DUPLICATE,
        )
    )
    if carries and other.candidate_id is not None:
        carry_verdicts(connection, own, other.candidate_id)
        settle_status(connection, other.candidate_id)


def _split(connection: Connection, key: str, at: str, place: QueueEntry) -> None:
    """Give a record that was merged a candidate of its own again."""
    mine = t.candidate.c.id == key
    stored = _record(connection, key)
    if connection.execute(select(t.candidate.c.id).where(mine)).first() is None:
        open_candidate(connection, at, place)
    else:
        if stored.candidate_id is not None:
            carry_verdicts_back(connection, stored.candidate_id, key)
            settle_status(connection, stored.candidate_id)
        connection.execute(update(t.candidate).where(mine).values(closed=0, outcome=None))
        settle_status(connection, key)
    connection.execute(
        update(t.record).where(t.record.c.key == key).values(candidate_id=key, study_id=None)
    )
    if stored.study_id is not None:
        take_identifiers_back(connection, key, stored.study_id)


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


@projects(TaskReopened)
def _task_reopened(connection: Connection, event: Stored[TaskReopened]) -> None:
    mine = t.task.c.id == event.fact.task
    connection.execute(
        update(t.task).where(mine).values(settled_at=None, person_id=None, note=None)
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
