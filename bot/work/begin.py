"""The first start and every later one: the protocol in force, the review as published."""

from __future__ import annotations

from bot.app import App
from bot.errors import ProtocolChanged
from bot.report.drafts import draft_baseline
from bot.silence.signing_key import open_key
from bot.surveillance.adopted_strategies import adopt_first_strategies
from bot.work.handlers import publish_due
from bot.work.resume import protocol_hash, resume
from bot.work.take_baseline import take_baseline
from state import versions
from state.data_folder import check_no_log_is_lost
from state.events import Ledger


def begin(app: App) -> None:
    """Load the review folder into an empty data folder; later, adopt an amended protocol.

    Each part looks at what is there and does the rest: a start that was cut off anywhere is
    finished by the next one.
    """
    if resume(app):
        return
    digest = protocol_hash(app)
    with app.ledger() as ledger:
        if not versions.protocols(ledger.connection):
            check_no_log_is_lost(app.config.data, "the log in the database")
            _adopt(app, ledger, digest, "as published")
            take_baseline(app, ledger)
        elif versions.protocols(ledger.connection)[-1].sha256 != digest:
            _amend(app, ledger, digest)
    adopt_first_strategies(app)
    open_key(app.config.data)
    draft_baseline(app)
    publish_due(app)


def _amend(app: App, ledger: Ledger, digest: str) -> None:
    """Adopt a changed protocol: it needs a new version number and an amendment that says why."""
    known = {each.version for each in versions.protocols(ledger.connection)}
    version = app.protocol.version
    amendment = next((each for each in app.protocol.amendments if each.version == version), None)
    if version in known or amendment is None:
        raise ProtocolChanged(
            f"protocol.toml was changed but its version is still '{version}': a change is an"
            " amendment; give it a new version and an [[amendments]] entry with date, reason and"
            " who agreed"
        )
    _adopt(app, ledger, digest, amendment.reason)


def _adopt(app: App, ledger: Ledger, digest: str, reason: str) -> None:
    versions.adopt_protocol(
        ledger,
        version=app.protocol.version,
        sha256=digest,
        body=app.review.protocol_text,
        reason=reason,
    )
