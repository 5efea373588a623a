"""The files of the review as published: what was loaded of them, and what was changed since.

They are read once, at the first start. A file that was changed since is not taken: the program goes
on with what it loaded, says so, and never claims the hash of what it did not use.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.app import App
from bot.errors import ProtocolFaults
from bot.notify import messages
from bot.review.baseline import LOADED_ONCE, STUDIES, VALUES
from bot.review.published import PUBLISHED
from bot.synthesis.changed_files import changed_files
from state import extractions, outbox
from state.events import Ledger, events
from state.facts import BaselineLoaded
from state.facts.words import RoleId


def take_baseline(app: App, ledger: Ledger) -> None:
    """Load the review as published, and keep what it was loaded from."""
    review = app.review
    if review.baseline_faults:
        raise ProtocolFaults(review.baseline_faults)
    extractions.load_baseline(
        ledger,
        app.protocol.id,
        [(study, review.identifiers[study.id]) for study in review.studies],
        review.values,
    )
    files = {name: review.file_hashes[name] for name in LOADED_ONCE if name in review.file_hashes}
    _take(app, ledger, files)


def _take(app: App, ledger: Ledger, files: Mapping[str, str]) -> None:
    world = app.review.published
    told = world.model_dump(mode="json") if world is not None else None
    extractions.take_baseline_files(ledger, app.protocol.id, files, told)


def look_at_baseline_files(app: App) -> None:
    """Tell, once for each content, of a file that was changed since it was loaded.

    A data folder of an older program keeps no hashes: those files are taken as loaded whose content
    is what the log says.
    """
    with app.database.reading() as connection:
        taken = extractions.baseline_files(connection)
        same = {} if taken else _as_loaded(app, connection)
        changed = changed_files(app, connection) if taken else ()
        notices = [messages.baseline_changed(each.name, each.found) for each in changed]
        fresh = [each for each in notices if outbox.written_at(connection, each.key) is None]
    if not same and not fresh:
        return
    with app.ledger() as ledger:
        if same and not extractions.baseline_files(ledger.connection):
            _take(app, ledger, same)
        for notice in fresh:
            people = outbox.recipients(ledger.connection, RoleId.LEAD, RoleId.OPERATOR)
            outbox.write(ledger, notice, people)


def _as_loaded(app: App, connection: Connection) -> dict[str, str]:
    """Return the files that say what was loaded, by the log."""
    review = app.review
    ours = [(study, review.identifiers[study.id]) for study in review.studies]
    same: dict[str, bool] = {}
    for event in events(connection, subject=app.protocol.id):
        if isinstance(event.fact, BaselineLoaded):
            loaded = [(each.study, each.identifiers) for each in event.fact.studies]
            same = {STUDIES: loaded == ours, VALUES: event.fact.values == review.values}
    same[PUBLISHED] = PUBLISHED in review.file_hashes  # the log had not kept what it says
    return {name: review.file_hashes[name] for name, is_same in same.items() if is_same}
