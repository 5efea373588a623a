"""Whose signatures a version and its signals still wait for, by the protocol.

Signals come first: a version with a signal that is open is neither signed nor published.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from state import people, versions
from state.facts.words import RoleId, SignatureVerdict, SignedKind, VersionState
from state.versions import Signature, StoredSignal

SIGNATORIES = (RoleId.LEAD, RoleId.SCREENER, RoleId.EXTRACTOR, RoleId.ADJUDICATOR)


@dataclass(frozen=True, slots=True)
class HandsAsked:
    """How many different people sign by the protocol, and whose signature is a lead's."""

    needed: int
    leads: frozenset[str]

    def missing(self, signed: tuple[Signature, ...]) -> tuple[str, ...]:
        """Say which acceptances are missing."""
        return versions.still_missing(signed, needed=self.needed, leads=self.leads)

    def settled_as(self, signed: tuple[Signature, ...]) -> SignatureVerdict | None:
        """Return what enough people said alike, or None while it is open."""
        return versions.settled_as(signed, needed=self.needed, leads=self.leads)


def hands_asked(app: App, connection: Connection) -> HandsAsked:
    """Return whose hands signals and versions ask for."""
    return HandsAsked(app.protocol.living.signatures, people.leads(connection))


def open_signals(app: App, connection: Connection, number: str) -> tuple[StoredSignal, ...]:
    """Return the signals of a version of which it is not settled whether people accept them."""
    asked = hands_asked(app, connection)
    return tuple(
        each
        for each in versions.signals(connection, number)
        if asked.settled_as(versions.signatures(connection, SignedKind.SIGNAL, each.id)) is None
    )


def missing_of_signal(app: App, connection: Connection, signal: str) -> tuple[str, ...]:
    """Say which signatures a signal waits for; nothing, once enough people said the same of it."""
    asked = hands_asked(app, connection)
    signed = versions.signatures(connection, SignedKind.SIGNAL, signal)
    if asked.settled_as(signed) is not None:
        return ()
    return asked.missing(signed) or ("signatures that say the same",)


def missing_of_version(app: App, connection: Connection, number: str) -> tuple[str, ...]:
    """Say what a draft waits for until it can be published: its signals, then its signatures."""
    signals = open_signals(app, connection, number)
    signed = versions.signatures(connection, SignedKind.VERSION, number)
    return (
        *(f"the signatures of signal {each.id}" for each in signals),
        *hands_asked(app, connection).missing(signed),
    )


def is_signed(app: App, connection: Connection, number: str) -> bool:
    """Whether a version is a draft to which no signature is missing."""
    if versions.find_version(connection, number).state is not VersionState.DRAFT:
        return False
    return not missing_of_version(app, connection, number)
