"""Signatures under what the machine proposes, and the word to publish."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.amending import check_can_be_signed, put_in_force
from bot.acts.said import RequestPublication, Sign
from bot.report.drafts import enqueue_publication
from state import versions
from state.errors import BadInput, NotAllowed
from state.facts.words import SignatureVerdict, SignedKind, VersionState


def sign(saying: Saying, act: Sign) -> SignedKind:
    """Store a signature; return what it is under. The first acceptance of a draft publishes it."""
    accepted = act.verdict is SignatureVerdict.ACCEPT
    first = not _has_signed(saying, act.subject)
    if first and versions.find_amendment(saying.ledger.connection, act.subject) is not None:
        check_can_be_signed(saying.ledger.connection, act.subject, accepted=accepted)
    kind = versions.sign(
        saying.ledger, act.subject, saying.person, verdict=act.verdict.value, reason=act.reason
    )
    if kind is SignedKind.VERSION and accepted:
        enqueue_publication(saying.ledger, act.subject)
    if kind is SignedKind.AMENDMENT and accepted and first:
        put_in_force(saying, act.subject)
    return kind


def _has_signed(saying: Saying, subject: str) -> bool:
    """Whether this person's signature is there: the same again is an echo."""
    signed = versions.signatures(saying.ledger.connection, SignedKind.AMENDMENT, subject)
    return saying.person in {each.person for each in signed}


def request_publication(saying: Saying, act: RequestPublication) -> str:
    """Make the publication due; return the version's number."""
    connection = saying.ledger.connection
    draft = versions.open_draft(connection)
    named = act.number or (draft.number if draft is not None else None)
    if named is None:
        raise BadInput("there is no draft version to publish")
    if versions.find_version(connection, named).state is VersionState.PUBLISHED:
        return named
    if not versions.accepted_by(versions.signatures(connection, "version", named)):
        raise NotAllowed(f"version {named} is not signed yet: livingreview sign {named} --as …")
    enqueue_publication(saying.ledger, named)
    return named
