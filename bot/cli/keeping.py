"""Keeping: is everything as the log says, a safety copy, and back again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.main import FAILED
from bot.cli.opened import answer, opened, say
from bot.config import read_config
from bot.report.published_files import verify_files
from bot.results.format import counted
from bot.silence.certify import verify_certificates
from bot.work.backup import CopyRestored, put_back, write_backup
from state import verify as verification
from state.codec import Json

group = typer.Typer()


@group.command()
def verify(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Replay the log and compare it with every table, payload and published file."""
    with opened(data, reading=True) as app:
        found = verified(app)
    answer(as_json, found, verify_lines(found))
    _fail_on(found)


@group.command()
def backup(
    to: Annotated[Path, typer.Argument(help="The folder to write the copy into.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write a safety copy of the database and the published versions while the program runs.

    Sealed verdicts are in it: it is for its owner only. Not in it are the key that signs, the
    mailbox, settings.toml, the static status and drafts (they are rendered anew).
    """
    with opened(data, reading=True) as app:
        say(f"backup written to {write_backup(app, to)}")


@group.command()
def restore(
    copy: Annotated[
        Path, typer.Argument(metavar="COPY", help="A folder written by backup, or by export.")
    ],
    data: Data = DEFAULT_DATA,
    signed_by: Annotated[
        str | None, typer.Option(help="The id of the key that must have signed it.")
    ] = None,
) -> None:
    """Put a backup or an export into an empty data folder, after looking at all of it."""
    url = read_config(os.environ, data).database_url
    put = put_back(copy, data, url, signed_by=signed_by)
    with opened(data) as app:
        found = verified(app)
    say(f"restored into {data}", *_put_back_lines(put), *verify_lines(found))
    _fail_on(found)


def _put_back_lines(put: CopyRestored) -> list[str]:
    """Say by whom the copy is signed, what is not of it, and what an export did not hold."""
    by = f"signed by the key {put.signed_by}" if put.signed_by else "the copy is not signed"
    lines = [by, *(f"{name}: not in the list of the copy, left where it is" for name in put.left)]
    if put.lost:
        which = ", ".join(map(str, put.lost))
        lines.append(
            f"lost, because sealed in the export: event {which}; who said it says it again"
        )
    return lines


def _fail_on(found: Json) -> None:
    if found["faults"]:
        raise typer.Exit(FAILED)


def verified(app: App) -> Json:
    """Verify log, tables, payloads and published files."""
    found = verification.verify(app.database)
    files, file_faults = verify_files(app)
    faults = [*file_faults, *verify_certificates(app)]
    return {
        "events": found.events,
        "head": found.head,
        "rows": found.rows,
        "payloads": found.payloads,
        "files": files,
        "faults": [*found.faults, *faults],
        "ok": not found.faults and not faults,
    }


def verify_lines(found: Json) -> list[str]:
    """Say what was verified."""
    lines = [f"{found['events']} events, head {found['head']}"]
    checked = f"{counted(found['payloads'], 'payload')} and {found['files']} published files"
    lines.append(f"{found['rows']} rows replayed, {checked} checked")
    return lines + ([f"FAULT: {fault}" for fault in found["faults"]] or ["everything agrees"])
