"""What programs ask without signing in: is it alive, how does the review stand."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.silence.static_status import proved
from bot.silence.status import status_json
from bot.surveillance.slots import PULSE
from bot.web.visit import TheApp
from state import runs
from state.codec import instant

open_to_all = APIRouter()


@open_to_all.get("/healthz")
def health(app: TheApp) -> JSONResponse:
    """Say that the page and the database answer, and when the clock last ticked."""
    with app.database.reading() as connection:
        beat = runs.last_beat(connection, PULSE)
    return JSONResponse({"status": "ok", "last_tick": instant(beat) if beat is not None else None})


@open_to_all.get("/status.json")
def status(app: TheApp) -> JSONResponse:
    """Return how the review stands, signed: nothing about people or what they said of a record."""
    return JSONResponse(proved(app, status_json(app)))
