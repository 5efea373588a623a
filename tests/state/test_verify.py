"""Each fault that `verify` can see, planted once, and what it leaves alone."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from sqlalchemy import Executable, Table, text

from state import tables as t
from state.database import Database, finish_schema, missing_guards
from state.engines.engine import engine_of
from state.events import GENESIS, Actor, event_row, head
from state.facts import PersonRetired
from state.tables import event, payload
from state.verify import verify
from tests.state.builders import both_say, include, like
from tests.state.examples import EXAMPLES
from tests.state.helpers import (
    ADA,
    CANDIDATE,
    add_study,
    drop_guard,
    drop_guards,
    hand_in,
    ledger,
    queue_record,
)

LAST_AT = "2026-11-25T06:00:00.000000Z"


@pytest.fixture
def world(queued: Database) -> Database:
    """A review that has got as far as an extraction."""
    both_say(queued, include(), include())
    add_study(queued)
    hand_in(queued, "ada")
    hand_in(queued, "ben")
    queue_record(queued, 2)
    like(queued, "pubmed:2", CANDIDATE)
    return queued


def tamper(db: Database, *statements: Executable) -> None:
    """Change the file as somebody with the database in their hands could, and cover the trace."""
    with db.writer.begin() as connection:
        drop_guards(connection)
        for statement in statements:
            connection.execute(statement)
        finish_schema(connection)


def faults(db: Database) -> tuple[str, ...]:
    return verify(db).faults


def test_nothing_is_wrong_with_what_nobody_touched(world: Database) -> None:
    found = verify(world)

    assert found.faults == ()
    with world.reading() as connection:
        assert (found.events, found.head) == head(connection)
    assert found.payloads == 1
    assert found.rows == 16


def test_an_empty_database_is_as_its_log_says(db: Database) -> None:
    found = verify(db)

    assert (found.events, found.head, found.faults) == (0, GENESIS, ())


# ---- the chain -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    ["at", "actor", "authenticated", "kind", "version", "subject", "payload", "nonce", "hash"],
)
def test_a_changed_event_is_named(world: Database, column: str) -> None:
    changed = 0 if column == "authenticated" else "5"

    tamper(world, event.update().where(event.c.seq == 3).values({column: changed}))

    assert "event 3: its content was changed after it was written" in faults(world)


def test_an_event_that_was_taken_out_is_missed(world: Database) -> None:
    tamper(world, event.delete().where(event.c.seq == 3))

    assert "event 4: does not follow event 2" in faults(world)


def test_a_first_event_that_was_taken_out_is_missed(world: Database) -> None:
    tamper(world, event.delete().where(event.c.seq == 1))

    assert "event 2: does not follow event 0" in faults(world)


def test_two_events_that_changed_places_are_seen(world: Database) -> None:
    moves = ((2, 99), (3, 2), (99, 3))

    tamper(world, *(event.update().where(event.c.seq == of).values(seq=to) for of, to in moves))

    assert "event 2: does not follow event 1" in faults(world)


def test_an_event_written_over_with_a_fitting_hash_breaks_the_next(world: Database) -> None:
    with world.reading() as connection:
        before = connection.execute(
            event.select().where(event.c.seq == 2).with_only_columns(event.c.hash)
        ).scalar_one()
    forged = event_row(
        3, LAST_AT, Actor("mallory", True), PersonRetired(person="ben"), "0" * 32, before
    )
    tamper(world, event.delete().where(event.c.seq == 3))
    with world.writer.begin() as connection:
        connection.execute(event.insert().values(forged))

    assert faults(world) == ("event 4: does not follow event 3",)


def test_a_broken_chain_is_not_replayed(world: Database) -> None:
    tamper(world, event.update().where(event.c.seq == 3).values(payload="{}"))

    found = verify(world)

    assert found.rows == 0
    assert found.faults == ("event 3: its content was changed after it was written",)


def test_the_end_cut_off_the_log_shows_in_the_tables(world: Database) -> None:
    """The chain alone cannot tell; a certificate or a backup that names the head can."""
    tamper(world, event.delete().where(event.c.kind == "likeness_found"))

    assert faults(world) == ("likeness pubmed:2/pubmed:1: is in the table but not in the log",)


# ---- guards and payloads -------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["event", "payload"])
@pytest.mark.parametrize("number", [0, 1])
def test_each_guard_that_is_missing_is_named(world: Database, table: str, number: int) -> None:
    guard = f"{table}_no_{engine_of(world.writer.url).GUARDED[number]}"
    with world.writer.begin() as connection:
        drop_guard(connection, guard)

    assert faults(world) == (f"the guard {guard} that keeps the log append-only is missing",)

    with world.writer.begin() as connection:
        finish_schema(connection)
        assert missing_guards(connection) == ()


def test_a_payload_that_was_changed_is_named(world: Database) -> None:
    digest = hashlib.sha256(b"<x/>").hexdigest()

    tamper(world, payload.update().values(body=zlib.compress(b"<y/>")))

    assert faults(world) == (f"the payload {digest} does not have the hash it is kept under",)


def test_a_payload_that_is_missing_is_named_with_its_records(world: Database) -> None:
    digest = hashlib.sha256(b"<x/>").hexdigest()

    tamper(world, payload.delete())

    assert faults(world) == tuple(
        f"record {key}: its payload {digest} is missing" for key in ("pubmed:1", "pubmed:2")
    )


@pytest.mark.parametrize("body", [b"", b"\0", b"<x/>", zlib.compress(b"<x/>")[:-3]])
def test_a_payload_that_cannot_be_unpacked_is_named(world: Database, body: bytes) -> None:
    digest = hashlib.sha256(b"<x/>").hexdigest()

    tamper(world, payload.update().values(body=body))

    (fault,) = faults(world)
    assert fault.startswith(f"the payload {digest} cannot be unpacked")


# ---- the tables ----------------------------------------------------------------------------------


@pytest.fixture
def filled(db: Database) -> Database:
    """A database in which every example happened, so that no table is empty."""
    with ledger(db, ADA) as book:
        book.connection.execute(
            payload.insert().values(
                sha256="a" * 64, media_type="text/xml", body=zlib.compress(b"<x/>")
            )
        )
        for fact in EXAMPLES:
            book.record(fact)
    return db


# What refers to a table, and goes with it.
REFERRING = {
    "candidate": (t.decision, t.ruling),
    "study": (t.submission, t.adjudicated_value, t.chosen_place, t.baseline_value),
    "record": (t.snapshot,),
    "notice": (t.delivery,),
}


@pytest.mark.parametrize("table", t.PROJECTIONS, ids=lambda table: table.name)
def test_a_row_that_was_taken_out_of_any_table_is_missed(filled: Database, table: Table) -> None:
    with filled.writer.begin() as connection:
        for each in (*REFERRING.get(table.name, ()), table):
            connection.execute(each.delete())

    told = [each for each in faults(filled) if each.startswith(f"{table.name} ")]
    assert told
    assert all("is in the log but not in the table" in each for each in told)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE person SET roles = '[\"lead\"]' WHERE id = 'ada'", "person ada: differs"),
        ("UPDATE study SET place = 'awaiting'", "study trial2026: differs"),
        ("UPDATE record SET candidate_id = NULL", "record pubmed:1: differs"),
        ("UPDATE candidate SET score = 99", "candidate pubmed:1: differs"),
        ("UPDATE candidate SET closed = 1", "candidate pubmed:2: differs"),
        ("UPDATE candidate SET public_status = 'link'", "candidate pubmed:2: differs"),
        ("UPDATE candidate SET stage = NULL", "candidate pubmed:2: differs"),
        ("UPDATE record SET words = 'tea'", "record pubmed:2: differs"),
        ("UPDATE decision SET person_id = 'cy'", "decision "),
        ("UPDATE submission SET data = '{}'", "submission "),
        ("UPDATE likeness SET verdict = 'same'", "likeness pubmed:2/pubmed:1: differs"),
        (
            "INSERT INTO study_identifier VALUES ('pmid:9', 'trial2026')",
            "study_identifier pmid:9/trial2026: is in the table but not in the log",
        ),
    ],
)
def test_a_row_that_was_changed_is_named(world: Database, statement: str, fault: str) -> None:
    with world.writer.begin() as connection:
        connection.execute(text(statement))

    found = faults(world)
    assert any(each.startswith(fault) for each in found), found


def test_rows_in_another_order_are_the_same_rows(world: Database) -> None:
    with world.writer.begin() as connection:
        kept = connection.execute(t.record_identifier.select()).mappings().all()
        connection.execute(t.record_identifier.delete())
        connection.execute(t.record_identifier.insert(), [dict(each) for each in kept[::-1]])

    assert faults(world) == ()


def test_each_of_many_rows_that_are_wrong_is_named(world: Database) -> None:
    keys = [queue_record(world, number) for number in range(100, 400)]
    with world.writer.begin() as connection:
        connection.execute(t.record.update().where(t.record.c.key == keys[7]).values(words=""))
        for table in (t.record_identifier, t.record):
            column = table.c.key if table is t.record else table.c.record_key
            connection.execute(table.delete().where(column == keys[250]))

    assert faults(world) == (
        f"record {keys[7]}: differs from what the log says",
        f"record {keys[250]}: is in the log but not in the table",
        f"record_identifier pmid:350/{keys[250]}: is in the log but not in the table",
    )


def test_leases_and_heartbeats_are_nobodys_facts(world: Database) -> None:
    with world.writer.begin() as connection:
        for statement in (
            t.pulse.insert().values(name="worker", at=LAST_AT),
            t.token.insert().values(hash="h", kind="link", expires_at=LAST_AT),
            t.work.insert().values(kind="search", key="pubmed", due_at=LAST_AT, state="due"),
        ):
            connection.execute(statement)

    assert faults(world) == ()


def test_verify_changes_nothing(world: Database) -> None:
    with world.reading() as connection:
        before = head(connection)

    verify(world)

    with world.reading() as connection:
        assert head(connection) == before
