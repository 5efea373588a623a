"""Does the review's program still live, and does its certificate hold? Asked from elsewhere.

Needs the status file or its address and nothing else: no data folder, no database. What it finds
wrong is said in one line each, for people who did not set the program up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import SourceError
from bot.fetch import Door, user_agent
from bot.signing_key import key_id, signature_holds
from bot.version import VERSION
from bot.waits import Pace, Patience
from extraction.errors import ExtractionError
from extraction.readers.payload import parse_json
from state.codec import Json, moment

WHAT = "status.json"
LARGEST_BYTES = 5_000_000
DEFAULT_MAX_AGE = timedelta(hours=48)
GRACE = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What to hold the status against. key: the public key as it was told once, if it was."""

    now: datetime
    key: str | None = None
    max_age: timedelta = DEFAULT_MAX_AGE


@dataclass(frozen=True, slots=True)
class Report:
    """complaints: one line each; none, where all is well."""

    complaints: tuple[str, ...]
    verdict: str | None = None
    issued_at: str | None = None

    @property
    def well(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.complaints


def watch(where: str, key: str | None, max_age: timedelta) -> Report:
    """Read the status and look at it; what cannot be read is the complaint."""
    now = datetime.now(UTC)
    try:
        status = read_status(where)
    except (OSError, SourceError, ExtractionError) as error:
        return Report((f"the status at {where} cannot be read: {error}",))
    return look(status, Watch(now, key, max_age))


def read_status(where: str) -> Json:
    """Read the status from a file or an address."""
    if where.startswith(("http://", "https://")):
        door = Door(
            Patience(attempts=2, deadline_s=30.0, body_limit_bytes=LARGEST_BYTES),
            Pace(0.0),
            user_agent(VERSION, None),
        )
        try:
            return door.get(where, {}, _parse).value
        finally:
            door.close()
    with Path(where).open("rb") as stream:
        return _parse(stream.read(LARGEST_BYTES))


def look(status: Json, against: Watch) -> Report:
    """Hold a status against the clock and the key."""
    complaints = _of_age(status, against)
    certificate = status.get("certificate")
    if not isinstance(certificate, dict):
        complaints.append("no certificate was issued yet: no round of all sources was completed")
        return Report((*complaints, *_of_sources(status)))
    body = _body(certificate)
    complaints += _of_signature(status, certificate, against)
    complaints += _of_round(body, against)
    return Report(
        (*complaints, *_of_sources(status)), _text(body, "verdict"), _text(body, "issued_at")
    )


def _parse(payload: bytes) -> Json:
    return parse_json(payload, WHAT, expected="the JSON that the program writes")


def _of_age(status: Json, against: Watch) -> list[str]:
    written = _instant(status, "written_at")
    if written is None:
        return ["the status does not say when it was written: it is no status of this program"]
    if written > against.now + CLOCKS_DIFFER:
        return [f"the status was written in the future ({written:%Y-%m-%d %H:%M} UTC): which clock"]
    if against.now - written > against.max_age:
        return [
            f"the program has written nothing since {written:%Y-%m-%d %H:%M} UTC: it may be dead;"
            " start it again (livingreview run) or ask who keeps it"
        ]
    return []


def _of_signature(status: Json, certificate: Json, against: Watch) -> list[str]:
    public = _text(status, "public_key") or ""
    if against.key is not None and public != against.key:
        return [
            f"the key is another ({key_id(public)}) than the one to expect"
            f" ({key_id(against.key)}): was the program moved, or is this somebody else's file?"
        ]
    text, signature = _text(certificate, "body") or "", _text(certificate, "signature") or ""
    if not signature_holds(public, text, signature):
        return ["the certificate's signature does not hold: it was changed after it was signed"]
    return []


def _of_round(body: Json, against: Watch) -> list[str]:
    due, issued = _instant(body, "next_by"), _instant(body, "issued_at")
    if due is None or issued is None:
        return ["the certificate does not say when the next one is due"]
    found = []
    if against.now > due + GRACE:
        found.append(
            f"the next certificate was due by {due:%Y-%m-%d} and has not come: the last is of"
            f" {issued:%Y-%m-%d}"
        )
    if body.get("verdict") == "incomplete":
        reasons = body.get("reasons")
        said = "; ".join(map(str, reasons)) if isinstance(reasons, list) else "no reason given"
        found.append(f"the last round proves nothing: {said}")
    return found


def _of_sources(status: Json) -> list[str]:
    listed = status.get("sources")
    if not isinstance(listed, list):
        return ["the status names no sources"]
    return [
        f"{source.get('name')}: not to be relied on (last searched"
        f" {(source.get('last_success') or 'never')[:10]})"
        for source in listed
        if isinstance(source, dict)
        and source.get("light") == "red"
        and source.get("kind") != "manual"
    ]


def _body(certificate: Json) -> Json:
    try:
        found: Any = json.loads(_text(certificate, "body") or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _instant(value: Json, name: str) -> datetime | None:
    try:
        return moment(_text(value, name) or "")
    except ValueError:
        return None


def _text(value: Json, name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None
