"""What a page reads does not grow with what is known, with what is open, or with what was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from bot.app import App
from bot.silence.static_status import public_status
from bot.silence.status import everything_known, status_json
from state import decisions, outbox, records, tasks
from state import tables as t
from state.facts.words import NoticeKind
from state.tasks import TaskKind
from state.values import Notice
from tests.benchmarks.page import write_records
from tests.bot.builders import ADA, add_team, an_app
from tests.bot.web.browser import Visitor, visitor

# It counts what SQLite itself hands over.
pytestmark = pytest.mark.sqlite

LITTLE, MUCH = 200, 2_000
PAGES = (
    "/",
    "/queue",
    "/queue?all=1",
    "/candidates/pubmed:7",
    "/duplicates",
    "/records",
    "/records?q=dublin",
    "/records?source=pubmed",
    "/records?after=pubmed:5100&page=2",
    "/records?q=dublin&before=pubmed:5150&page=2",
    "/status",
    "/status.json",
    "/imports",
    "/tasks",
    "/notices",
    "/extract",
    "/results",
    "/versions",
    "/signals",
    "/people",
)
AT_ONCE = 1_500  # rows that a stream may hold
COMMANDS: dict[str, Callable[[App], object]] = {
    "status": status_json,
    "static-status": public_status,
}


@dataclass
class Counted:
    """A program whose readers count the rows that SQLite hands them."""

    app: App
    them: Visitor
    rows: int = 0

    def of(self, work: Callable[[], object]) -> int:
        """Return how many rows are read while something is done."""
        self.rows = 0
        work()
        return self.rows


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Counted, Counted]]:
    """Two programs: one knows ten times as much, and has ten times as much open and done."""
    folder = tmp_path_factory.mktemp("grown")
    both = [_holding(folder / str(number), number) for number in (LITTLE, MUCH)]
    yield both[0], both[1]
    for each in both:
        each.app.close()


def _holding(folder: Path, number: int) -> Counted:
    app = an_app(folder)
    add_team(app)
    with app.database.transaction() as connection:
        write_records(connection, "pubmed", range(1, number + 1), opened=True)
        write_records(connection, "europepmc", range(5_001, 5_001 + number), opened=False)
        write_records(connection, "pubmed", range(5_001, 5_001 + number), opened=False, pairs=True)
    with app.ledger() as ledger:
        for each in range(number):
            name = f"odd:{each}"
            tasks.raise_task(
                ledger, name, TaskKind.ODD_RECORD, subject=name, text="It is odd.", study=None
            )
            tasks.settle_task(ledger, name, ADA, "It is.")
            notice = Notice(f"n{each}", NoticeKind.SEARCHED_BY_HAND, "A search", "It was made.")
            outbox.write(ledger, notice, [ADA])
    counted = Counted(app, visitor(app, ADA))

    def count(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
        counted.rows += 1
        return row

    @event.listens_for(app.database.reader, "checkout")
    def watch(dbapi: sqlite3.Connection, *_: object) -> None:
        dbapi.row_factory = count

    return counted


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_no_more_rows_where_there_is_ten_times_as_much(
    grown: tuple[Counted, Counted], path: str
) -> None:
    little, much = (each.of(partial(each.them.get, path)) for each in grown)

    assert 0 < much <= little


@pytest.mark.parametrize("name", COMMANDS)
def test_a_status_reads_no_more_rows_where_there_is_ten_times_as_much(
    grown: tuple[Counted, Counted], name: str
) -> None:
    little, much = (each.of(partial(COMMANDS[name], each.app)) for each in grown)

    assert 0 < much <= little


def test_what_is_known_is_written_while_the_rest_is_still_unread(
    grown: tuple[Counted, Counted],
) -> None:
    much = grown[1]
    with much.app.database.reading() as connection:
        first = much.of(partial(next, everything_known(connection)))

    assert 0 < first <= AT_ONCE < MUCH


def test_notices_are_found_without_reading_what_is_none(grown: tuple[Counted, Counted]) -> None:
    def look(app: App) -> None:
        with app.database.reading() as connection:
            assert records.records_with_corrections(connection) == ()
            query = select(t.record.c.key).where(text(t.IS_NOTICE))
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert "ix_record_notice" in str(plan)

    little, much = (each.of(partial(look, each.app)) for each in grown)

    assert much <= little


def test_what_loads_a_table_would_be_noticed(grown: tuple[Counted, Counted]) -> None:
    def load(app: App) -> None:
        with app.database.reading() as connection:
            decisions.queue(connection, ADA)

    little, much = (each.of(partial(load, each.app)) for each in grown)

    assert much >= little * 9
