"""The status as a file that a web server or another machine can read, nothing private in it."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from bot.app import App
from bot.signing_key import open_key
from bot.status import status_json
from bot.steps.certify import certificate_json
from state.certificates import last_certificate
from state.codec import Json, instant, moment

FILE = ("status", "status.json")
EVERY = timedelta(hours=1)
SHOWN = ("source", "name", "kind", "schedule", "last_success", "last_attempt", "found", "light")


def keep_status(app: App) -> None:
    """Write the file where it is older than an hour."""
    written = _written_at(app)
    if written is None or not instant(app.clock.now() - EVERY) < written <= instant(
        app.clock.now()
    ):
        write_status(app)


def write_status(app: App) -> None:
    """Write the file: whole, or not at all."""
    file = app.config.data.joinpath(*FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}.new")
    beside.write_text(json.dumps(public_status(app), ensure_ascii=False, indent=2), "utf-8")
    os.replace(beside, file)


def public_status(app: App) -> Json:
    """Return sources with their lights, the last certificate and the key that verifies it."""
    whole = status_json(app)
    key = open_key(app.config.data)
    with app.database.reading() as connection:
        last = last_certificate(connection)
    return {
        "review": whole["review"],
        "review_id": whole["review_id"],
        "version": whole["version"],
        "written_at": instant(app.clock.now()),
        "last_tick": whole["last_tick"],
        "sources": [
            {name: source[name] for name in (*SHOWN, "next")} for source in whole["sources"]
        ],
        "certificate": certificate_json(last, key.public) if last is not None else None,
        "public_key": key.public,
        "key_id": key.id,
    }


def _written_at(app: App) -> str | None:
    try:
        found = json.loads(app.config.data.joinpath(*FILE).read_text("utf-8"))["written_at"]
        moment(found)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(found)
