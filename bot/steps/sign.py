"""Store signatures; the first acceptance of a draft version asks for its publication."""

from __future__ import annotations

from bot.app import App
from bot.steps.publish import enqueue_publication
from bot.steps.strategies import adopt_if_strategy
from state import versions
from state.events import Actor


def sign(
    app: App, actor: Actor, person: str, subject: str, verdict: str, reason: str | None
) -> str:
    """Accept or reject a signal, a draft version or an amendment; return which it was."""
    with app.ledger(actor) as ledger:
        kind = versions.sign(ledger, subject, person, verdict=verdict, reason=reason)
        if kind == "version" and verdict == "accept":
            enqueue_publication(ledger, subject)
        if kind == "amendment":
            adopt_if_strategy(ledger, subject, accepted=verdict == "accept")
        return kind
