"""The log and its chain: what someone did or said, and what a source answered.

Each row carries the hash of the one before it. A row and the projections it leads to are written
in one transaction: `Ledger.record` is the only way in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from state import projections
from state.codec import Json, canonical
from state.tables import event

GENESIS = "0" * 64
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, and whether they had signed in (the command line has no sign-in)."""

    name: str
    authenticated: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log."""

    seq: int
    at: str
    actor: str
    authenticated: bool
    kind: str
    subject: str
    payload: Json
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A write transaction with its author and instant."""

    connection: Connection
    actor: Actor
    at: str

    def record(self, kind: str, subject: str, payload: Json) -> int:
        """Append one event and bring its projections up to date; return its number."""
        last = self.connection.execute(_LAST).first()
        seq, prev_hash = (last.seq + 1, last.hash) if last is not None else (1, GENESIS)
        body = canonical(payload)
        digest = chain_hash(seq, self.at, self.actor, kind, subject, body, prev_hash)
        row = {
            "seq": seq,
            "at": self.at,
            "actor": self.actor.name,
            "authenticated": int(self.actor.authenticated),
            "kind": kind,
            "subject": subject,
            "payload": body,
            "prev_hash": prev_hash,
            "hash": digest,
        }
        self.connection.execute(insert(event).values(row))
        projections.apply(
            self.connection,
            projections.Fact(seq, self.at, self.actor.name, kind, subject, json.loads(body)),
        )
        return seq


_LAST = select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)


def chain_hash(
    seq: int, at: str, actor: Actor, kind: str, subject: str, payload: str, prev_hash: str
) -> str:
    """Hash one row together with the hash of the row before it."""
    parts = [seq, at, actor.name, actor.authenticated, kind, subject, payload, prev_hash]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def events(
    connection: Connection, *, subject: str | None = None, after: int = 0
) -> Iterator[Event]:
    """Yield the log in order: all of it, what it says of one subject, or what followed an event."""
    query = select(event).where(event.c.seq > after).order_by(event.c.seq)
    if subject is not None:
        query = query.where(event.c.subject == subject)
    for row in connection.execute(query):
        yield Event(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            authenticated=bool(row.authenticated),
            kind=row.kind,
            subject=row.subject,
            payload=json.loads(row.payload),
            prev_hash=row.prev_hash,
            hash=row.hash,
        )


def head(connection: Connection) -> tuple[int, str]:
    """Return the number and hash of the last event (0 and the genesis hash for an empty log)."""
    last = connection.execute(_LAST).first()
    return (last.seq, last.hash) if last is not None else (0, GENESIS)
