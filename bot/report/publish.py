"""Drafts rendered, signed drafts published as immutable folders.

A version folder is written beside its place and moved there whole; only then is the publication
recorded. The instant of publication is fixed when it is asked for, so that a repeat after a crash
makes the same version.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.app import App, log
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.report.exports import data_csv, manifest_json, results_json
from bot.report.gather import gather
from bot.report.hooks import enqueue_hooks
from bot.report.rendering import render_report
from bot.results.diff import changes
from bot.synthesis.numbering import BASELINE, FIRST
from bot.synthesis.synthesise import RENDER, moved_lines, results_of_version, store, synthesise
from state import outbox, runs, versions
from state.events import Ledger
from state.facts.words import VersionState
from state.runs import Work

PUBLISH = "publish"
MANIFEST = "manifest.json"
DRAFT_SUFFIX = "-draft"


def publish_baseline(app: App) -> None:
    """Compute and publish the review as it was published: the version that others follow."""
    with app.database.reading() as connection:
        found = synthesise(app, connection)
    with app.ledger() as ledger:
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
    publish_due(app)


def enqueue_publication(ledger: Ledger, number: str) -> None:
    """Ask for a publication in the transaction of the signature; its instant is this one."""
    if versions.find_version(ledger.connection, number).state is not VersionState.DRAFT:
        return
    if not any(
        work.key.startswith(f"{number}@") for work in runs.waiting(ledger.connection, PUBLISH)
    ):
        runs.enqueue(ledger.connection, PUBLISH, f"{number}@{ledger.at}", due_at=ledger.at)


def publish_due(app: App) -> None:
    """Render the drafts and publish the versions that are asked for."""
    for work in _claimed(app, RENDER):
        _render_draft(app, work)
    for work in _claimed(app, PUBLISH):
        _publish(app, work)


def _claimed(app: App, kind: str) -> list[Work]:
    with app.database.reading() as connection:
        due = runs.due(connection, kind, now=app.clock.now())
    taken = []
    for each in due:
        with app.database.transaction() as connection:
            work = runs.claim(connection, each, now=app.clock.now())
        if work is not None:
            taken.append(work)
    return taken


def _render_draft(app: App, work: Work) -> None:
    with app.database.reading() as connection:
        version = versions.find_version(connection, work.key)
    if version.state is VersionState.DRAFT:
        _write(app.files / f"{work.key}{DRAFT_SUFFIX}", _files(app, work.key, None))
    with app.database.transaction() as connection:
        runs.finish(connection, work, now=app.clock.now())


def _publish(app: App, work: Work) -> None:
    number, _, at = work.key.partition("@")
    with app.database.reading() as connection:
        version = versions.find_version(connection, number)
        signed = versions.accepted_by(versions.signatures(connection, "version", number))
    # A draft made anew since it was signed holds other results: it waits for its own signature.
    if version.state is not VersionState.DRAFT or not (signed or version.kind == BASELINE):
        with app.database.transaction() as connection:
            runs.finish(connection, work, now=app.clock.now())
        return
    files = _files(app, number, at)
    _write(app.files / number, files)
    with app.ledger() as ledger:
        _record(app, ledger, number, at, hashlib.sha256(files[MANIFEST]).hexdigest())
        runs.finish(ledger.connection, work, now=app.clock.now())
    shutil.rmtree(app.files / f"{number}{DRAFT_SUFFIX}", ignore_errors=True)
    log.info("version %s published", number)


def _record(app: App, ledger: Ledger, number: str, at: str, manifest_sha256: str) -> None:
    connection = ledger.connection
    before = versions.last_published(connection)
    versions.publish_version(ledger, number, published_at=at, manifest_sha256=manifest_sha256)
    if before is None:
        return  # the baseline: nothing is news
    old, new = results_of_version(connection, before.number), results_of_version(connection, number)
    notice = messages.published(number, moved_lines(changes(old, new)), page_address(app))
    outbox.write(ledger, notice, outbox.recipients(connection, *EVERYBODY))
    enqueue_hooks(app, ledger, number)


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


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files whole: beside its place first, then moved there."""
    partial = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, body in files.items():
        (partial / name).write_bytes(body)
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
