"""Faults that are planted in a program, from outside, to see whether the harness sees them.

Each is what somebody could have written: a promise of the product taken away, and nothing else. It
is planted in the process of the program, by putting another function in the place of one; where
that function is no longer there, planting fails loudly.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.acts import screening
from bot.notify import channels, delivery
from bot.report import hooks
from bot.surveillance import search
from bot.work import begin, worker
from state import events, outbox, projections, runs, versions
from state.engines import sqlite
from state.facts import VersionPublished
from state.projections.rows import PROJECTORS

Plant = Callable[[], None]


def _put(place: Any, name: str, other: Any) -> Any:
    """Put something in the place of what bears this name there; return what it was."""
    there = getattr(place, name)
    setattr(place, name, other)
    return there


def _no_fsync() -> None:
    """What is written is left to the system to make durable some time."""

    def prepare(engine: Engine, *, read_only: bool) -> None:
        carefully(engine, read_only=read_only)

        @event.listens_for(engine, "connect")
        def careless(dbapi: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            dbapi.cursor().execute("PRAGMA synchronous=OFF")

    carefully = _put(sqlite, "_prepare", prepare)
    _put(os, "fsync", lambda _descriptor: None)


def _no_lease() -> None:
    """A message that another process is sending is taken all the same."""
    _put(outbox, "_lease", lambda *_, **__: None)


def _lost_mail() -> None:
    """A mail is said to have left and has not."""
    _put(channels.Mail, "send", lambda *_: None)


def _mark_before_send() -> None:
    """A message is marked as delivered, then sent."""

    def deliver(app: Any, out: Any, complete: Any, claimed: Any) -> bool:
        way = out.to(claimed.leaving.recipient)
        with app.ledger() as ledger:
            for each in claimed.deliveries:
                outbox.mark_delivered(ledger, each, way.name)
        way.send(complete(app, claimed.leaving), claimed.address, lambda: None)
        return True

    _put(delivery, "_deliver", deliver)


def _commit_and_go_on(connection: Any) -> None:
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _split_transaction() -> None:
    """What belongs together is committed one fact after the other."""

    def record(ledger: Any, fact: Any) -> int:
        seq: int = whole(ledger, fact)
        _commit_and_go_on(ledger.connection)
        return seq

    whole = _put(events.Ledger, "record", record)


def _fact_without_projection() -> None:
    """A fact is committed, and only then the tables are brought up to date."""

    def apply(connection: Any, stored: Any) -> None:
        _commit_and_go_on(connection)
        whole(connection, stored)

    whole = _put(projections, "apply", apply)


def _projection_not_updated() -> None:
    """A fact leaves a table as it was."""
    assert VersionPublished in PROJECTORS
    PROJECTORS[VersionPublished] = lambda *_: None


def _half_a_first_start() -> None:
    """A start that finds the protocol adopted takes the rest to be done as well."""

    def resume(app: Any) -> bool:
        with app.database.reading() as connection:
            return bool(versions.protocols(connection))

    _put(begin, "resume", resume)


def _swallowed_error() -> None:
    """A piece of work that raises is passed over in silence."""
    _put(worker, "_fail", lambda *_: None)


def _cursor_ahead() -> None:
    """Work is marked as done when it is begun."""

    def claim(connection: Any, work: Any, *, now: Any) -> Any:
        claimed = taken(connection, work, now=now)
        if claimed is not None:
            finish(connection, claimed, now=now)
        return claimed

    taken, finish = _put(runs, "claim", claim), runs.finish
    _put(runs, "finish", lambda *_, **__: None)


def _stuck_worker() -> None:
    """Work whose holder has died is left to it for ever."""
    _put(runs, "_free", lambda row, _now: row.state == runs.WorkState.DUE)


def _doubled_hook() -> None:
    """A hook is called twice."""

    def call(app: Any, number: str) -> None:
        once(app, number)
        once(app, number)

    once = _put(hooks, "_call_webhook", call)


def _another_message_id() -> None:
    """A message that is sent again cannot be told from another one."""

    def mail(given: Any, *rest: Any) -> EmailMessage:
        other = replace(given, message_id=f"<{secrets.token_hex(8)}@living-review>")
        written: EmailMessage = same(other, *rest)
        return written

    same = _put(channels, "mail", mail)


def _lost_record() -> None:
    """The last record of an answer is forgotten."""

    def decide(app: Any, answer: Any, run_id: str) -> Any:
        return whole(app, replace(answer, records=answer.records[:-1]), run_id)

    whole = _put(search, "decide_answer", decide)


def _verdict_not_stored() -> None:
    """A verdict is answered with exit 0 and is nowhere."""

    def give(saying: Any, act: Any) -> Any:
        nested = saying.ledger.connection.begin_nested()
        result = whole(saying, act)
        nested.rollback()
        return result

    whole = _put(screening, "give_verdict", give)


PLANTED: dict[str, Plant] = {
    "no fsync": _no_fsync,
    "no lease": _no_lease,
    "lost mail": _lost_mail,
    "mark before send": _mark_before_send,
    "split transaction": _split_transaction,
    "skipped second half of the first start": _half_a_first_start,
    "a step that swallows its error": _swallowed_error,
    "a cursor that runs ahead": _cursor_ahead,
    "a projection not updated": _projection_not_updated,
    "a fact without its projection": _fact_without_projection,
    "a stuck worker": _stuck_worker,
    "a doubled hook": _doubled_hook,
    "another Message-ID": _another_message_id,
    "a lost record": _lost_record,
    "a verdict not stored": _verdict_not_stored,
}


def plant(names: Iterable[str]) -> None:
    """Plant faults in this process."""
    for name in names:
        PLANTED[name]()
