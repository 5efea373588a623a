"""The first draft, a lost one, one to be published: what is asked for here is drawn in publish."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import App
from bot.synthesis.drafting import RENDER
from bot.synthesis.numbering import BASELINE, FIRST
from bot.synthesis.synthesise import store, synthesise
from state import extractions, runs, versions
from state.codec import instant
from state.errors import DataFolderFault
from state.events import Ledger
from state.facts.words import HowAccepted, VersionState

PUBLISH = "publish"
DRAFT_SUFFIX = "-draft"


def draft_baseline(app: App) -> None:
    """Compute the review as it was published, the version that others follow; ask to publish it.

    A start that was cut off is gone on with: what is drafted already is not drafted again.
    """
    with app.database.reading() as connection:
        if versions.versions(connection):
            return
        _check_untouched(connection)
        found = synthesise(app, connection)
    with app.ledger() as ledger:
        if versions.versions(ledger.connection):
            return  # another process was faster
        store(ledger, found)
        versions.draft_version(
            ledger,
            number=FIRST,
            kind=BASELINE,
            cause="the review as published, recomputed",
            result_id=found.id,
            ordinal=versions.next_ordinal(ledger.connection),
        )
        runs.enqueue(ledger.connection, PUBLISH, f"{FIRST}@{ledger.at}", due_at=ledger.at)


def _check_untouched(connection: Connection) -> None:
    """Refuse to call "as published" what people have added to since."""
    values = extractions.accepted_values(connection)
    if any(each.how is not HowAccepted.BASELINE for each in values):
        raise DataFolderFault(
            "the first start of this data folder was cut off before version 3.0 was made, and data"
            " were extracted since: export them (`livingreview log --json`) with the program that"
            " took them, and begin a new folder with --data"
        )


def enqueue_publication(ledger: Ledger, number: str) -> None:
    """Ask for a publication in the transaction of the signature; its instant is this one."""
    if versions.find_version(ledger.connection, number).state is not VersionState.DRAFT:
        return
    if not any(
        work.key.startswith(f"{number}@") for work in runs.waiting(ledger.connection, PUBLISH)
    ):
        runs.enqueue(ledger.connection, PUBLISH, f"{number}@{ledger.at}", due_at=ledger.at)


def request_lost_draft(app: App) -> None:
    """Have a draft rendered that is not there: a backup does not hold it."""
    with app.database.reading() as connection:
        draft = versions.open_draft(connection)
    if draft is None or draft.kind == BASELINE:
        return
    if not (app.files / f"{draft.number}{DRAFT_SUFFIX}").exists():
        with app.database.transaction() as connection:
            at = instant(app.clock.now())
            runs.request(connection, RENDER, draft.number, due_at=at, sooner=False)
