"""What it costs to take in an answer, against SQLite alone writing the very same rows.

A source's answer of new records with abstracts of 180 words goes through the product's own search
(claim, placement, storing, run, notices) into a real SQLite file. The floor is Python's sqlite3 in
the same run: every row of every table of that file, written into a fresh file of the same schema,
with the same pragmas, in one transaction with `executemany`. Both are measured as processor time of
this process, the quickest of a few rounds in turns. On PostgreSQL the floor is psycopg's
`executemany` (and `COPY` beside it) into a fresh database of the same schema, and the server's
processor time counts as well.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from bot.app import App
from bot.config import DATABASE_FILE
from bot.review.protocol import SourcePlan
from bot.sources.answer import Progress, SourceAnswer
from bot.sources.upstream.reply import Payload
from bot.surveillance.alike import open_pairs
from bot.surveillance.search import search, search_failed
from bot.surveillance.slots import SEARCH_RETRY
from bot.work.worker import Handler, do_due
from extraction.model import Record, RecordIds
from state import runs
from state import tables as t
from state.codec import dumped, instant
from state.events import HASHED
from state.values import WorkKind
from tests.benchmarks import on_a_server
from tests.benchmarks.figures import Figure
from tests.benchmarks.floors import Floor, texts_alone
from tests.benchmarks.spent import spent_s
from tests.bot.builders import add_team, an_app
from tests.engines import POSTGRESQL, engines

NEW, MANY, LIKE = 3_000, 50_000, 400
ABSTRACT_WORDS = 180
WORDS = 20_000  # that a field's literature is written in
ROUNDS = 3
ON_A_PAGE = 200  # records of one payload, as PubMed gives them
LARGEST_RATIO = 2.0
LARGEST_SLOPE = 1.3
LARGEST_OF_LIKE = 3.0
MOST_QUESTIONS = 40


@dataclass(slots=True)
class Cost:
    """What taking in an answer used. cpu_s: in all; locked_s: of it, while the write lock was held;
    held_s: how long the lock was held by the clock on the wall."""

    cpu_s: float = 0.0
    locked_s: float = 0.0
    held_s: float = 0.0
    _begun: list[float] = field(default_factory=list)

    def begin(self, *_: object) -> None:
        """Be told that the write lock was taken."""
        self._begun = [spent_s(), time.perf_counter()]

    def end(self, *_: object) -> None:
        """Be told that the write lock is free: the transaction is committed."""
        cpu, wall = self._begun
        self.locked_s += spent_s() - cpu
        self.held_s += time.perf_counter() - wall


def figures() -> Iterator[Figure]:
    """Yield what an answer costs against its rows, how that grows, and what like titles cost."""
    new = [a_record(number) for number in range(NEW)]
    rounds = [_taken_in(new) for _ in range(ROUNDS)]
    ours, floors = [cost for cost, _ in rounds], [floor for _, floor in rounds]
    cpu_s, floor_s = min(each.cpu_s for each in ours), min(each.rows_s for each in floors)
    yield Figure(f"intake: {NEW:,} new records, processor", cpu_s, floor_s, "s", LARGEST_RATIO)
    if floors[0].copied_s is not None:
        copied_s = min(each.copied_s or 0.0 for each in floors)
        yield Figure("intake: the same, against COPY", cpu_s, copied_s, "s", None)
    with_texts_s = min(each.rows_s + each.texts_s for each in floors)
    name = "intake: the same, against the rows with their JSON, hashes and compression"
    yield Figure(name, cpu_s, with_texts_s, "s", None)
    locked_s = min(each.locked_s for each in ours)
    yield Figure("intake: of it with the write lock held", locked_s, floor_s, "s", LARGEST_RATIO)
    held_s = min(each.held_s for each in ours)
    yield Figure("intake: write lock held, by the wall clock", held_s, floor_s, "s", None)
    many, _ = _taken_in([a_record(number) for number in range(MANY)])
    yield Figure(
        f"intake: a record of {MANY:,} against one of {NEW:,}",
        1e6 * many.cpu_s / MANY,
        1e6 * cpu_s / NEW,
        "us",
        LARGEST_SLOPE,
    )
    yield from _of_like_titles()


def _of_like_titles() -> Iterator[Figure]:
    unlike = [a_record(number) for number in range(LIKE)]
    floor_s = min(_taken_in(unlike)[0].cpu_s for _ in range(ROUNDS))
    for name, change in (("one database", _numbered), ("no number", _without_a_number)):
        like = [change(each, number) for number, each in enumerate(unlike)]
        asked: list[int] = []
        cpu_s = min(_taken_in(like, asked)[0].cpu_s for _ in range(ROUNDS))
        title = f"intake: {LIKE} like titles, {name}"
        yield Figure(f"{title}, processor", cpu_s, floor_s, "s", LARGEST_OF_LIKE)
        yield Figure(f"{title}, questions", max(asked), MOST_QUESTIONS, "questions", 1.0)


def _numbered(record: Record, number: int) -> Record:
    """One of a series in one database, which numbers each."""
    return replace(record, title=f"Immunoglobulin for motor neuropathy: record number {number}")


def _without_a_number(record: Record, number: int) -> Record:
    """One of a series of an export without numbers, by one group."""
    made = hashlib.sha256(record.key.encode()).hexdigest()[:16]
    alike = _numbered(record, number)
    return replace(alike, source_id=made, ids=RecordIds(), authors=("Doe J",), pages=None)


def a_record(number: int) -> Record:
    """An article like no other, its abstract of the usual length."""
    choice = random.Random(number)
    words = [_word(choice) for _ in range(12)]
    return Record(
        source="pubmed",
        source_id=f"7{number:07d}",
        title=" ".join(words).capitalize(),
        abstract=" ".join(_word(choice) for _ in range(ABSTRACT_WORDS)),
        authors=tuple(f"{_word(choice).capitalize()} {chr(65 + each)}" for each in range(5)),
        journal=f"Journal of {_word(choice)}",
        volume=str(1 + number % 90),
        issue=str(1 + number % 12),
        pages=f"{100 + number}-{107 + number}",
        year=1990 + number % 35,
        published_on=f"{1990 + number % 35}-03",
        languages=("eng",),
        publication_types=("Journal Article",),
        mesh=("Humans", f"{_word(choice).capitalize()}/therapeutic use"),
        ids=RecordIds(pmid=f"7{number:07d}", doi=f"10.5555/intake.{number}"),
    )


def _word(choice: random.Random) -> str:
    return choice.choice(VOCABULARY)


def _vocabulary() -> list[str]:
    choice = random.Random(WORDS)
    letters = "abcdefghilmnoprstu"
    return ["".join(choice.choices(letters, k=choice.randint(3, 10))) for _ in range(WORDS)]


VOCABULARY = _vocabulary()


def _taken_in(new: Sequence[Record], asked: list[int] | None = None) -> tuple[Cost, Floor]:
    """Take in an answer in an empty folder; return what that cost, and SQLite's writing alone."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        app = an_app(data)
        try:
            add_team(app)
            cost = _search(app, an_answer(new))
            _check_all_queued(app, new)
            if asked is not None:
                with app.database.reading() as connection:
                    asked.append(len(open_pairs(connection)))
        finally:
            app.close()
        if engines.chosen == POSTGRESQL:
            return cost, on_a_server.floor(app.config.database_url)
        file = data / DATABASE_FILE
        rows = _of_file(file)
        return cost, Floor(_written_alone(file, Path(folder) / "alone.sqlite"), texts_alone(*rows))


def _search(app: App, answer: SourceAnswer) -> Cost:
    """Let the program do its due search, and be given this answer."""
    with app.database.transaction() as connection:
        runs.request(connection, WorkKind.SEARCH, "pubmed", due_at=instant(app.clock.now()))
    handler = Handler(partial(search, ask=partial(_given, answer)), SEARCH_RETRY, search_failed)
    cost = Cost()
    event.listen(app.database.writer, "begin", cost.begin)
    event.listen(app.database.writer, "checkin", cost.end)
    begun = spent_s()
    do_due(app, WorkKind.SEARCH, handler, "pubmed")
    cost.cpu_s = spent_s() - begun
    return cost


def _given(answer: SourceAnswer, _app: App, _plan: SourcePlan, _progress: Progress) -> SourceAnswer:
    return answer


def _check_all_queued(app: App, new: Sequence[Record]) -> None:
    with app.database.reading() as connection:
        held = connection.execute(select(func.count()).select_from(t.record)).scalar_one()
    if held != len(new):
        raise AssertionError(f"{held} of {len(new)} records were taken in")


def an_answer(new: Sequence[Record]) -> SourceAnswer:
    """What a source gave, page by page."""
    payloads: list[Payload] = []
    payload_of: dict[str, str] = {}
    for start in range(0, len(new), ON_A_PAGE):
        page = new[start : start + ON_A_PAGE]
        body = json.dumps([dumped(each) for each in page]).encode()
        payload = Payload(hashlib.sha256(body).hexdigest(), "application/json", body)
        payloads.append(payload)
        payload_of |= dict.fromkeys((each.key for each in page), payload.sha256)
    return SourceAnswer(
        records=tuple(new),
        payloads=tuple(payloads),
        payload_of=payload_of,
        query="immunoglobulin",
        found=len(new),
        pages=len(payloads),
        requests=len(payloads),
    )


def _written_alone(file: Path, alone: Path) -> float:
    """Write every row of a database into a fresh one with sqlite3; return the processor time."""
    with closing(sqlite3.connect(file)) as held:
        master = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL"
        schema = held.execute(master).fetchall()
        tables = [f'"{name}"' for name, kind, _ in schema if kind == "table"]
        rows = {each: held.execute(_all_of(each)).fetchall() for each in tables}
    with closing(sqlite3.connect(alone, isolation_level=None)) as connection:
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        for _, _, sql in schema:
            connection.execute(sql)
        begun = spent_s()
        connection.execute("BEGIN IMMEDIATE")
        for table, found in rows.items():
            if found:
                connection.executemany(_insertion(table, len(found[0])), found)
        connection.execute("COMMIT")
        return spent_s() - begun


def _of_file(file: Path) -> tuple[Sequence[Sequence[Any]], list[bytes]]:
    with closing(sqlite3.connect(file)) as held:
        rows = held.execute(
            " ".join(("SELECT", ", ".join(HASHED), "FROM event ORDER BY seq"))
        ).fetchall()
        return rows, [zlib.decompress(body) for (body,) in held.execute("SELECT body FROM payload")]


def _all_of(table: str) -> str:
    return " ".join(("SELECT * FROM", table, "ORDER BY rowid"))


def _insertion(table: str, columns: int) -> str:
    return " ".join(("INSERT INTO", table, "VALUES", f"({', '.join('?' * columns)})"))
