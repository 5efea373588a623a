"""From facts to the tables of people, records, screening, extraction, results and notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, select, update

from state import tables as t
from state.codec import Json, canonical
from state.projections.fact import Fact, add, identify, open_candidate, taken


def _person(connection: Connection, fact: Fact) -> None:
    values = {
        **taken(fact, "name", "address", "deputy"),
        "roles": canonical(fact.payload["roles"]),
    }
    if fact.kind == "person_added":
        add(connection, t.person, id=fact.subject, added_at=fact.at, retired=0, **values)
    else:
        connection.execute(update(t.person).where(t.person.c.id == fact.subject).values(**values))


def _person_retired(connection: Connection, fact: Fact) -> None:
    connection.execute(update(t.person).where(t.person.c.id == fact.subject).values(retired=1))


def _protocol_adopted(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.protocol_version,
        version=fact.subject,
        adopted_at=fact.at,
        **taken(fact, "sha256", "body", "reason"),
    )


def _baseline_loaded(connection: Connection, fact: Fact) -> None:
    for study in fact.payload["studies"]:
        _put_study(connection, fact, study, place="included", baseline=1)
    for value in fact.payload["values"]:
        add(
            connection,
            t.baseline_value,
            cell=value["key"],
            study_id=value["value"]["cell"]["study"],
            data=canonical(value["value"]),
        )


def _put_study(
    connection: Connection,
    fact: Fact,
    study: Json,
    *,
    place: str,
    baseline: int,
    candidate: str | None = None,
    next_look_on: str | None = None,
) -> None:
    add(
        connection,
        t.study,
        id=study["study"]["id"],
        label=study["study"]["label"],
        data=canonical(study["study"]),
        place=place,
        next_look_on=next_look_on,
        candidate_id=candidate,
        baseline=baseline,
        added_at=fact.at,
    )
    identify(connection, t.study_identifier, "study_id", study["study"]["id"], study["identifiers"])


def _study_added(connection: Connection, fact: Fact) -> None:
    candidate = fact.payload["candidate_id"]
    _put_study(
        connection,
        fact,
        fact.payload,
        place=fact.payload["place"],
        baseline=0,
        candidate=candidate,
        next_look_on=fact.payload["next_look_on"],
    )
    _give_records_to_study(connection, candidate, fact.subject)


def _give_records_to_study(connection: Connection, candidate: str, study: str) -> None:
    mine = t.record.c.candidate_id == candidate
    connection.execute(update(t.record).where(mine).values(study_id=study))
    owned = (
        select(t.record_identifier.c.identifier)
        .join(t.record, t.record.c.key == t.record_identifier.c.record_key)
        .where(mine)
        .distinct()
        .order_by(t.record_identifier.c.identifier)
    )
    identify(
        connection, t.study_identifier, "study_id", study, list(connection.execute(owned).scalars())
    )


def _study_moved(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.study)
        .where(t.study.c.id == fact.subject)
        .values(**taken(fact, "place", "next_look_on"))
    )


def _study_described(connection: Connection, fact: Fact) -> None:
    study = fact.payload["study"]
    connection.execute(
        update(t.study)
        .where(t.study.c.id == fact.subject)
        .values(label=study["label"], data=canonical(study))
    )


def _record_found(connection: Connection, fact: Fact) -> None:
    record, place = fact.payload["record"], fact.payload["candidate"]
    if place is not None and place["opened"]:
        open_candidate(connection, fact, place)
    add(
        connection,
        t.record,
        key=fact.subject,
        source=record["source"],
        source_id=record["source_id"],
        candidate_id=place["id"] if place is not None else None,
        data=canonical(record),
        found_at=fact.at,
        known_report=int(fact.payload["known_report"]),
        **taken(fact, "study_id", "payload_sha256", "run_id"),
    )
    identify(
        connection, t.record_identifier, "record_key", fact.subject, fact.payload["identifiers"]
    )
    if fact.payload["known_report"]:
        identify(
            connection,
            t.study_identifier,
            "study_id",
            fact.payload["study_id"],
            fact.payload["identifiers"],
        )
    _take_snapshot(connection, fact, record)


def _record_changed(connection: Connection, fact: Fact) -> None:
    record = fact.payload["record"]
    connection.execute(
        update(t.record)
        .where(t.record.c.key == fact.subject)
        .values(data=canonical(record), payload_sha256=fact.payload["payload_sha256"])
    )
    identify(
        connection, t.record_identifier, "record_key", fact.subject, fact.payload["identifiers"]
    )
    if fact.payload["entry_changed"]:
        _take_snapshot(connection, fact, record)


def _take_snapshot(connection: Connection, fact: Fact, record: Json) -> None:
    if record["entry"] is not None:
        add(
            connection,
            t.snapshot,
            seq=fact.seq,
            record_key=fact.subject,
            entry=canonical(record["entry"]),
            payload_sha256=fact.payload["payload_sha256"],
            at=fact.at,
        )


def _item_confirmed(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.confirmation,
        item=fact.subject,
        record_key=fact.payload["record_key"],
        at=fact.at,
    )


def _verdict_given(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.decision,
        seq=fact.seq,
        candidate_id=fact.subject,
        at=fact.at,
        **taken(
            fact, "stage", "person_id", "verdict", "criterion", "place", "note", "protocol_version"
        ),
    )


def _ruling_given(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.ruling,
        seq=fact.seq,
        candidate_id=fact.subject,
        at=fact.at,
        kind=fact.payload["ruling"],
        **taken(
            fact, "stage", "person_id", "verdict", "criterion", "place", "note", "protocol_version"
        ),
    )


def _candidate_closed(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.candidate)
        .where(t.candidate.c.id == fact.subject)
        .values(closed=1, outcome=fact.payload["outcome"])
    )


def _link_settled(connection: Connection, fact: Fact) -> None:
    study = fact.payload["study_id"]
    connection.execute(
        update(t.candidate)
        .where(t.candidate.c.id == fact.subject)
        .values(link_settled=1, study_id=study)
    )
    if study is not None:
        _give_records_to_study(connection, fact.subject, study)


def _values_submitted(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.submission,
        seq=fact.seq,
        study_id=fact.subject,
        data=canonical(fact.payload["submission"]),
        at=fact.at,
        **taken(fact, "person_id", "protocol_version"),
    )


def _value_adjudicated(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.adjudicated_value,
        seq=fact.seq,
        study_id=fact.subject,
        at=fact.at,
        **taken(fact, "cell", "person_id", "number", "text", "note"),
    )


def _search_finished(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.search_run,
        id=fact.subject,
        data=canonical(fact.payload["run"]),
        **taken(fact, "source", "status", "started_at", "finished_at"),
    )


def _results_computed(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.result,
        id=fact.subject,
        computed_at=fact.at,
        engine=fact.payload["engine"],
        inputs=canonical(fact.payload["inputs"]),
        data=canonical(fact.payload["results"]),
    )


def _version_drafted(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.version).where(t.version.c.state == "draft").values(state="superseded")
    )
    _begin_afresh(connection, fact.subject)
    add(
        connection,
        t.version,
        number=fact.subject,
        state="draft",
        drafted_at=fact.at,
        published_at=None,
        manifest_sha256=None,
        **taken(fact, "kind", "cause", "result_id", "ordinal"),
    )


def _begin_afresh(connection: Connection, number: str) -> None:
    """Clear what was raised and signed of an earlier draft of this number: it was of other results.

    The log keeps it all.
    """
    raised = select(t.signal.c.id).where(t.signal.c.version == number)
    of_signals = t.signature.c.subject_kind == "signal"
    of_version = t.signature.c.subject_kind == "version"
    connection.execute(delete(t.signature).where(of_signals, t.signature.c.subject_id.in_(raised)))
    connection.execute(delete(t.signature).where(of_version, t.signature.c.subject_id == number))
    connection.execute(delete(t.signal).where(t.signal.c.version == number))
    connection.execute(delete(t.version).where(t.version.c.number == number))


def _version_published(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.version)
        .where(t.version.c.number == fact.subject)
        .values(
            state="published",
            published_at=fact.payload["published_at"],
            manifest_sha256=fact.payload["manifest_sha256"],
        )
    )


def _version_rejected(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.version).where(t.version.c.number == fact.subject).values(state="rejected")
    )


def _signal_raised(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.signal,
        id=fact.subject,
        changes_conclusions=int(fact.payload["changes_conclusions"]),
        **taken(fact, "version", "rule", "analysis", "text"),
    )


def _amendment_proposed(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.amendment,
        id=fact.subject,
        proposed_at=fact.at,
        **taken(fact, "text", "cause"),
    )


def _signed(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.signature,
        seq=fact.seq,
        subject_id=fact.subject,
        at=fact.at,
        **taken(fact, "subject_kind", "person_id", "verdict", "reason"),
    )


def _notice_written(connection: Connection, fact: Fact) -> None:
    add(
        connection,
        t.notice,
        key=fact.subject,
        kind=fact.payload["notice"],
        written_at=fact.at,
        **taken(fact, "subject", "body"),
    )
    for recipient, message_id in fact.payload["recipients"].items():
        add(
            connection,
            t.delivery,
            notice_key=fact.subject,
            recipient=recipient,
            message_id=message_id,
            delivered_at=None,
            channel=None,
        )


def _notice_delivered(connection: Connection, fact: Fact) -> None:
    connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.notice_key == fact.subject,
            t.delivery.c.recipient == fact.payload["recipient"],
        )
        .values(delivered_at=fact.at, channel=fact.payload["channel"])
    )


PROJECTORS: Mapping[str, Callable[[Connection, Fact], None]] = {
    "person_added": _person,
    "person_changed": _person,
    "person_retired": _person_retired,
    "protocol_adopted": _protocol_adopted,
    "baseline_loaded": _baseline_loaded,
    "study_added": _study_added,
    "study_moved": _study_moved,
    "study_described": _study_described,
    "record_found": _record_found,
    "record_changed": _record_changed,
    "item_confirmed": _item_confirmed,
    "verdict_given": _verdict_given,
    "ruling_given": _ruling_given,
    "candidate_closed": _candidate_closed,
    "link_settled": _link_settled,
    "values_submitted": _values_submitted,
    "value_adjudicated": _value_adjudicated,
    "search_finished": _search_finished,
    "results_computed": _results_computed,
    "version_drafted": _version_drafted,
    "version_published": _version_published,
    "version_rejected": _version_rejected,
    "signal_raised": _signal_raised,
    "amendment_proposed": _amendment_proposed,
    "signed": _signed,
    "notice_written": _notice_written,
    "notice_delivered": _notice_delivered,
}
