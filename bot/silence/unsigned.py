"""What waits for signatures, and whom the team lacks for them, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.app import App
from bot.results.format import counted, listed
from bot.review.protocol import RoleId
from bot.synthesis.awaited import (
    SIGNATORIES,
    hands_asked,
    missing_of_signal,
    missing_of_version,
    open_signals,
)
from state import people, versions
from state.facts.words import SignatureVerdict, SignedKind, VersionKind


def waiting_for_signatures(app: App, connection: Connection) -> Iterator[str]:
    """Name each version, signal and amendment that people are to sign, by its id."""
    rejected = versions.newest_rejected(connection)
    if rejected is not None:
        yield from _rejections(connection, rejected.number)
    yield from _draft_to_sign(app, connection)
    yield from _amendments_to_sign(connection)


def _draft_to_sign(app: App, connection: Connection) -> Iterator[str]:
    draft = versions.open_draft(connection)
    if draft is None or draft.kind is VersionKind.BASELINE:
        return
    for each in open_signals(app, connection, draft.number):
        waits_for = missing_of_signal(app, connection, each.id)
        yield f"signal {each.id}: to accept or reject; it waits for {listed(waits_for)}"
    waits_for = missing_of_version(app, connection, draft.number)
    if waits_for:
        yield f"draft version {draft.number}: to sign or reject; it waits for {listed(waits_for)}"
        yield from _missing_signatories(app, connection)


def _rejections(connection: Connection, number: str) -> Iterator[str]:
    known = {each.id: each.name for each in people.people(connection)}
    for each in versions.signatures(connection, SignedKind.VERSION, number):
        if each.verdict is SignatureVerdict.REJECT:
            yield (
                f"version {number} was rejected by {known[each.person]} ({each.reason}):"
                " to correct, or for a lead to put up again"
            )


def _missing_signatories(app: App, connection: Connection) -> Iterator[str]:
    """Say whom the team lacks for a version ever to be signed."""
    asked = hands_asked(app, connection)
    able = {each.id for role in SIGNATORIES for each in people.holders(connection, role)}
    if not people.holders(connection, RoleId.LEAD):
        yield "nobody is lead, and no version is published without the lead's signature"
    if len(able) < asked.needed:
        yield (
            f"a version takes the signatures of {asked.needed} people, and the team has"
            f" {counted(len(able), 'person', 'people')} who may sign"
        )


def _amendments_to_sign(connection: Connection) -> Iterator[str]:
    signed = {each.subject_id for each in versions.signatures(connection, SignedKind.AMENDMENT)}
    for each in versions.amendments(connection):
        if each.id not in signed:
            yield f"amendment {each.id}: to accept or reject"
