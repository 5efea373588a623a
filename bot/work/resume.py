"""A start after the first: go on under the protocol in force."""

from __future__ import annotations

import hashlib

from bot.app import App
from bot.surveillance.changed_strategies import adopt_first_strategies
from state import versions


def protocol_hash(app: App) -> str:
    """Return the hash of the folder's protocol file."""
    return hashlib.sha256(app.review.protocol_text.encode()).hexdigest()


def resume(app: App) -> bool:
    """Go on where the folder's protocol is the one in force; else there is something to begin."""
    with app.database.reading() as connection:
        adopted = versions.protocols(connection)
    if not adopted or adopted[-1].sha256 != protocol_hash(app):
        return False
    adopt_first_strategies(app)
    return True
