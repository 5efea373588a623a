"""The first draft, a lost one, one to be published: what is asked for here is drawn in publish."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import App
from bot.synthesis.awaited import is_signed
from bot.synthesis.numbering import BASELINE, first_number
from bot.synthesis.synthesise import store, synthesise
from bot.synthesis.the_published import published_review
from state import extractions, runs, versions
from state.codec import instant
from state.errors import DataFolderFault
from state.events import Ledger
from state.facts.words import HowAccepted, VersionState
from state.values import WorkKind

DRAFT_SUFFIX = "-draft"
AS_PUBLISHED = "the review as published, recomputed"
BEGUN = "a new review, which goes on from no published one"


def draft_baseline(app: App) -> None:
    """Compute the review as it was published, the version that others follow; ask to publish it.

    A start that was cut off is gone on with: what is drafted already is not drafted again.
    """
    with app.database.reading() as connection:
        published = published_review(connection)
        first = first_number(published)
        if versions.versions(connection):
            return
        _check_untouched(connection, first)
        found = synthesise(app, connection)
    with app.ledger() as ledger:
        if versions.versions(ledger.connection):
            return  # another process was faster
        store(ledger, found)
        versions.draft_version(
            ledger,
            number=first,
            kind=BASELINE,
            cause=BEGUN if published is None else AS_PUBLISHED,
            result_id=found.id,
            ordinal=versions.next_ordinal(ledger.connection),
        )
        runs.enqueue(ledger.connection, WorkKind.PUBLISH, f"{first}@{ledger.at}", due_at=ledger.at)


def _check_untouched(connection: Connection, first: str) -> None:
    """Refuse to call "as published" what people have added to since."""
    values = extractions.accepted_values(connection)
    if any(each.how is not HowAccepted.BASELINE for each in values):
        raise DataFolderFault(
            f"the first start of this data folder was cut off before version {first} was made, and"
            " data were extracted since: export them (`livingreview log --json`) with the program"
            " that took them, and begin a new folder with --data"
        )


def enqueue_publication(ledger: Ledger, number: str) -> None:
    """Ask for a publication in the transaction of the signature; its instant is this one."""
    if versions.find_version(ledger.connection, number).state is not VersionState.DRAFT:
        return
    if not _is_asked_for(ledger.connection, number):
        runs.request(ledger.connection, WorkKind.PUBLISH, f"{number}@{ledger.at}", due_at=ledger.at)


def _is_asked_for(connection: Connection, number: str) -> bool:
    return any(
        work.key.startswith(f"{number}@") for work in runs.waiting(connection, WorkKind.PUBLISH)
    )


def request_signed_draft(app: App) -> None:
    """Ask for a publication that no signature asked for: who signed became the lead since."""
    with app.database.reading() as connection:
        draft = versions.open_draft(connection)
        if draft is None or draft.kind == BASELINE or not is_signed(app, connection, draft.number):
            return
        if _is_asked_for(connection, draft.number):
            return
    with app.ledger() as ledger:
        if is_signed(app, ledger.connection, draft.number):
            enqueue_publication(ledger, draft.number)


def request_lost_draft(app: App) -> None:
    """Have a draft rendered that is not there: a backup does not hold it."""
    with app.database.reading() as connection:
        draft = versions.open_draft(connection)
    if draft is None or draft.kind == BASELINE:
        return
    if not (app.files / f"{draft.number}{DRAFT_SUFFIX}").exists():
        with app.database.transaction() as connection:
            at = instant(app.clock.now())
            runs.request(connection, WorkKind.RENDER, draft.number, due_at=at, sooner=False)
