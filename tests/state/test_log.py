"""The log as anybody may read it: nothing of a sealed fact but that it was said."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest

from state.database import Database
from state.events import Ledger, chain_hash, events
from state.facts import PersonRetired
from state.log import LogLine, log_lines
from state.screening import Stage, StudyStatus, Verdict
from tests.state.helpers import (
    CANDIDATE,
    add_study,
    add_team,
    decide,
    hand_in,
    ledger,
    queue_record,
)


@pytest.fixture
def world(db: Database) -> Database:
    add_team(db)
    queue_record(db)
    return db


def lines(db: Database, kind: str) -> list[LogLine]:
    with db.reading() as connection:
        found = [line for line in log_lines(connection) if isinstance(line, LogLine)]
    return [line for line in found if line.event.kind == kind]


def test_a_verdict_is_sealed_until_two_have_decided(world: Database) -> None:
    decide(world, "ada", Verdict.EXCLUDE, criterion="E1")
    (alone,) = lines(world, "verdict_given")

    decide(world, "ben", Verdict.INCLUDE)

    assert alone.sealed
    assert [line.sealed for line in lines(world, "verdict_given")] == [False, False]


def test_a_sealed_line_tells_nothing_of_what_was_said(world: Database) -> None:
    decide(world, "ada", Verdict.EXCLUDE, criterion="E1")

    (line,) = lines(world, "verdict_given")

    said = line.as_json()
    assert {name for name, each in said.items() if each is not None} == {
        "seq",
        "at",
        "sealed",
        "hash",
    }
    assert line.event.nonce not in json.dumps(said)
    for secret in ("exclude", "E1", "title", "ada", CANDIDATE, "verdict"):
        assert secret not in line.sentence() + json.dumps(said)


def test_sealed_lines_of_every_kind_are_worded_alike(world: Database) -> None:
    add_study(world)
    hand_in(world, "ada", 9)
    decide(world, "ben", Verdict.UNSURE)

    sealed = [*lines(world, "values_submitted"), *lines(world, "verdict_given")]

    assert len({line.sentence().partition("  ")[2] for line in sealed}) == 1


def test_a_changed_verdict_stays_sealed_with_the_one_it_replaces(world: Database) -> None:
    decide(world, "ada", Verdict.EXCLUDE)
    decide(world, "ada", Verdict.INCLUDE)

    assert [line.sealed for line in lines(world, "verdict_given")] == [True, True]


def test_the_verdict_of_the_next_stage_is_sealed_again(world: Database) -> None:
    for person in ("ada", "ben"):
        decide(world, person, Verdict.INCLUDE)
    decide(world, "ada", Verdict.INCLUDE, stage=Stage.FULL_TEXT, place=StudyStatus.ONGOING)

    assert [line.sealed for line in lines(world, "verdict_given")] == [False, False, True]


def test_an_extraction_is_sealed_until_both_have_handed_in(world: Database) -> None:
    add_study(world)
    hand_in(world, "ada", 9)
    hand_in(world, "ada", 8)
    alone = [line.sealed for line in lines(world, "values_submitted")]

    hand_in(world, "ben", 8)
    both = [line.sealed for line in lines(world, "values_submitted")]
    hand_in(world, "ben", 7)

    assert alone == [True, True]
    assert both == [False, False, False]
    assert [line.sealed for line in lines(world, "values_submitted")][3:] == [True]


def test_the_log_can_be_read_from_any_event_on(world: Database) -> None:
    with world.reading() as connection:
        numbers = [line.as_json()["seq"] for line in log_lines(connection, after=2)]

    assert numbers == [3, 4]


def test_a_sentence_says_when_who_and_what(world: Database) -> None:
    (line, *_) = lines(world, "person_added")

    assert line.sentence() == "1  2026-11-25 06:00:00  ada: added Ada (screener, extractor)"


def test_an_open_line_proves_its_hash(world: Database) -> None:
    with world.reading() as connection:
        found = list(log_lines(connection))

    before = "0" * 64
    for line in found:
        said = line.as_json()
        payload = json.dumps(
            said["fact"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        assert chain_hash(said | {"payload": payload, "prev_hash": before}) == said["hash"]
        before = said["hash"]


def with_nonces(db: Database, nonce: Callable[[], str]) -> list[str]:
    with ledger(db) as book:
        Ledger(book.connection, book.actor, book.at, nonce).record(PersonRetired(person="ada"))
    with db.reading() as connection:
        return [each.nonce for each in events(connection)]


def test_the_nonce_is_a_value_that_can_be_fixed(world: Database) -> None:
    numbers = (f"{number:032x}" for number in itertools.count(1))

    assert with_nonces(world, lambda: next(numbers))[-1] == "0" * 31 + "1"


def test_no_two_events_share_a_nonce_and_each_is_of_128_bits(world: Database) -> None:
    with world.reading() as connection:
        found = [each.nonce for each in events(connection)]

    assert len(set(found)) == len(found)
    assert all(len(bytes.fromhex(each)) == 16 for each in found)


@pytest.mark.parametrize("column", ["version", "nonce", "payload", "actor"])
def test_the_hash_covers_what_a_row_says(world: Database, column: str) -> None:
    with world.reading() as connection:
        first = next(iter(events(connection)))
    row = {
        "seq": 1,
        "at": first.at,
        "actor": first.actor,
        "authenticated": 1,
        "kind": first.kind,
        "version": first.fact.event_version,
        "subject": first.subject,
        "payload": first.fact.canonical_text(),
        "nonce": first.nonce,
        "prev_hash": first.prev_hash,
    }

    assert chain_hash(row) == first.hash
    assert chain_hash(row | {column: "another"}) != first.hash
