"""What programs ask without signing in: is it alive, how does the review stand."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.app import PULSE, App
from bot.silence.static_status import public_status
from bot.web.visit import TheApp
from state import runs
from state.codec import instant

open_to_all = APIRouter()


@open_to_all.get("/healthz")
def health(app: TheApp) -> JSONResponse:
    """Say that the page and the database answer, and when the clock last ticked."""
    return JSONResponse({"status": "ok", "last_tick": last_tick(app)})


def last_tick(app: App) -> str | None:
    """Return when a review's clock last ticked."""
    with app.database.reading() as connection:
        beat = runs.last_beat(connection, PULSE)
    return instant(beat.at) if beat is not None else None


@open_to_all.get("/status.json")
def status(app: TheApp) -> JSONResponse:
    """Return what the status file holds: sources and proof, nothing of people or their work."""
    return JSONResponse(public_status(app))
