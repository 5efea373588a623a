"""Proposed changes of the protocol that carry its whole new text, and how each of them stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, select

from state import tables as t
from state.events import Ledger
from state.facts import AmendmentInForce
from state.facts.words import SignatureVerdict, SignedKind
from state.people import leads
from state.strategies import find_strategy
from state.versions import (
    StoredAmendment,
    find_amendment,
    protocol_in_force,
    signatures,
    still_missing,
)

NEEDED = 2  # a change of the protocol is never one hand's, and the lead's is one of them


class AmendmentState(StrEnum):
    """How far an amendment has come."""

    OPEN = "open"
    IN_FORCE = "in force"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"  # another protocol is in force than the one that it changes


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A whole new protocol. id: the amendment's; based_on: the version that it changes; words,
    diff: what it changes, for people."""

    id: str
    version: str
    sha256: str
    body: str
    reason: str
    based_on: str
    based_on_sha256: str
    words: tuple[str, ...]
    diff: str
    proposed_at: str


def find_proposal(connection: Connection, amendment: str) -> StoredProposal | None:
    """Return the whole protocol that an amendment proposes; some propose none."""
    query = select(t.protocol_proposal).where(t.protocol_proposal.c.id == amendment)
    row = connection.execute(query).first()
    return _stored(row) if row is not None else None


def proposals(connection: Connection) -> tuple[StoredProposal, ...]:
    """Return every proposed protocol, oldest first."""
    column = t.protocol_proposal.c
    query = select(t.protocol_proposal).order_by(column.proposed_at, column.id)
    return tuple(_stored(row) for row in connection.execute(query))


def put_in_force(
    ledger: Ledger, amendment: str, signed_by: Sequence[str], proposal: StoredProposal | None
) -> None:
    """Store that enough people accepted an amendment, and the protocol that it puts in force."""
    version = proposal.version if proposal is not None else None
    ledger.record(
        AmendmentInForce(amendment=amendment, signed_by=tuple(signed_by), protocol_version=version)
    )


def waits_for(connection: Connection, amendment: str) -> tuple[str, ...]:
    """Say which signatures an amendment lacks to come in force."""
    signed = signatures(connection, SignedKind.AMENDMENT, amendment)
    return still_missing(signed, needed=NEEDED, leads=leads(connection))


def waiting(connection: Connection, amendment: str) -> tuple[str, ...]:
    """Say which signatures an amendment waits for: none, once it is settled."""
    stored = find_amendment(connection, amendment)
    is_open = stored is not None and amendment_state(connection, stored) is AmendmentState.OPEN
    return waits_for(connection, amendment) if is_open else ()


def amendment_state(connection: Connection, amendment: StoredAmendment) -> AmendmentState:
    """Return how an amendment stands."""
    strategy = find_strategy(connection, amendment.id)
    if amendment.in_force_at or (strategy is not None and strategy.adopted_at):
        return AmendmentState.IN_FORCE
    signed = signatures(connection, SignedKind.AMENDMENT, amendment.id)
    if any(each.verdict is SignatureVerdict.REJECT for each in signed):
        return AmendmentState.REJECTED
    proposal, now = find_proposal(connection, amendment.id), protocol_in_force(connection)
    if proposal is not None and now is not None and now.sha256 != proposal.based_on_sha256:
        return AmendmentState.OVERTAKEN
    return AmendmentState.OPEN


def _stored(row: Row[tuple[object, ...]]) -> StoredProposal:
    return StoredProposal(
        row.id,
        row.version,
        row.sha256,
        row.body,
        row.reason,
        row.based_on,
        row.based_on_sha256,
        tuple(json.loads(row.words)),
        row.diff,
        row.proposed_at,
    )
