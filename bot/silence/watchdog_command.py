"""`livingreview watchdog`: read the status, say what is wrong, exit 1 if anything is.

Needs the status file or its address and nothing else: no data folder, no database, no review. It
makes nothing, unless it is told to remember.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot import VERSION
from bot.config import read_start
from bot.errors import BodyRefused, ConfigFaults, SourceError
from bot.silence.signing_key import is_public_key
from bot.silence.watchdog import Memory, Watch, WatchdogReport, look
from bot.sources.upstream.client import UpstreamClient, user_agent
from bot.sources.upstream.clock import Clock
from bot.sources.upstream.pace import Pace
from bot.sources.upstream.patience import Patience
from extraction.errors import ExtractionError
from extraction.readers.payload import parse_json
from state.codec import Json, moment

WHAT = "status.json"
LARGEST_BYTES = 5_000_000
FAILED = 1
PATIENCE = Patience(attempts=2, longest_wait_s=5.0, deadline_s=20.0, body_limit_bytes=LARGEST_BYTES)


def watchdog(
    where: Annotated[str, typer.Argument(help="The status file, or its address (http...).")],
    key: Annotated[str | None, typer.Option(help="The public key to expect.")] = None,
    remember: Annotated[
        Path | None, typer.Option(help="A file to remember key and age in, made if missing.")
    ] = None,
    max_age: Annotated[float, typer.Option(help="Hours after which the status is stale.")] = 48.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/commands.md).")] = False,
) -> None:
    """Complain (exit 1) if the program is silent, its certificate late, or its signature wrong."""
    if not 0 < max_age < 24 * 36_500:
        raise typer.BadParameter(f"--max-age: found {max_age:g}, expected hours above 0")
    if key is not None and not is_public_key(key):
        raise typer.BadParameter("--key: expected the public_key of a status.json, in base64")
    if "://" in where and not where.startswith(("http://", "https://")):
        raise typer.BadParameter(f"found '{where}', expected a file or an http(s) address")
    try:
        now = Clock(read_start(os.environ)).now()
    except ConfigFaults as faults:
        raise typer.BadParameter(str(faults)) from faults
    report = watch(where, now, key=key, max_age=timedelta(hours=max_age), memory=remember)
    for line in [json.dumps(report_json(report), indent=2)] if as_json else report_lines(report):
        typer.echo(line)
    if not report.well:
        raise typer.Exit(FAILED)


def watch(
    where: str, now: datetime, *, key: str | None, max_age: timedelta, memory: Path | None = None
) -> WatchdogReport:
    """Read the status and look at it; what cannot be read is the complaint."""
    try:
        before = _remembered(memory) if memory is not None else None
    except (OSError, ValueError) as error:
        return WatchdogReport(
            (f"{memory} cannot be read ({error}): delete it, and it is made again",)
        )
    try:
        status = read_status(where)
    except (OSError, SourceError, ExtractionError, BodyRefused) as error:
        return WatchdogReport((_unreadable(where, error),))
    report = look(status, Watch(now, key, max_age, before))
    if memory is None or report.memory is None:
        return report
    try:
        memory.write_text(json.dumps(asdict(report.memory)) + "\n", encoding="utf-8")
    except OSError as error:
        forgot = f"{memory} cannot be written ({error}): name a file that may be written"
        return replace(report, complaints=(*report.complaints, forgot))
    return report


def read_status(where: str) -> Json:
    """Read the status from a file or an address."""
    if where.startswith(("http://", "https://")):
        client = UpstreamClient(PATIENCE, Pace(0.0), user_agent(VERSION, None))
        try:
            return client.get(where, {}, _parse).value
        finally:
            client.close()
    with Path(where).open("rb") as stream:
        payload = stream.read(LARGEST_BYTES + 1)
    if len(payload) > LARGEST_BYTES:
        raise BodyRefused(f"{where}: more than {LARGEST_BYTES} bytes, the limit")
    return _parse(payload)


def _parse(payload: bytes) -> Json:
    return parse_json(payload, WHAT, expected="the JSON that the program writes")


def _unreadable(where: str, error: Exception) -> str:
    if where.startswith("http"):
        return (
            f"the status cannot be read: {error}. The machine, its network or its web server may be"
            " down, or the address wrong: open it in a browser"
        )
    return f"the status cannot be read: {error}. Is the file still written and copied here?"


def _remembered(file: Path) -> Memory | None:
    if not file.exists():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    try:
        memory = Memory(str(found["key"]), str(found["written_at"]), int(found["events"]))
        moment(memory.written_at)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not what a watchdog remembers: {error!r}") from error
    return memory


def report_json(report: WatchdogReport) -> Json:
    """The answer of `watchdog --json`."""
    return {
        "ok": report.well,
        "complaints": list(report.complaints),
        "notes": list(report.notes),
        "review": report.review,
        "verdict": report.verdict,
        "issued_at": report.issued_at,
    }


def report_lines(report: WatchdogReport) -> list[str]:
    """Say what is wrong, or that all is well, and what else is worth knowing."""
    lines = [f"COMPLAINT: {each}" for each in report.complaints]
    if report.well:
        day = (report.issued_at or "")[:10]
        lines = [f"all is well: the certificate of {day} holds ({report.verdict})"]
    lines += [f"note: {each}" for each in report.notes]
    return ["".join(sign if sign.isprintable() else " " for sign in line) for line in lines]
