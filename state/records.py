"""Records, their raw payloads and the identifiers by which the same record is known again."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    TextClause,
    func,
    insert,
    select,
    text,
)

from extraction.model import Direction, Record, RegisterEntry
from state import tables as t
from state.bulk import one_of, write_rows
from state.codec import loaded
from state.errors import NotFound, Tampered
from state.events import ROWS_AT_A_TIME, Ledger, head
from state.facts import ItemConfirmed, RecordChanged, RecordFound
from state.facts import QueueEntry as QueueEntry  # known to the rest by this room
from state.paging import Order, Part, Seek, read_part
from state.readings import read_once
from state.standings import CHUNK
from state.values import PublicStatus, StoredRecord

_LISTED = Order((t.record.c.source, t.record.c.key))
# The quickest of zlib's levels: a third of the time of the usual one for a twentieth more bytes.
PACKED_AT = 1
KEEPING = insert(t.payload)


@dataclass(frozen=True, slots=True)
class Packed:
    """A source's answer as it is kept: compressed, under its hash."""

    sha256: str
    media_type: str
    body: bytes


def pack(body: bytes, media_type: str) -> Packed:
    """Make an answer ready to be kept, before anything is locked for it."""
    return Packed(hashlib.sha256(body).hexdigest(), media_type, zlib.compress(body, PACKED_AT))


def keep_payload(connection: Connection, body: bytes, media_type: str) -> str:
    """Keep a source's answer compressed under its hash; the same answer is kept once."""
    packed = pack(body, media_type)
    keep_packed(connection, [packed])
    return packed.sha256


def keep_packed(connection: Connection, answers: Sequence[Packed]) -> None:
    """Keep the answers that are not kept already."""
    new = {each.sha256: each for each in answers}
    known = select(t.payload.c.sha256).where(one_of(connection, t.payload.c.sha256, new))
    for digest in connection.execute(known).scalars():
        del new[digest]
    write_rows(connection, KEEPING, [asdict(each) for each in new.values()])


def payload(connection: Connection, digest: str) -> bytes:
    """Return a kept answer, checked against its hash."""
    row = connection.execute(select(t.payload).where(t.payload.c.sha256 == digest)).first()
    if row is None:
        raise Tampered(f"the payload {digest} is missing")
    return unpacked(digest, row.body)


def unpacked(digest: str, packed: bytes) -> bytes:
    """Return an answer as it came; raise Tampered where it is not what its hash says."""
    try:
        body = zlib.decompress(packed)
    except zlib.error as error:
        raise Tampered(f"the payload {digest} cannot be unpacked: {error}") from error
    if hashlib.sha256(body).hexdigest() != digest:
        raise Tampered(f"the payload {digest} does not have the hash it is kept under")
    return body


def answers(connection: Connection) -> Iterator[tuple[str, str, bytes]]:
    """Yield every answer that is kept: its hash, its media type, and its bytes as they came."""
    query = select(t.payload).order_by(t.payload.c.sha256).execution_options(yield_per=10)
    for row in connection.execute(query):
        yield row.sha256, row.media_type, unpacked(row.sha256, row.body)


def find_record(
    ledger: Ledger,
    record: Record,
    *,
    identifiers: Sequence[str],
    payload_sha256: str,
    run_id: str,
    place: QueueEntry | None,
    study: str | None,
    known_report: bool,
) -> None:
    """Store a record seen for the first time together with its place in the queue.

    One event: a record is never known without being queued for a person, unless it is itself a
    report that the review already counts (known_report).
    """
    ledger.record(
        RecordFound(
            record=record,
            identifiers=tuple(identifiers),
            payload_sha256=payload_sha256,
            run=run_id,
            study=study,
            known_report=known_report,
            place=place,
        )
    )


def change_record(
    ledger: Ledger,
    record: Record,
    *,
    identifiers: Sequence[str],
    payload_sha256: str,
    run_id: str,
    changes: Sequence[str],
    entry_changed: bool,
) -> None:
    """Store a new wording of a known record; what it said before stays in the log."""
    ledger.record(
        RecordChanged(
            record=record,
            identifiers=tuple(identifiers),
            payload_sha256=payload_sha256,
            run=run_id,
            changes=tuple(changes),
            entry_changed=entry_changed,
        )
    )


def confirm_item(ledger: Ledger, item: str, record_key: str) -> None:
    """Confirm an unconfirmed identifier: a live answer bore it with the expected title."""
    ledger.record(ItemConfirmed(item=item, record=record_key))


def confirmed_items(connection: Connection) -> frozenset[str]:
    """Return the known items confirmed by a live answer."""
    return frozenset(connection.execute(select(t.confirmation.c.item)).scalars())


def stored(connection: Connection, keys: Sequence[str]) -> dict[str, StoredRecord]:
    """Return those of the named records that are known."""
    query = select(t.record).where(one_of(connection, t.record.c.key, keys))
    return {row.key: _stored(row) for row in connection.execute(query)}


def find_stored(connection: Connection, key: str) -> StoredRecord:
    """Return one record or raise NotFound."""
    found = stored(connection, [key])
    if key not in found:
        raise NotFound("record", key)
    return found[key]


def all_records(connection: Connection) -> Iterator[StoredRecord]:
    """Yield everything known, in the order of its keys."""
    query = select(t.record).order_by(t.record.c.key)
    for row in connection.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)):
        yield _stored(row)


def all_with_status(connection: Connection) -> Iterator[tuple[StoredRecord, PublicStatus | None]]:
    """Yield everything known as `all_records` does, with the status of its candidate, if any."""
    query = select(t.record, t.candidate.c.public_status)
    query = query.outerjoin(t.candidate, t.candidate.c.id == t.record.c.candidate_id)
    query = query.order_by(t.record.c.key)
    for row in connection.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)):
        status = row.public_status
        yield _stored(row), PublicStatus(status) if status is not None else None


def records_part(
    connection: Connection, asked: Seek, *, words: str = "", source: str = ""
) -> Part[StoredRecord]:
    """Return a part of what is known, by source and key: all, or what matches words and source."""
    at = None
    if asked.row:
        known = find_stored(connection, *asked.names(1)).record
        at = (known.source, known.key)
    query = select(t.record).where(*_matching(words, source))
    return read_part(
        connection, query, _LISTED, asked, at, lambda rows: [_stored(row) for row in rows]
    )


@dataclass(slots=True)
class KnownRecords:
    """How many records are known: each has its event, and only those since the last look count."""

    counted: tuple[int, int] = (0, 0)  # up to which event, how many

    def count(self, connection: Connection) -> int:
        """Return how many there are by the end of the log."""
        until, known = self.counted
        last, _ = head(connection)
        if last > until:
            versions = range(1, RecordFound.event_version + 1)
            found = select(func.count()).where(
                t.event.c.kind == RecordFound.event_kind,
                t.event.c.version.in_(versions),
                t.event.c.seq > until,
            )
            known += connection.execute(found).scalar_one()
            self.counted = (last, known)
        return known


def count_matching(connection: Connection, *, words: str, source: str, at_most: int) -> int:
    """Count which records bear every word and are of a source; stop at a number."""
    found = select(t.record.c.key).where(*_matching(words, source)).limit(at_most).subquery()
    return connection.execute(select(func.count()).select_from(found)).scalar_one()


def _matching(words: str, source: str) -> list[ColumnElement[bool]]:
    """Say which records bear every word, anywhere, and are of a source."""
    wanted = [t.record.c.source == source] if source else []
    return wanted + [
        t.record.c.words.contains(word, autoescape=True) for word in words.casefold().split()
    ]


def sources(connection: Connection) -> tuple[str, ...]:
    """Return the sources of which a record is known; each is looked up, none of its records is."""
    found: list[str] = []
    first = select(func.min(t.record.c.source))
    following = connection.execute(first).scalar()
    while following is not None:
        found.append(following)
        following = connection.execute(first.where(t.record.c.source > found[-1])).scalar()
    return tuple(found)


def records_of_candidate(connection: Connection, candidate: str) -> tuple[StoredRecord, ...]:
    """Return a candidate's records, first found first."""
    return records_of_candidates(connection, [candidate])[candidate]


def records_of_candidates(
    connection: Connection, candidates: Sequence[str]
) -> dict[str, tuple[StoredRecord, ...]]:
    """Return the records of many candidates, each first found first."""
    held: dict[str, list[StoredRecord]] = {candidate: [] for candidate in candidates}
    for start in range(0, len(candidates), CHUNK):
        some = candidates[start : start + CHUNK]
        query = select(t.record).where(t.record.c.candidate_id.in_(some))
        for row in connection.execute(query.order_by(t.record.c.found_at, t.record.c.key)):
            held[row.candidate_id].append(_stored(row))
    return {candidate: tuple(found) for candidate, found in held.items()}


@read_once
def records_of_study(connection: Connection, study: str) -> tuple[StoredRecord, ...]:
    """Return the records linked to a study, first found first."""
    query = select(t.record).where(t.record.c.study_id == study)
    query = query.order_by(t.record.c.found_at, t.record.c.key)
    return tuple(_stored(row) for row in connection.execute(query))


def records_of_run(connection: Connection, run: str) -> tuple[StoredRecord, ...]:
    """Return the records that a search was the first to find."""
    query = select(t.record).where(t.record.c.run_id == run).order_by(t.record.c.key)
    return tuple(_stored(row) for row in connection.execute(query))


def found_by(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the record's key → the search that was the first to find it."""
    query = select(t.record.c.key, t.record.c.run_id)
    query = query.where(one_of(connection, t.record.c.key, keys))
    return {row.key: row.run_id for row in connection.execute(query)}


def later_reports(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return study → the keys of the records that became its reports, without those it had."""
    column = t.record.c
    query = select(column.study_id, column.key).where(
        column.study_id.is_not(None), column.known_report == 0
    )
    found: dict[str, tuple[str, ...]] = {}
    for study, key in connection.execute(query.order_by(column.study_id, column.key)):
        found[study] = (*found.get(study, ()), key)
    return found


def owners(connection: Connection, identifiers: Sequence[str]) -> tuple[StoredRecord, ...]:
    """Return the known records that bear any of these identifiers."""
    column = t.record_identifier.c
    query = (
        select(t.record)
        .join(t.record_identifier, column.record_key == t.record.c.key)
        .where(column.identifier.in_(identifiers))
        .order_by(t.record.c.found_at, t.record.c.key)
        .distinct()
    )
    return tuple(_stored(row) for row in connection.execute(query))


def bearers(connection: Connection, identifiers: Sequence[str]) -> dict[str, list[str]]:
    """Return identifier → the keys of the known records that bear it, those that anything bears."""
    column = t.record_identifier.c
    query = select(column.identifier, column.record_key)
    query = query.where(one_of(connection, column.identifier, identifiers))
    return _held(connection, query.order_by(column.identifier, column.record_key))


def studies_bearing(connection: Connection, identifiers: Sequence[str]) -> dict[str, list[str]]:
    """Return identifier → the studies that bear it, those that any bears."""
    column = t.study_identifier.c
    query = select(column.identifier, column.study_id)
    query = query.where(one_of(connection, column.identifier, identifiers))
    return _held(connection, query.order_by(column.identifier, column.study_id))


def _held(connection: Connection, query: Select[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for identifier, holder in connection.execute(query):
        found[identifier].append(holder)
    return dict(found)


def records_with_corrections(
    connection: Connection, answered: Sequence[str] | None = None
) -> tuple[StoredRecord, ...]:
    """Return the studies' records about which there is a notice, and those that are notices.

    answered: the records among which notices are looked for; None: all that is known, of which an
    index names the notices.
    """
    data = t.record.c.data
    of_studies = t.record.c.study_id.in_(select(t.study.c.id))
    found = _rows(connection, of_studies, data.contains(f'"{Direction.OF_THIS}"'))
    is_one = text(t.IS_NOTICE)
    if answered is None:
        found |= _rows(connection, is_one)
    else:
        for start in range(0, len(answered), CHUNK):
            found |= _rows(connection, t.record.c.key.in_(answered[start : start + CHUNK]), is_one)
    return tuple(sorted(found.values(), key=lambda each: (each.found_at, each.record.key)))


def _rows(
    connection: Connection, *wanted: ColumnElement[bool] | TextClause
) -> dict[str, StoredRecord]:
    rows = connection.execute(select(t.record).where(*wanted))
    return {row.key: _stored(row) for row in rows}


def studies_with(connection: Connection, identifiers: Sequence[str]) -> dict[str, str]:
    """Return identifier → study for those of the identifiers that a known study bears."""
    column = t.study_identifier.c
    query = select(column.identifier, column.study_id).where(column.identifier.in_(identifiers))
    query = query.order_by(column.study_id.desc())
    return {row.identifier: row.study_id for row in connection.execute(query)}


def snapshots(connection: Connection, record_key: str) -> tuple[tuple[str, RegisterEntry], ...]:
    """Return our own history of a register entry: (instant, entry), oldest first."""
    query = select(t.snapshot).where(t.snapshot.c.record_key == record_key)
    rows = connection.execute(query.order_by(t.snapshot.c.seq))
    return tuple((row.at, loaded(RegisterEntry, row.entry)) for row in rows)


def _stored(row: Row[tuple[object, ...]]) -> StoredRecord:
    return StoredRecord(
        loaded(Record, row.data),
        row.candidate_id,
        row.study_id,
        bool(row.known_report),
        row.found_at,
        row.payload_sha256,
    )
