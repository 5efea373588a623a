"""The log and its chain: what someone did or said, and what a source answered.

Each row carries the hash of the one before it. A row and the projections it leads to are written
in one transaction: `Ledger.record` is the only way in. A row's nonce is hashed with it, so that
nobody can find out by trying which of the few possible verdicts a known hash stands for.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from state import projections
from state.bulk import write_rows
from state.codec import canonical
from state.errors import BrokenFact
from state.facts import Fact, Stored, check_readable, read_back, read_fact
from state.ordered_json import plain_json
from state.projections.held import hold_rows
from state.tables import event

GENESIS = "0" * 64
SYSTEM = "system"
LOST = ""  # payload and kind of an event that was sealed in the export its log was put back from
CHECKED_AT_OPENING = 300  # events; reading them costs a command some 20 ms
LARGE = 500_000  # signs of a fact: to read one such costs as much as a thousand others
ROWS_AT_A_TIME = 1_000  # a statement then costs nothing beside its rows
APPENDING = insert(event)
NONCE_BYTES = 16  # 128 bits: out of reach of guessing for as long as SHA-256 is


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, and whether they had signed in (the command line has no sign-in)."""

    name: str
    authenticated: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fact as it will be read back, and its text: all that can be made before the log is held."""

    fact: Fact
    text: str


def prepare(fact: Fact) -> Prepared:
    """Make ready what is to be recorded; raise BadInput where it could not be read back."""
    kept, text = read_back(fact)
    kept.make_ready()
    return Prepared(kept, text)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A write transaction with its author and instant, and where its nonces come from."""

    connection: Connection
    actor: Actor
    at: str
    nonce: Callable[[], str] = partial(secrets.token_hex, NONCE_BYTES)

    def record(self, fact: Fact) -> int:
        """Append one event and bring its projections up to date; return its number.

        What is projected is the fact as it will be read back, so that a replay gives the same.
        """
        (stored,) = self._append([prepare(fact)])
        projections.apply(self.connection, stored)
        return stored.seq

    def record_all(self, facts: Iterable[Prepared]) -> None:
        """Append many events in their order and bring the projections up to date, in bulk."""
        rest = iter(facts)
        while some := self._append(islice(rest, ROWS_AT_A_TIME)):
            with hold_rows(self.connection):
                for stored in some:
                    projections.apply(self.connection, stored)

    def _append(self, facts: Iterable[Prepared]) -> list[Stored[Fact]]:
        """Write the rows of events; return them as they stand in the log."""
        seq, prev_hash = head(self.connection)
        rows, appended = [], []
        for number, each in enumerate(facts, seq + 1):
            stored = _chained(number, self.at, self.actor, each, self.nonce(), prev_hash)
            appended.append(stored)
            prev_hash = stored.hash
            rows.append(_row(stored, each.text))
        write_rows(self.connection, APPENDING, rows)
        return appended

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo all that is stored within where it raises; the rest of the transaction stands."""
        with self.connection.begin_nested():
            yield


# What is hashed, in this order; `authenticated` as true or false.
HASHED = (
    "seq",
    "at",
    "actor",
    "authenticated",
    "kind",
    "version",
    "subject",
    "payload",
    "nonce",
    "prev_hash",
)
_AUTHENTICATED = HASHED.index("authenticated")


def event_row(
    seq: int, at: str, actor: Actor, fact: Fact, nonce: str, prev_hash: str
) -> dict[str, object]:
    """Return the row of an event, chained to the row before it."""
    prepared = Prepared(fact, fact.canonical_text())
    return _row(_chained(seq, at, actor, prepared, nonce, prev_hash), prepared.text)


def _chained(
    seq: int, at: str, actor: Actor, prepared: Prepared, nonce: str, prev_hash: str
) -> Stored[Fact]:
    """Return an event as it will stand in the log, chained to the one before it.

    The hash is that of `hash_of`, by which it is verified; here it is asked for under the lock.
    """
    fact, signed_in = prepared.fact, actor.authenticated
    kind, version, about = fact.event_kind, fact.event_version, fact.about
    hashed = plain_json(
        (seq, at, actor.name, signed_in, kind, version, about, prepared.text, nonce, prev_hash)
    )
    digest = hashlib.sha256(hashed).hexdigest()
    return Stored(seq, at, actor.name, signed_in, fact, nonce, prev_hash, digest)


def _row(stored: Stored[Fact], text: str) -> dict[str, object]:
    return {
        "seq": stored.seq,
        "at": stored.at,
        "actor": stored.actor,
        "authenticated": int(stored.authenticated),
        "kind": stored.kind,
        "version": stored.fact.event_version,
        "subject": stored.subject,
        "payload": text,
        "nonce": stored.nonce,
        "prev_hash": stored.prev_hash,
        "hash": stored.hash,
    }


def chain_hash(row: Mapping[str, object]) -> str:
    """Hash one row, which names the hash of the row before it."""
    return hash_of([row[name] for name in HASHED])


def hash_of(values: Sequence[object]) -> str:
    """Hash the values of one row, in the order of HASHED."""
    parts = list(values)
    parts[_AUTHENTICATED] = bool(parts[_AUTHENTICATED])
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def events(
    connection: Connection, *, subject: str | None = None, after: int = 0
) -> Iterator[Stored[Fact]]:
    """Yield the log in order: all of it, what it says of one subject, or what followed an event.

    Raises an UnreadableLog that names the event where one is not what its kind and version say.
    """
    wanted = [event.c.payload != LOST]
    if subject is not None:
        wanted.append(event.c.subject == subject)
    yield from map(stored_event, event_rows(connection, *wanted, after=after))


def event_rows(
    connection: Connection, *wanted: ColumnElement[bool], after: int = 0
) -> Iterator[Any]:
    """Yield the rows of the log as they stand, in order."""
    query = select(event).where(event.c.seq > after, *wanted).order_by(event.c.seq)
    with connection.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)) as found:
        for rows in found.partitions():
            yield from rows


def hashes(connection: Connection) -> dict[int, str]:
    """Return the hash of every event by its number."""
    found = connection.execute(select(event.c.seq, event.c.hash))
    return {row.seq: row.hash for row in found}


def stored_event(row: Any) -> Stored[Fact]:
    """Read one row of the log; raise an UnreadableLog that names it where that cannot be."""
    seq, at, actor, authenticated, kind, version, subject, text, nonce, prev_hash, digest = row
    fact = read_fact(seq, kind, version, text)
    about = fact.about
    if subject != about:
        found = f"subject: found '{subject}', expected '{about}', of which the fact is"
        raise BrokenFact(seq, kind, found)
    return Stored(seq, at, actor, bool(authenticated), fact, nonce, prev_hash, digest)


def check_log(connection: Connection) -> int:
    """Raise an UnreadableLog where this program cannot read the log; return its newest event.

    Every kind and version is looked at, and the fields of the newest event of each and of the
    newest of all: what an older or another program wrote differs in kind, not in one old event.
    Of a large one (the numbers of a review as published, the results of a large review) kind and
    version are all that is looked at: every command would wait for it. `verify` reads every event.
    """
    column = event.c
    found = check_kinds(connection)
    last = max(found, default=0)
    newest, samples = column.seq > last - CHECKED_AT_OPENING, column.seq.in_(found)
    length = func.length(column.payload)
    wanted = (newest | samples) & (length > len(LOST)) & (length < LARGE)
    for sample in connection.execute(select(event).where(wanted)):
        stored_event(sample)
    return last


def check_kinds(connection: Connection) -> list[int]:
    """Raise an UnreadableLog where an event is of a kind or version that is not known here.

    Returns the newest event of each kind and version.
    """
    column = event.c
    first, last = func.min(column.seq).label("first"), func.max(column.seq).label("last")
    # The kind of what is lost is empty too, and an index has it: no payload is read.
    query = select(column.kind, column.version, first, last).where(column.kind != LOST)
    grouped = query.group_by(column.kind, column.version).order_by(first)
    found = connection.execute(grouped).all()
    for row in found:
        check_readable(row.first, row.kind, row.version)
    return [row.last for row in found]


# Asked with each reading: built once.
_NEWEST = select(func.max(event.c.seq))


def check_appended(connection: Connection, after: int) -> int:
    """Raise an UnreadableLog where a later event is not known here; return the newest event."""
    newest: int = connection.execute(_NEWEST).scalar() or 0
    if newest > after:
        column = event.c
        # By number: grouped in SQL, the whole log would be walked by its kinds.
        later = select(column.seq, column.kind, column.version).where(
            column.seq > after, column.kind != LOST
        )
        for row in connection.execute(later.order_by(column.seq)):
            check_readable(row.seq, row.kind, row.version)
    return max(newest, after)


def head(connection: Connection) -> tuple[int, str]:
    """Return the number and hash of the last event (0 and the genesis hash for an empty log)."""
    query = select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    return (last.seq, last.hash) if last is not None else (0, GENESIS)
