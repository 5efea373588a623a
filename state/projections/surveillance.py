"""From facts to the tables of likenesses, tasks, corrections, certificates and strategies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from state import tables as t
from state.codec import canonical
from state.projections.fact import Fact, add, open_candidate, taken


def _likeness_found(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.likeness,
        record_key=fact.subject,
        reasons=canonical(fact.payload["reasons"]),
        found_at=fact.at,
        verdict=None,
        person_id=None,
        settled_at=None,
        **taken(fact, "other_key", "answer"),
    )


def _likeness_settled(connection: Connection, fact: Fact) -> None:
    pair = t.likeness.c
    connection.execute(
        update(t.likeness)
        .where(pair.record_key == fact.subject, pair.other_key == fact.payload["other_key"])
        .values(settled_at=fact.at, **taken(fact, "verdict", "person_id"))
    )
    if fact.payload["verdict"] == "same":
        _merge(connection, fact.subject, fact.payload["other_key"])
    elif fact.payload["place"] is not None:
        _split(connection, fact)


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
            update(t.candidate).where(t.candidate.c.id == own).values(closed=1, outcome="duplicate")
        )


def _split(connection: Connection, fact: Fact) -> None:
    """Give a record that was merged a candidate of its own again."""
    mine = t.candidate.c.id == fact.subject
    if connection.execute(select(t.candidate.c.id).where(mine)).first() is None:
        open_candidate(connection, fact, fact.payload["place"])
    else:
        connection.execute(update(t.candidate).where(mine).values(closed=0, outcome=None))
    study = _record(connection, fact.subject).study_id
    connection.execute(
        update(t.record)
        .where(t.record.c.key == fact.subject)
        .values(candidate_id=fact.subject, study_id=None)
    )
    if study is not None:
        _take_identifiers_back(connection, fact.subject, study)


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


def _task_raised(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.task,
        id=fact.subject,
        kind=fact.payload["task"],
        raised_at=fact.at,
        settled_at=None,
        person_id=None,
        note=None,
        **taken(fact, "subject", "text", "study_id"),
    )


def _task_settled(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.task)
        .where(t.task.c.id == fact.subject)
        .values(settled_at=fact.at, **taken(fact, "person_id", "note"))
    )


def _correction_seen(connection: Connection, fact: Fact) -> None:
    mine = t.correction.c.id == fact.subject
    known = connection.execute(select(t.correction).where(mine)).first()
    if known is None:
        add(
            connection,
            t.correction,
            id=fact.subject,
            kind=fact.payload["correction"],
            sources=canonical([fact.payload["source"]]),
            seen_at=fact.at,
            **taken(fact, "study_id", "record_key", "doi", "pmid", "citation"),
        )
        return
    sources = sorted({*json.loads(known.sources), fact.payload["source"]})
    learnt = {
        name: getattr(known, name) or fact.payload[name] for name in ("doi", "pmid", "citation")
    }
    connection.execute(
        update(t.correction).where(mine).values(sources=canonical(sources), **learnt)
    )


def _certificate_signed(connection: Connection, fact: Fact) -> None:
    connection.execute(
        insert(t.certificate).values(
            id=fact.subject, at=fact.at, **taken(fact, "body", "signature")
        )
    )


def _strategy_proposed(connection: Connection, fact: Fact) -> None:
    comparison = fact.payload["comparison"]
    add(
        connection,
        t.strategy,
        id=fact.subject,
        comparison=canonical(comparison) if comparison is not None else None,
        proposed_at=fact.at,
        adopted_at=None,
        **taken(fact, "source", "query"),
    )


def _strategy_adopted(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.strategy).where(t.strategy.c.id == fact.subject).values(adopted_at=fact.at)
    )


PROJECTORS: Mapping[str, Callable[[Connection, Fact], None]] = {
    "likeness_found": _likeness_found,
    "likeness_settled": _likeness_settled,
    "task_raised": _task_raised,
    "task_settled": _task_settled,
    "correction_seen": _correction_seen,
    "certificate_signed": _certificate_signed,
    "strategy_proposed": _strategy_proposed,
    "strategy_adopted": _strategy_adopted,
}
