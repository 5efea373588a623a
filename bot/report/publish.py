"""Drafts rendered, signed drafts published as immutable folders.

A version folder is written beside its place and moved there whole; only then is the publication
recorded. The instant of publication is fixed when it is asked for, so that a repeat after a crash
makes the same version.
"""

from __future__ import annotations

import hashlib
import shutil
from functools import partial

from sqlalchemy import Connection

from bot.app import App, log
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.report.drafts import DRAFT_SUFFIX
from bot.report.exports import data_csv, manifest_json, results_json
from bot.report.gather import gather
from bot.report.hooks import enqueue_hooks
from bot.report.rendering import render_report
from bot.results.diff import changes
from bot.synthesis.awaited import is_signed
from bot.synthesis.drafting import moved_lines
from bot.synthesis.numbering import BASELINE
from bot.synthesis.rated import notice_lines
from bot.synthesis.synthesise import results_of_version
from state import outbox, versions
from state.attempts import PutBack, ToStore
from state.events import Ledger
from state.facts.words import VersionState
from state.files import write_folder
from state.runs import Work
from state.versions import Version

MANIFEST = "manifest.json"


def render_draft(app: App, work: Work) -> ToStore:
    """Write the folder of a draft, for those who are to sign it."""
    with app.database.reading() as connection:
        version = versions.find_version(connection, work.key)
    if version.state is VersionState.DRAFT:
        write_folder(app.files / f"{work.key}{DRAFT_SUFFIX}", _files(app, work.key, None))
    return ToStore(lambda ledger: _still(app, ledger, version))


def _still(app: App, ledger: Ledger, drawn: Version) -> PutBack | None:
    """Ask for another rendering where the draft was made anew meanwhile."""
    if versions.find_version(ledger.connection, drawn.number).result == drawn.result:
        return None
    return PutBack("the draft was made anew meanwhile", app.clock.now())


def publish(app: App, work: Work) -> ToStore:
    """Write the folder of a signed version, and return its publication to store."""
    number, _, at = work.key.partition("@")
    with app.database.reading() as connection:
        version = versions.find_version(connection, number)
        # A draft made anew since it was signed has other results: it waits for its own signatures.
        ready = _may_be_published(app, connection, version)
    if not ready:
        return ToStore(lambda _: None)
    files = _files(app, number, at)
    write_folder(app.files / number, files)
    digest = hashlib.sha256(files[MANIFEST]).hexdigest()
    return ToStore(
        lambda ledger: _record(app, ledger, version, at, digest), partial(_published, app, number)
    )


def _may_be_published(app: App, connection: Connection, version: Version) -> bool:
    """Whether the draft that was drawn is still the one, and no signature is missing to it."""
    if versions.find_version(connection, version.number) != version:
        return False
    if version.kind == BASELINE:
        return version.state is VersionState.DRAFT
    return is_signed(app, connection, version.number)


def _published(app: App, number: str) -> None:
    with app.database.reading() as connection:
        if versions.find_version(connection, number).state is not VersionState.PUBLISHED:
            return
    shutil.rmtree(app.files / f"{number}{DRAFT_SUFFIX}", ignore_errors=True)
    log.info("version %s published", number)


def _record(
    app: App, ledger: Ledger, version: Version, at: str, manifest_sha256: str
) -> PutBack | None:
    connection, number = ledger.connection, version.number
    if not _may_be_published(app, connection, version):
        shutil.rmtree(app.files / number, ignore_errors=True)
        return PutBack("the draft was rejected or made anew meanwhile", app.clock.now())
    before = versions.last_published(connection)
    versions.publish_version(ledger, number, published_at=at, manifest_sha256=manifest_sha256)
    if before is None:
        return None  # the baseline: nothing is news
    old, new = results_of_version(connection, before.number), results_of_version(connection, number)
    told = notice_lines(connection, before, app.protocol.source_names)
    lines = [*told, *moved_lines(changes(old, new))]
    notice = messages.published(number, lines, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(connection, *EVERYBODY))
    enqueue_hooks(app, ledger, number)
    return None


def _files(app: App, number: str, published_at: str | None) -> dict[str, bytes]:
    with app.database.reading() as connection:
        document = gather(app, connection, number, published_at)
    files = {
        "report.html": render_report(document),
        "results.json": results_json(document),
        "data.csv": data_csv(document),
    }
    inputs = {each.name: each.sha256 for each in document.inputs}
    files[MANIFEST] = manifest_json(files, inputs, document)
    return files
