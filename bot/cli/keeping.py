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
from bot.work.backup import put_back, write_backup
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
    """Write a safety copy of the database and the versions while the program runs.

    The key that signs the certificates, the mailbox and the settings are not in it.
    """
    with opened(data, reading=True) as app:
        say(f"backup written to {write_backup(app, to)}")


@group.command()
def restore(
    backup_folder: Annotated[Path, typer.Argument(help="A folder written by backup.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a safety copy into an empty data folder and verify it."""
    put_back(backup_folder, data, read_config(os.environ, data).database_url)
    with opened(data) as app:
        found = verified(app)
    say(f"restored into {data}", *verify_lines(found))
    _fail_on(found)


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
