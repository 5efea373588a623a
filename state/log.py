"""The log as anybody may read it: a sentence an event, or its fact; what is sealed is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from state.codec import Json
from state.events import SYSTEM, events
from state.facts import Fact, Stored
from state.sealing import is_sealed, opened


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event. sealed: whether its fact, and the nonce its hash was made with, are withheld."""

    event: Stored[Fact]
    sealed: bool

    def as_json(self) -> Json:
        """Return the event with its fact as it reads today (a version behind is brought up)."""
        event = self.event
        return {
            "seq": event.seq,
            "at": event.at,
            "actor": event.actor,
            "authenticated": event.authenticated,
            "kind": event.kind,
            "version": event.fact.event_version,
            "subject": event.subject,
            "sealed": self.sealed,
            "fact": None if self.sealed else event.fact.model_dump(mode="json"),
            "nonce": None if self.sealed else event.nonce,
            "hash": event.hash,
        }

    def sentence(self) -> str:
        """Say in words when who did what: '12  2026-11-25 06:00:00  ada: retired ben'."""
        event = self.event
        who = "the program" if event.actor == SYSTEM else event.actor
        claimed = "" if event.authenticated else " (not signed in)"
        what = event.fact.sealed_sentence() if self.sealed else event.fact.sentence()
        return f"{event.seq}  {event.at[:19].replace('T', ' ')}  {who}{claimed}: {what}"


def log_lines(connection: Connection, *, after: int = 0) -> Iterator[LogLine]:
    """Yield what happened after an event, in order."""
    by_now = opened(connection)
    for event in events(connection, after=after):
        yield LogLine(event, is_sealed(event, by_now))
