"""Work is asked for once, held by one, given up by the dead; and what searches leave behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from state import processes, runs, tables
from state.codec import instant
from state.database import Database
from state.errors import LeaseLost
from state.facts.words import RunStatus
from state.runs import LEASE, Work, WorkState
from state.told_searches import made_searches
from state.values import WorkKind
from tests.state.examples import RUN
from tests.state.helpers import START, ledger

SEARCH, PUBMED = WorkKind.SEARCH, "pubmed"
MINUTE = timedelta(minutes=1)
NO_SUCH_PROCESS = 2**22 + 1  # above the most that Linux gives
ELSEWHERE = "another-machine:1:1"


def ask(db: Database, key: str = PUBMED, *, at: datetime = START) -> bool:
    with db.transaction() as connection:
        return runs.enqueue(connection, SEARCH, key, due_at=instant(at))


def ask_again(db: Database, *, at: datetime = START, sooner: bool = True) -> None:
    with db.transaction() as connection:
        runs.request(connection, SEARCH, PUBMED, due_at=instant(at), sooner=sooner)


def work(db: Database, key: str = PUBMED) -> Work:
    with db.reading() as connection:
        found = runs.find_work(connection, SEARCH, key)
    assert found is not None
    return found


def take(db: Database, *, now: datetime = START) -> Work | None:
    with db.transaction() as connection:
        return runs.claim(connection, work(db), now=now)


def taken(db: Database, *, now: datetime = START) -> Work:
    claimed = take(db, now=now)
    assert claimed is not None
    return claimed


def finish(db: Database, held: Work, *, now: datetime = START) -> None:
    with db.transaction() as connection:
        runs.finish(connection, held, now=now)


def put_back(db: Database, held: Work, *, at: datetime = START, now: datetime = START) -> None:
    with db.transaction() as connection:
        runs.put_back(connection, held, error="HTTP 503", due_at=instant(at), now=now)


def hold(db: Database, held: Work, *, now: datetime) -> None:
    with db.transaction() as connection:
        runs.hold(connection, held, now=now)


def due(db: Database, now: datetime = START) -> list[str]:
    with db.reading() as connection:
        return [each.key for each in runs.due(connection, SEARCH, now=now)]


def held_by(db: Database, holder: str) -> None:
    """Say that somebody else holds the work."""
    with db.transaction() as connection:
        connection.execute(update(tables.work).values(holder=holder))


# ---- asking --------------------------------------------------------------------------------------


def test_the_same_work_is_asked_for_once(db: Database) -> None:
    assert ask(db)
    assert not ask(db, at=START - MINUTE)

    assert work(db).due_at == instant(START)


def test_work_is_due_from_its_instant_on_the_longest_due_first(db: Database) -> None:
    ask(db, "later", at=START + MINUTE)
    ask(db, "b")
    ask(db, "a")
    ask(db, "first", at=START - MINUTE)

    assert due(db) == ["first", "a", "b"]
    assert due(db, START + MINUTE) == ["first", "a", "b", "later"]


def test_another_kind_of_work_is_not_given(db: Database) -> None:
    ask(db)

    with db.reading() as connection:
        assert runs.due(connection, WorkKind.RECOMPUTE, now=START) == ()
        assert runs.waiting(connection, WorkKind.RECOMPUTE) == ()
        assert runs.find_work(connection, WorkKind.RECOMPUTE, PUBMED) is None


def test_work_that_was_done_is_due_again_only_where_it_is_requested(db: Database) -> None:
    ask(db)
    finish(db, taken(db))
    ask(db)
    assert due(db) == []

    ask_again(db, at=START + MINUTE)

    assert due(db, START + MINUTE) == [PUBMED]
    assert (work(db).attempts, work(db).done_at) == (0, None)


@pytest.mark.parametrize(
    ("asked", "sooner", "expected"),
    [(-1, True, -1), (-1, False, 0), (1, True, 0), (1, False, 0)],
)
def test_work_that_waits_becomes_due_earlier_never_later(
    db: Database, asked: int, sooner: bool, expected: int
) -> None:
    ask(db)

    ask_again(db, at=START + asked * MINUTE, sooner=sooner)

    assert work(db).due_at == instant(START + expected * MINUTE)


def test_a_request_does_not_disturb_work_that_is_held(db: Database) -> None:
    ask(db)
    held = taken(db)

    ask_again(db, at=START - MINUTE)

    assert work(db) == held


# ---- holding -------------------------------------------------------------------------------------


def test_a_claim_names_its_holder_and_counts_up(db: Database) -> None:
    ask(db)

    held = taken(db)

    assert (held.state, held.fence, held.attempts) == (WorkState.CLAIMED, 1, 1)
    assert held.holder == processes.this_holder()
    assert due(db) == []


def test_work_that_somebody_holds_is_not_claimed(db: Database) -> None:
    ask(db)
    taken(db)

    assert take(db) is None


def test_work_that_is_unknown_or_done_is_not_claimed(db: Database) -> None:
    ask(db)
    known = work(db)
    finish(db, taken(db))

    with db.transaction() as connection:
        assert runs.claim(connection, known, now=START + LEASE) is None
        assert runs.claim(connection, replace(known, key="lost"), now=START) is None


def test_a_lease_that_ended_frees_the_work(db: Database) -> None:
    ask(db)
    taken(db)
    held_by(db, ELSEWHERE)

    assert due(db, START + LEASE - MINUTE) == []
    assert due(db, START + LEASE) == [PUBMED]
    assert taken(db, now=START + LEASE).fence == 2


def test_holding_on_makes_the_lease_longer(db: Database) -> None:
    ask(db)
    held = taken(db)

    hold(db, held, now=START + 10 * MINUTE)

    assert due(db, START + LEASE) == []
    assert due(db, START + LEASE + 10 * MINUTE) == [PUBMED]


@pytest.mark.parametrize("act", [hold, finish, put_back])
def test_one_who_was_slow_finds_the_lease_lost(db: Database, act: Callable[..., None]) -> None:
    ask(db)
    slow = taken(db)
    quick = taken(db, now=START + LEASE)
    late = START + LEASE + MINUTE

    with pytest.raises(LeaseLost, match="search pubmed was taken over by another process"):
        act(db, slow, now=late)

    assert work(db) == quick
    finish(db, quick, now=late)


def test_finished_work_is_not_finished_again(db: Database) -> None:
    ask(db)
    held = taken(db)
    finish(db, held)

    with pytest.raises(LeaseLost, match="taken over"):
        finish(db, held)


def test_finished_work_says_when_and_is_held_by_nobody(db: Database) -> None:
    ask(db)
    finish(db, taken(db), now=START + MINUTE)

    done = work(db)
    assert (done.state, done.done_at) == (WorkState.DONE, instant(START + MINUTE))
    assert (done.holder, done.last_error) == (None, None)
    assert due(db, START + timedelta(days=1)) == []


def test_failed_work_waits_for_its_next_try_with_the_reason(db: Database) -> None:
    ask(db)
    put_back(db, taken(db), at=START + MINUTE)

    left = work(db)
    assert (left.state, left.last_error, left.holder) == (WorkState.DUE, "HTTP 503", None)
    assert (due(db), due(db, START + MINUTE)) == ([], [PUBMED])
    assert taken(db, now=START + MINUTE).attempts == 2


def test_a_later_success_forgets_the_reason(db: Database) -> None:
    ask(db)
    put_back(db, taken(db), at=START)
    finish(db, taken(db))

    assert work(db).last_error is None


def test_what_is_not_done_is_listed_by_when_it_is_due(db: Database) -> None:
    ask(db, "late", at=START + MINUTE)
    ask(db)
    ask(db, "done")
    with db.transaction() as connection:
        held = runs.claim(connection, work(db, "done"), now=START)
    assert held is not None
    finish(db, held)

    with db.reading() as connection:
        assert [each.key for each in runs.waiting(connection, SEARCH)] == [PUBMED, "late"]


# ---- the dead ------------------------------------------------------------------------------------


def here(pid: int, started: str) -> str:
    return f"{socket.gethostname()}:{pid}:{started}"


@pytest.mark.parametrize(
    ("holder", "free"),
    [
        (here(NO_SUCH_PROCESS, "1"), True),
        (here(os.getpid(), "at-another-time"), True),
        (ELSEWHERE, False),
        (processes.this_holder(), False),
        (f"a:b:c:{NO_SUCH_PROCESS}:1", False),
    ],
    ids=["dead", "its-number-used-again", "another-machine", "alive", "a-host-with-colons"],
)
def test_what_the_dead_held_is_free_at_once(db: Database, holder: str, free: bool) -> None:
    ask(db)
    taken(db)
    held_by(db, holder)

    assert due(db) == ([PUBMED] if free else [])
    assert (take(db) is not None) == free


def test_a_process_of_somebody_else_is_taken_to_live() -> None:
    started = processes._started(1)

    assert processes.lives(here(1, started))


def test_a_start_that_the_system_does_not_tell_is_unknown() -> None:
    assert processes._started(NO_SUCH_PROCESS) == "unknown"


# ---- searches and pulses -------------------------------------------------------------------------


RUNS = (
    replace(RUN, id="1", finished_at="2026-11-01T06:00:00.000000Z"),
    replace(RUN, id="2", finished_at="2026-11-02T06:00:00.000000Z", status=RunStatus.FAILED),
    replace(RUN, id="3", finished_at="2026-11-03T06:00:00.000000Z", source="ctgov"),
    replace(RUN, id="4", finished_at="2026-11-03T06:00:00.000000Z"),
)


@pytest.fixture
def searched(db: Database) -> Database:
    with ledger(db) as book:
        for run in RUNS:
            runs.record_search(book, run)
    return db


@pytest.mark.parametrize(
    ("source", "status", "limit", "expected"),
    [
        (None, None, None, "4321"),
        ("pubmed", None, None, "421"),
        ("pubmed", RunStatus.OK, None, "41"),
        (None, RunStatus.FAILED, None, "2"),
        (None, None, 2, "43"),
        ("europepmc", None, None, ""),
    ],
)
def test_searches_are_given_the_newest_first(
    searched: Database,
    source: str | None,
    status: RunStatus | None,
    limit: int | None,
    expected: str,
) -> None:
    with searched.reading() as connection:
        found = runs.search_runs(connection, source, status=status, limit=limit)

    assert "".join(each.id for each in found) == expected


def test_searches_by_hand_are_in_the_order_of_the_days_they_were_made(db: Database) -> None:
    made = (("old", "02", "09", "ok"), ("new", "05", "06", "ok"), ("bad", "08", "08", "failed"))
    with ledger(db) as book:
        for name, day, stored, status in made:
            run = replace(
                RUN,
                id=name,
                status=RunStatus(status),
                started_at=f"2026-11-{day}T06:00:00.000000Z",
                finished_at=f"2026-11-{stored}T06:00:00.000000Z",
            )
            runs.record_search(book, run)

    with db.reading() as connection:
        found = made_searches(connection, RUN.source)
        assert made_searches(connection, "ctgov") == ()
    assert [each.run.id for each in found] == ["new", "old"]


@pytest.mark.parametrize(
    ("source", "status", "expected"),
    [
        ("pubmed", None, "4"),
        ("pubmed", RunStatus.FAILED, "2"),
        ("ctgov", RunStatus.FAILED, None),
        ("openalex", None, None),
    ],
)
def test_the_last_search_of_a_source(
    searched: Database, source: str, status: RunStatus | None, expected: str | None
) -> None:
    with searched.reading() as connection:
        found = runs.last_run(connection, source, status)

    assert (found.id if found else None) == expected


def test_a_search_is_read_back_whole(searched: Database) -> None:
    with searched.reading() as connection:
        assert runs.last_run(connection, "ctgov") == RUNS[2]


def test_a_pulse_is_of_its_own_name_and_the_last(db: Database) -> None:
    with db.transaction() as connection:
        runs.beat(connection, "worker", now=START)
        runs.beat(connection, "worker", now=START + MINUTE)
        runs.beat(connection, "mailer", now=START)

    with db.reading() as connection:
        worker, mailer = (runs.last_beat(connection, each) for each in ("worker", "mailer"))
        assert worker is not None
        assert mailer is not None
        assert (worker.at, mailer.at) == (START + MINUTE, START)
        assert worker.holder_lives
        assert runs.last_beat(connection, "web") is None
