"""The first start: the folder's protocol is in force, the review as published is loaded."""

from __future__ import annotations

import hashlib

from bot.app import App
from bot.report.drafts import draft_baseline
from bot.silence.signing_key import open_key
from bot.surveillance.adopted_strategies import adopt_first_strategies
from bot.work.handlers import publish_due
from bot.work.resume import resume, take_up_folder
from bot.work.take_baseline import take_baseline
from state import versions
from state.data_folder import check_no_log_is_lost
from state.events import Ledger


def begin(app: App) -> None:
    """Load the review folder into an empty data folder; later, look whether it was amended.

    Each part looks at what is there and does the rest: a start that was cut off anywhere is
    finished by the next one.
    """
    if resume(app):
        take_up_folder(app)
        return
    with app.ledger() as ledger:
        if not versions.protocols(ledger.connection):
            check_no_log_is_lost(app.config.data, "the log in the database")
            _adopt(app, ledger)
            take_baseline(app, ledger)
    adopt_first_strategies(app)
    open_key(app.config.data)
    draft_baseline(app)
    publish_due(app)


def _adopt(app: App, ledger: Ledger) -> None:
    versions.adopt_protocol(
        ledger,
        version=app.protocol.version,
        sha256=hashlib.sha256(app.review.protocol_text.encode()).hexdigest(),
        body=app.review.protocol_text,
        reason="as published" if app.review.published else "as begun",
    )
