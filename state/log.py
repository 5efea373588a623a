"""The log as anybody may read it: a sentence an event, or its fact; what is sealed is withheld.

Of a sealed event one may know that it is there and when: the log is a chain. Not who said
something, nor of which kind or of what: a page does not tell that either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from state.codec import Json
from state.events import LOST, SYSTEM, event_rows, stored_event
from state.facts import Fact, Stored
from state.sealing import is_sealed, opened

WITHHELD = ("actor", "authenticated", "kind", "version", "subject", "fact", "nonce")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event. sealed: whether all is withheld but when it was, and its place in the chain.

    written: its version and text in the log, where the fact was brought up to date since.
    """

    event: Stored[Fact]
    sealed: bool
    written: tuple[int, str] | None = None

    def as_json(self) -> Json:
        """Return the event with its fact as it reads today (a version behind is brought up)."""
        event = self.event
        if self.sealed:
            return _withheld(event.seq, event.at, event.hash)
        said = {
            "seq": event.seq,
            "at": event.at,
            "actor": event.actor,
            "authenticated": event.authenticated,
            "kind": event.kind,
            "version": event.fact.event_version,
            "subject": event.subject,
            "sealed": False,
            "fact": event.fact.model_dump(mode="json"),
            "nonce": event.nonce,
            "hash": event.hash,
        }
        if self.written is not None:
            said["written"] = {"version": self.written[0], "payload": self.written[1]}
        return said

    def sentence(self) -> str:
        """Say in words when who did what: '12  2026-11-25 06:00:00  ada: retired ben'."""
        event = self.event
        when = f"{event.seq}  {event.at[:19].replace('T', ' ')}"
        if self.sealed:
            return f"{when}  sealed until both have said it"
        who = "the program" if event.actor == SYSTEM else event.actor
        claimed = "" if event.authenticated else " (not signed in)"
        return f"{when}  {who}{claimed}: {event.fact.sentence()}"


@dataclass(frozen=True, slots=True)
class LostLine:
    """An event that was sealed when its log was exported: all that is left is its place."""

    seq: int
    at: str
    hash: str

    def as_json(self) -> Json:
        """Return what is known of it."""
        return _withheld(self.seq, self.at, self.hash)

    def sentence(self) -> str:
        """Say that it is lost."""
        when = self.at[:19].replace("T", " ")
        return f"{self.seq}  {when}  lost: it was sealed in the export this log was put back from"


def log_lines(connection: Connection, *, after: int = 0) -> Iterator[LogLine | LostLine]:
    """Yield what happened after an event, in order."""
    by_now = opened(connection)
    for row in event_rows(connection, after=after):
        if row.payload == LOST:
            yield LostLine(row.seq, row.at, row.hash)
            continue
        event = stored_event(row)
        as_now = (row.version, row.payload) == (
            event.fact.event_version,
            event.fact.canonical_text(),
        )
        written = None if as_now else (row.version, row.payload)
        yield LogLine(event, is_sealed(event, by_now), written)


def _withheld(seq: int, at: str, digest: str) -> Json:
    return {"seq": seq, "at": at, **dict.fromkeys(WITHHELD), "sealed": True, "hash": digest}
