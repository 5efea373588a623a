"""The gate of `verify` measures a log in which nothing is wrong, and refuses any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from state.database import Database, open_database, sqlite_url
from tests.benchmarks.verify import take_in, verify_gate

EVENTS_OF_A_RECORD = 4  # found, read twice, closed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


@pytest.fixture
def known(file: Path) -> Iterator[Database]:
    database = open_database(sqlite_url(file))
    with database.transaction() as connection:
        take_in(connection, range(50))
    yield database
    database.close()


def test_verify_is_measured_beside_reading_and_hashing(known: Database, file: Path) -> None:
    figure = verify_gate(known, file)

    assert figure.name == f"verify: a log of {50 * EVENTS_OF_A_RECORD} events"
    assert figure.ours > 0
    assert not figure.empty


def test_a_log_in_which_something_is_wrong_is_not_measured(known: Database, file: Path) -> None:
    with known.transaction() as connection:
        connection.execute(text("UPDATE candidate SET outcome = 'included' WHERE id = 'pubmed:7'"))

    with pytest.raises(AssertionError, match="candidate pubmed:7: differs"):
        verify_gate(known, file)
