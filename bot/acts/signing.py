"""Signatures under what the machine proposes, and the word to publish."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.said import RequestPublication, Sign
from bot.report.drafts import enqueue_publication
from bot.surveillance.adopted_strategies import adopt_if_strategy
from state import versions
from state.errors import BadInput, NotAllowed
from state.facts.words import SignatureVerdict, SignedKind, VersionState


def sign(saying: Saying, act: Sign) -> SignedKind:
    """Store a signature; return what it is under. The first acceptance of a draft publishes it."""
    kind = versions.sign(
        saying.ledger, act.subject, saying.person, verdict=act.verdict.value, reason=act.reason
    )
    accepted = act.verdict is SignatureVerdict.ACCEPT
    if kind is SignedKind.VERSION and accepted:
        enqueue_publication(saying.ledger, act.subject)
    if kind is SignedKind.AMENDMENT:
        adopt_if_strategy(saying.ledger, act.subject, accepted=accepted)
    return kind


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
