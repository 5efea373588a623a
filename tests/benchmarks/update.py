"""What an update costs in which nothing is new: with few known records and with a million.

Two reviews are searched by the real step over real HTTP stand-ins, all sources, until nothing is
new. One of them then comes to know a million records, written straight into the log and its
tables (their candidates closed long ago). Both are searched again, in turns, and their quickest
rounds compared.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection, insert

from bot.surveillance.likes import describe
from bot.work import jobs
from extraction.model import Record, RecordIds
from state import tables as t
from state.codec import text_of
from state.events import Actor as Author
from state.events import event_row, head
from state.facts import RecordFound
from tests.benchmarks.figures import Figure
from tests.bot.world import World, a_world

FEW, MANY = 1_000, 1_000_000
ROUNDS = 7
LARGEST_RATIO = 1.5
BATCH = 20_000
AUTHOR = Author("system", authenticated=True)
AT = "2025-01-01T00:00:00.000000Z"
WORDS = [
    "acid",
    "bone",
    "cell",
    "drug",
    "ear",
    "fever",
    "gland",
    "heart",
    "iron",
    "joint",
    "knee",
    "lung",
    "muscle",
    "nerve",
    "organ",
]


def figures() -> Iterator[Figure]:
    """Yield the cost of an update among many known records, against one among few."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        few = stack.enter_context(a_world(Path(folder) / "few"))
        many = stack.enter_context(a_world(Path(folder) / "many"))
        for world, count in ((few, FEW), (many, MANY)):
            _update(world)
            with world.app.database.transaction() as connection:
                _know(connection, count)
            _update(world)
        costs = [(_update(many), _update(few)) for _ in range(ROUNDS)]
    ours, against = (min(each) * 1000 for each in zip(*costs, strict=True))
    name = f"update: nothing new, {MANY:,} known records against {FEW:,}"
    yield Figure(name, ours, against, "ms", goal=LARGEST_RATIO)


def _update(world: World) -> float:
    """Search every source and do what follows; return the seconds it took."""
    world.clock.advance(days=32)
    begun = time.perf_counter()
    world.search_all()
    jobs.tick(world.app)
    return time.perf_counter() - begun


def _know(connection: Connection, count: int) -> None:
    """Write a log of records found long ago and screened, with the tables that follow from it."""
    seq, before = head(connection)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        rows: dict[str, list[dict[str, object]]] = {"event": [], "record": [], "names": []}
        candidates = []
        for number in numbers:
            record = _record(number)
            seq += 1
            row, before = _event(seq, before, record)
            rows["event"].append(row)
            rows["record"].append(_stored(record))
            rows["names"] += [
                {"identifier": each, "record_key": record.key}
                for each in describe(record).identifiers
            ]
            candidates.append(_closed(record))
        connection.execute(insert(t.event), rows["event"])
        connection.execute(insert(t.candidate), candidates)
        connection.execute(insert(t.record), rows["record"])
        connection.execute(insert(t.record_identifier), rows["names"])


def _record(number: int) -> Record:
    digest = hashlib.sha256(str(number).encode()).digest()
    title = " ".join(WORDS[each % len(WORDS)] for each in digest[:12]) + f" in case {number}"
    return Record(
        source="pubmed",
        source_id=f"5{number:07d}",
        title=title,
        authors=(f"Doe {chr(65 + digest[12] % 26)}",),
        year=1990 + digest[13] % 35,
        ids=RecordIds(pmid=f"5{number:07d}"),
    )


def _event(seq: int, before: str, record: Record) -> tuple[dict[str, object], str]:
    fact = RecordFound(
        record=record,
        identifiers=(),
        payload_sha256="0" * 64,
        run="long-ago",
        study=None,
        known_report=False,
        place=None,
    )
    row = event_row(seq, AT, AUTHOR, fact, "0" * 32, before)
    return row, str(row["hash"])


def _stored(record: Record) -> dict[str, object]:
    return {
        "key": record.key,
        "source": record.source,
        "source_id": record.source_id,
        "candidate_id": record.key,
        "study_id": None,
        "data": text_of(record),
        "payload_sha256": "0" * 64,
        "found_at": AT,
        "run_id": "long-ago",
        "known_report": 0,
    }


def _closed(record: Record) -> dict[str, object]:
    return {
        "id": record.key,
        "kind": "new",
        "opened_at": AT,
        "score": 0,
        "lane": "main",
        "reasons": "[]",
        "flags": "[]",
        "study_id": None,
        "link_reason": None,
        "link_settled": 0,
        "closed": 1,
        "outcome": "excluded",
    }
