"""What `verify` costs beside SQLite reading the same rows and hashing each of them.

The log is of records with abstracts, found in searches of some hundreds, excluded by two readers
and closed.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, insert, select

from extraction.duplicates import block_keys, index_keys
from extraction.model import Record, RecordIds
from state import projections
from state import tables as t
from state.codec import canonical
from state.database import Database, open_database, sqlite_url
from state.events import Actor, event_row, events, head
from state.facts import CandidateClosed, Fact, QueueEntry, RecordFound, VerdictGiven
from state.facts.words import CandidateOutcome
from state.projections.held import hold_rows
from state.records import keep_payload
from state.screening import Stage, Verdict
from state.verify import verify
from tests.benchmarks import on_a_server
from tests.benchmarks.figures import Figure
from tests.benchmarks.spent import spent_s
from tests.benchmarks.update import AT, WORDS
from tests.engines import POSTGRESQL, engines

RECORDS = 23_000
AN_ANSWER = 500
WORDS_OF_AN_ABSTRACT = 180
READERS = ("ada", "ben")
LARGEST_RATIO = 4.0


def figures() -> Iterator[Figure]:
    """Measure `verify` on a review that knows some ten thousand records."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "review.sqlite"
        on_server = engines.chosen == POSTGRESQL
        database = open_database(engines.cluster.migrated() if on_server else sqlite_url(file))
        for start in range(0, RECORDS, AN_ANSWER):
            with database.transaction() as connection:
                take_in(connection, range(start, min(start + AN_ANSWER, RECORDS)))
        yield verify_gate(database, file)
        database.close()


def verify_gate(database: Database, file: Path) -> Figure:
    """Hold `verify` of a database against SQLite reading and hashing the same rows."""
    used = _cpu_s(lambda: _find_nothing_wrong(database))
    tables = [each.name for each in (t.event, *t.PROJECTIONS)]
    alone = partial(_read_and_hash, file)
    if engines.chosen == POSTGRESQL:
        alone = partial(on_a_server.read_and_hash, database.url, tables)
    floor = _cpu_s(alone)
    with database.reading() as connection:
        seq, _ = head(connection)
    return Figure(f"verify: a log of {seq:,} events", used, floor, "s of CPU", LARGEST_RATIO)


def _cpu_s(work: Callable[[], None]) -> float:
    begun = spent_s()
    work()
    return spent_s() - begun


def _find_nothing_wrong(database: Database) -> None:
    faults = verify(database).faults
    if faults:
        raise AssertionError(f"expected nothing to be wrong, found {faults[:3]}")


def _read_and_hash(file: Path) -> None:
    """Read every row that `verify` reads, and hash each."""
    with closing(sqlite3.connect(file)) as connection:
        for (body,) in connection.execute("SELECT body FROM payload"):
            hashlib.sha256(zlib.decompress(body)).hexdigest()
        for table in (t.event, *t.PROJECTIONS):
            for row in connection.execute(str(select(table))):
                hashlib.sha256(canonical(row).encode()).hexdigest()


def take_in(connection: Connection, numbers: Iterable[int]) -> None:
    """Store one answer, and that each of its records was read by two and excluded."""
    found = [_record(number) for number in numbers]
    answer = "\n".join(f"{record.title}\n{record.abstract}" for record in found)
    payload = keep_payload(connection, answer.encode(), "text/plain")
    _write(connection, "system", (_found(record, payload) for record in found))
    for reader in READERS:
        _write(connection, reader, (_excluded(record.key, reader) for record in found))
    closed = (
        CandidateClosed(candidate=each.key, outcome=CandidateOutcome.EXCLUDED) for each in found
    )
    _write(connection, "system", closed)


def _write(connection: Connection, actor: str, facts: Iterable[Fact]) -> None:
    """Append facts to the log, and bring the tables up to date."""
    before, last = head(connection)
    rows = []
    for seq, fact in enumerate(facts, start=before + 1):
        rows.append(event_row(seq, AT, Actor(actor, authenticated=True), fact, "0" * 32, last))
        last = str(rows[-1]["hash"])
    connection.execute(insert(t.event), rows)
    with hold_rows(connection):
        for event in list(events(connection, after=before)):
            projections.apply(connection, event)


def _record(number: int) -> Record:
    digest = hashlib.sha512(str(number).encode()).digest()
    words = [WORDS[each % len(WORDS)] for each in digest * 3]
    return Record(
        source="pubmed",
        source_id=str(number),
        title=f"{' '.join(words[:12])} in case {number}",
        abstract=" ".join(words[:WORDS_OF_AN_ABSTRACT]),
        authors=(f"Doe {chr(65 + digest[12] % 26)}", "Roe J", "Poe E"),
        journal="A Journal of Tea",
        year=1990 + digest[13] % 35,
        ids=RecordIds(pmid=str(number), doi=f"10.5555/made-up.{number}"),
    )


def _found(record: Record, payload: str) -> RecordFound:
    return RecordFound(
        record=record,
        identifiers=(*index_keys(record), *block_keys(record)),
        payload_sha256=payload,
        run="a-run",
        study=None,
        known_report=False,
        place=QueueEntry(record.key, True, 10, "main", ("names the condition",), ()),
    )


def _excluded(candidate: str, reader: str) -> VerdictGiven:
    return VerdictGiven(
        candidate=candidate,
        person=reader,
        verdict=Verdict.EXCLUDE,
        stage=Stage.TITLE_ABSTRACT,
        criterion=None,
        place=None,
        next_look_on=None,
        note=None,
        protocol_version="1",
    )
