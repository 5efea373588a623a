"""What a page costs: with a thousand known records and a million, with five candidates and 500.

One reader who has signed in asks for the same pages of three running programs, in turns. What is
counted is the time of a processor from the request to the whole answer, through all of the real
site; the time that passes is shown beside it. Known records are written straight into the tables,
with what was said of them; their candidates were closed long ago.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from fastapi.testclient import TestClient
from sqlalchemy import Connection, text
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.acts.sign_in import new_link
from bot.web.site import create_app
from extraction.duplicates import block_keys, index_keys
from extraction.model import Record, RecordIds
from state.codec import text_of
from state.events import head
from state.facts import RecordFound
from state.projections.surveillance import words_of
from tests.benchmarks.figures import Figure
from tests.bot.builders import ADA, add_team, an_app
from tests.engines import POSTGRESQL, engines

FEW, MANY = 1_000, 1_000_000
FEW_OPEN, MANY_OPEN = 5, 500
SOURCES = ("pubmed", "europepmc")
ROUNDS = 60
LARGEST_RATIO = 1.5
SLOWEST_MS = 50.0
AT = "2025-01-01T00:00:00.000000Z"
SINCE = "2026-11-24T00:00:00.000000Z"
NUMBER = "@@"  # stands in a template for the number of a record
PAGES = {
    "first page": "/",
    "queue": "/queue",
    "candidate": "/candidates/pubmed:1",
    "records": "/records",
    "status": "/status",
    "status.json": "/status.json",
}


@dataclass
class Timed:
    """A site with a watch in front of it."""

    site: ASGIApp
    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        await self.site(scope, receive, send)
        self.cpu_ms.append((time.process_time() - cpu) * 1000)
        self.wall_ms.append((time.perf_counter() - wall) * 1000)


@dataclass
class Seat:
    """A reader in front of one program."""

    client: TestClient
    watch: Timed
    spent: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)

    def read(self, name: str) -> None:
        """Ask for a page and keep what it cost."""
        answer = self.client.get(PAGES[name])
        if answer.status_code != 200:
            raise AssertionError(f"{PAGES[name]}: expected 200, found {answer.status_code}")
        cpu, wall = self.spent.setdefault(name, ([], []))
        cpu.append(self.watch.cpu_ms[-1])
        wall.append(self.watch.wall_ms[-1])


def figures() -> Iterator[Figure]:
    """Yield what each page costs among much, against what it costs among little."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        few, many, long = (
            stack.enter_context(_seat(Path(folder) / name, known, waiting))
            for name, known, waiting in (
                ("few", FEW, FEW_OPEN),
                ("many", MANY, FEW_OPEN),
                ("long", FEW, MANY_OPEN),
            )
        )
        for name in PAGES:
            for _ in range(ROUNDS):
                for each in (few, many, long):
                    each.read(name)
        for name in PAGES:
            yield from _of_page(name, few, many, long)


def _of_page(name: str, few: Seat, many: Seat, long: Seat) -> Iterator[Figure]:
    little = median(_counted(few.spent[name]))
    for seat, what in (
        (many, f"{MANY:,} known records against {FEW:,}"),
        (long, f"{MANY_OPEN} open candidates against {FEW_OPEN}"),
    ):
        cpu, wall = seat.spent[name]
        counted = _counted(seat.spent[name])
        yield Figure(f"{name}: {what}", median(counted), little, "ms", LARGEST_RATIO)
        slow = f"{name}: the slowest of twenty, {what.partition(' against')[0]}"
        yield Figure(slow, _p95(cpu), SLOWEST_MS, "ms", 1.0)
        yield Figure(f"{slow}, by the clock", _p95(wall), SLOWEST_MS, "ms", None)


def _counted(spent: tuple[list[float], list[float]]) -> list[float]:
    """Return what is compared: by the clock where a server of its own does part of the work."""
    cpu, wall = spent
    return wall if engines.chosen == POSTGRESQL else cpu


def _p95(of: list[float]) -> float:
    return quantiles(of, n=20)[-1]


@contextmanager
def _seat(folder: Path, known: int, waiting: int) -> Iterator[Seat]:
    app = an_app(folder)
    add_team(app)
    with app.database.transaction() as connection:
        for place, source in enumerate(SOURCES):
            share = range(MANY * 2, MANY * 2 + known // len(SOURCES))
            write_records(connection, source, share, opened=False, pairs=place == 0)
        write_records(connection, SOURCES[0], range(1, waiting + 1), opened=True)
        if engines.chosen == POSTGRESQL:
            connection.execute(text("ANALYZE"))  # a server does it by itself, a while later
    watch = Timed(create_app(app))
    client = TestClient(watch)
    client.post(f"/sign-in/{new_link(app, ADA)}")
    yield Seat(client, watch)
    app.close()


def write_records(
    connection: Connection, source: str, numbers: range, *, opened: bool, pairs: bool = False
) -> None:
    """Write records into the log and every table that follows from it: one statement a table."""
    record = _record(source)
    found = RecordFound(
        record=record,
        identifiers=(),
        payload_sha256="0" * 64,
        run="long-ago",
        study=None,
        known_report=False,
        place=None,
    )
    seq, _ = head(connection)
    values = {
        "first": numbers.start,
        "last": numbers.stop - 1,
        "seq": seq + 1 - numbers.start,
        "at": SINCE if opened else AT,
        "source": source,
        "key": f"{source}:",
        "fact": found.canonical_text(),
        "data": text_of(record),
        "words": words_of(record),
        "closed": int(not opened),
        "outcome": None if opened else "excluded",
        "stage": "title_abstract" if opened else None,
        "status": "waiting" if opened else "excluded",
    }
    statements = [EVENTS, CANDIDATES, RECORDS]
    statements += [] if opened else [VERDICTS.format(reader=reader) for reader in (1, 2)]
    statements += [LIKENESSES] if pairs else []
    for statement in statements:
        connection.execute(text(NUMBERS + statement), values)
    for name in (*index_keys(record), *block_keys(record)):
        connection.execute(text(NUMBERS + NAMES), values | {"name": name})


NUMBERS = """
WITH RECURSIVE number(n) AS (
  SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM number WHERE n < :last
)
"""
EVENTS = """
INSERT INTO event SELECT :seq + n, :at, 'system', 1, 'record_found', 1, :key || n,
  replace(:fact, '@@', CAST(n AS TEXT)), 'nonce',
  'hash ' || (:seq + n - 1), 'hash ' || (:seq + n) FROM number
"""
CANDIDATES = """
INSERT INTO candidate (id, kind, opened_at, score, lane, reasons, flags, link_settled, closed,
  outcome, stage, public_status)
SELECT :key || n, 'new', :at, n % 50, 'main', '["names the condition"]', '[]', 0, :closed,
  :outcome, :stage, :status FROM number
"""
RECORDS = """
INSERT INTO record (key, source, source_id, candidate_id, data, payload_sha256, found_at, run_id,
  known_report, words)
SELECT :key || n, :source, n, :key || n,
  replace(:data, '@@', CAST(n AS TEXT)), 'payload',
  :at, 'long-ago', 0, replace(:words, '@@', CAST(n AS TEXT)) FROM number
"""
NAMES = """
INSERT INTO record_identifier
SELECT replace(:name, '@@', CAST(n AS TEXT)), :key || n FROM number
"""
VERDICTS = """
INSERT INTO decision (seq, candidate_id, stage, person_id, verdict, protocol_version, at)
SELECT (:seq + n) * 2 + {reader}, :key || n, 'title_abstract', 'reader {reader}',
  'exclude', '1', :at FROM number
"""
LIKENESSES = """
INSERT INTO likeness (record_key, other_key, answer, rule, reasons, found_at)
SELECT :key || n, 'europepmc:' || n, 'same', 'title', '[]', :at FROM number
"""


def _record(source: str) -> Record:
    return Record(
        source=source,
        source_id=NUMBER,
        title=f"Tea and rest against tiredness after a long day at work in Dublin, part {NUMBER}",
        abstract=" ".join(["Nobody of whom this tells has ever lived."] * 20),
        authors=("Doe J", "Roe R", "Poe E"),
        journal="A Journal of Tea",
        year=2024,
        published_on="2024-05",
        ids=RecordIds(pmid=NUMBER, doi=f"10.5555/made-up.{NUMBER}"),
    )
