"""What waits for signatures, and whom the team lacks for them, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.app import App
from bot.results.format import counted, listed
from bot.synthesis.awaited import (
    SIGNATORIES,
    hands_asked,
    missing_of_signal,
    missing_of_version,
    open_signals,
)
from state import people, versions
from state.amendments import AmendmentState, amendment_state, find_proposal, waits_for
from state.facts.words import RoleId, SignatureVerdict, SignedKind, VersionKind
from state.strategies import find_strategy
from state.versions import StoredAmendment


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
    for each in versions.amendments(connection):
        said = _amendment(connection, each)
        if said is not None:
            yield f"amendment {each.id}: {said}"


def _amendment(connection: Connection, amendment: StoredAmendment) -> str | None:
    """Say what an amendment waits for, if anything."""
    state = amendment_state(connection, amendment)
    if state is AmendmentState.OPEN:
        return f"to accept or reject; it waits for {listed(waits_for(connection, amendment.id))}"
    if state is AmendmentState.OVERTAKEN:
        return "overtaken by a newer protocol: to reject, and to propose again where it is needed"
    if state is AmendmentState.IN_FORCE and _has_no_text_yet(connection, amendment):
        return "agreed, and no protocol has it yet: livingreview amend FILE --as PERSON"
    return None


def _has_no_text_yet(connection: Connection, amendment: StoredAmendment) -> bool:
    """Whether what was agreed was only asked for, and no protocol was adopted since."""
    now, at = versions.protocol_in_force(connection), amendment.in_force_at
    asked_only = find_proposal(connection, amendment.id) is None
    waits = now is not None and at is not None and now.adopted_at <= at
    return asked_only and waits and find_strategy(connection, amendment.id) is None
