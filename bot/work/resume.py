"""A start after the first: go on under the protocol in force."""

from __future__ import annotations

import hashlib

from bot.app import App
from bot.surveillance.adopted_strategies import adopt_first_strategies
from bot.work.take_baseline import look_at_baseline_files
from state import versions
from state.files import KEY_FILE, sweep


def protocol_hash(app: App) -> str:
    """Return the hash of the folder's protocol file."""
    return hashlib.sha256(app.review.protocol_text.encode()).hexdigest()


def resume(app: App) -> bool:
    """Go on where the folder was begun whole and its protocol is the one in force.

    Else there is something to begin, or a beginning to be finished.
    """
    sweep(app.config.data)
    with app.database.reading() as connection:
        adopted = versions.protocols(connection)
        published = versions.last_published(connection) is not None
    begun = published and (app.config.data / KEY_FILE).exists()
    if not begun or adopted[-1].sha256 != protocol_hash(app):
        return False
    adopt_first_strategies(app)
    look_at_baseline_files(app)
    return True
