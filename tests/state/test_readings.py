"""A question is asked once a reading, and anew in the next and wherever something is written."""

from __future__ import annotations

from sqlalchemy import Connection

from state import people
from state.database import Database
from state.readings import read_once
from tests.state.helpers import add_team


def test_a_question_is_asked_once_a_reading_and_anew_in_the_next(db: Database) -> None:
    asked: list[str] = []

    @read_once
    def question(_connection: Connection, of: str) -> int:
        asked.append(of)
        return len(asked)

    with db.reading() as first:
        assert (question(first, "a"), question(first, "b"), question(first, "a")) == (1, 2, 1)
    with db.reading() as second:
        assert question(second, "a") == 3

    assert asked == ["a", "b", "a"]


def test_what_a_transaction_writes_it_reads(db: Database) -> None:
    with db.transaction() as connection:
        assert people.people(connection) == ()
    with db.reading() as before:
        assert people.people(before) == ()

        add_team(db)

        assert people.people(before) == ()
    with db.transaction() as connection, db.reading() as after:
        assert people.people(connection) == people.people(after) != ()
