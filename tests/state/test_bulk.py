"""Many facts at once: the log and the tables are as when each is told by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound

from extraction.model import Record, RecordIds
from state import tables as t
from state.bulk import one_of, write_rows
from state.database import Database
from state.events import events, prepare
from state.facts import (
    Fact,
    LikenessSettled,
    QueueEntry,
    RecordChanged,
    RecordFound,
    TaskRaised,
)
from state.facts.words import PairVerdict, TaskKind
from state.projections.held import hold_rows
from state.projections.rows import identify
from state.verify import verify
from tests.state.examples import PAYLOAD
from tests.state.helpers import ledger


def found(number: int) -> RecordFound:
    record = Record("pubmed", str(number), f"Trial {number}", ids=RecordIds(pmid=str(number)))
    return RecordFound(
        record=record,
        identifiers=(f"pmid:{number}", f"near:{number % 3}"),
        payload_sha256=PAYLOAD,
        run="a-run",
        study=None,
        known_report=False,
        place=QueueEntry(record.key, True, number, "main", ("a reason",), ()),
    )


def changed(number: int) -> RecordChanged:
    record = replace(found(number).record, title="Another title")
    return RecordChanged(
        record=record,
        identifiers=(f"pmid:{number}", "near:new"),
        payload_sha256=PAYLOAD,
        run="b-run",
        changes=("title",),
        entry_changed=False,
    )


FACTS: tuple[Fact, ...] = (
    *map(found, range(1_200)),
    changed(7),
    found(5_000),
    changed(5_000),
    TaskRaised(task="t", task_kind=TaskKind.ODD_RECORD, subject="pubmed:7", text="odd", study=None),
)
IMPOSSIBLE = LikenessSettled(
    record="nobody:1",
    other="nobody:2",
    verdict=PairVerdict.SAME,
    person="ada",
    note=None,
    place=None,
    carries=False,
)


def rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted(map(tuple, connection.execute(select(table))), key=str)
        for table in t.PROJECTIONS
    }


def test_what_is_told_at_once_is_as_told_one_by_one(db: Database) -> None:
    with ledger(db) as book:
        book.record_all(map(prepare, FACTS))
        at_once = rows(book.connection)
        told = [each.fact for each in events(book.connection)]
        book.connection.rollback()

    with ledger(db) as book:
        for fact in FACTS:
            book.record(fact)
        assert at_once == rows(book.connection)
    assert told == list(FACTS)
    # No answer was kept for these made-up facts; all else agrees with the log.
    assert all("payload" in fault for fault in verify(db).faults)


def test_what_raises_leaves_nothing_behind_that_is_written_later(db: Database) -> None:
    with ledger(db) as book:
        with pytest.raises(NoResultFound), book.savepoint():
            book.record_all(map(prepare, (found(1), IMPOSSIBLE, found(2))))
        book.record(found(3))
        book.record_all([prepare(found(4))])

    with db.reading() as connection:
        keys = connection.execute(select(t.record.c.key)).scalars().all()
        assert [each.subject for each in events(connection)] == sorted(keys)
    assert sorted(keys) == ["pubmed:3", "pubmed:4"]


def test_rows_that_were_held_back_when_something_raised_are_not_written_later(
    db: Database,
) -> None:
    def hold_and_raise(connection: Connection) -> None:
        with hold_rows(connection):
            identify(connection, name, "record_key", "pubmed:1", ["pmid:1"])
            raise ZeroDivisionError

    name = t.record_identifier
    with db.transaction() as connection:
        with pytest.raises(ZeroDivisionError):
            hold_and_raise(connection)

        assert connection.execute(select(name)).all() == []


def test_a_row_that_is_refused_is_told(db: Database) -> None:
    with (
        pytest.raises(IntegrityError),
        ledger(db) as book,
    ):
        book.record_all(map(prepare, (found(1), found(1))))


def test_rows_for_which_the_table_has_a_value_of_its_own_get_it(db: Database) -> None:
    person = {"id": "a", "name": "A", "address": None, "roles": "[]", "deputy": None}

    with db.transaction() as connection:
        write_rows(connection, insert(t.person), [{**person, "added_at": "2026"}])
        write_rows(connection, insert(t.person), [])

        assert connection.execute(select(t.person.c.retired)).scalars().all() == [0]


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "b'\"\\", "ü", "no such"]])
def test_any_number_of_texts_is_looked_for_at_once(db: Database, texts: list[str]) -> None:
    held = {"a", "b'\"\\", "ü", "z"}
    names = t.record_identifier
    with db.transaction() as connection:
        written = [{"identifier": each, "record_key": "r"} for each in sorted(held)]
        write_rows(connection, insert(names), written)

        column = names.c.identifier
        query = select(column).where(one_of(connection, column, texts))
        assert set(connection.execute(query).scalars()) == held & set(texts)
