"""The status for other machines: signed, with the last certificate, and nothing private in it.

It is a file, so that a web server or a copy can show it while this program is dead: that is what
the watchdog is to notice.
"""

from __future__ import annotations

import json
from datetime import timedelta

from bot.app import App
from bot.silence.signing_key import open_key
from bot.silence.status import status_json
from state import runs
from state.certificates import last_certificate
from state.codec import Json, canonical, instant, moment
from state.files import STATUS, write_whole

FILE = (STATUS, "status.json")
EVERY = timedelta(hours=1)  # a watchdog that looks once a day is never misled by it
SHOWN = (
    "review",
    "review_id",
    "protocol_version",
    "version",
    "clock_set",
    "last_tick",
    "certificate",
)
SHOWN_OF_A_SOURCE = (
    "source",
    "name",
    "kind",
    "schedule",
    "last_success",
    "last_attempt",
    "found",
    "next",
    "lateness",
    "light",
)


def keep_status(app: App) -> None:
    """Write the file where it is older than an hour, a search or a certificate."""
    if not _fresh(app):
        write_status(app)


def write_status(app: App) -> None:
    """Write the file: whole, or not at all."""
    text = json.dumps(public_status(app), ensure_ascii=False, indent=2)
    write_whole(app.config.data.joinpath(*FILE), text.encode())


def public_status(app: App) -> Json:
    """Return the sources with their lights and the proof: what may lie on a web server."""
    whole = status_json(app)
    return proved(
        app,
        {
            **{name: whole[name] for name in SHOWN},
            "sources": [
                {name: source[name] for name in SHOWN_OF_A_SOURCE} for source in whole["sources"]
            ],
        },
    )


def proved(app: App, status: Json) -> Json:
    """Add to a status what a watchdog needs: its age, the certificate, the key, and a signature."""
    key = open_key(app.config.data)
    with app.database.reading() as connection:
        last = last_certificate(connection)
    certificate = None
    if last is not None:
        signed = {"body": last.body, "signature": last.signature}
        certificate = {**(status["certificate"] or {}), **signed}
    whole = {
        **status,
        "written_at": instant(app.clock.now()),
        "certificate": certificate,
        "next_by": json.loads(last.body)["next_by"] if last is not None else None,
        "key_id": key.id,
        "public_key": key.public,
    }
    return {**whole, "signature": key.sign(canonical(whole))}


def _fresh(app: App) -> bool:
    """Whether the file is younger than an hour and than what it tells of."""
    written, now = _written_at(app), app.clock.now()
    if written is None or not instant(now - EVERY) < written <= instant(now):
        return False
    with app.database.reading() as connection:
        newest, last = runs.search_runs(connection, limit=1), last_certificate(connection)
    told = [each.finished_at for each in newest] + ([last.at] if last is not None else [])
    return all(at < written for at in told)


def _written_at(app: App) -> str | None:
    try:
        found = json.loads(app.config.data.joinpath(*FILE).read_text("utf-8"))["written_at"]
        moment(found)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(found)
