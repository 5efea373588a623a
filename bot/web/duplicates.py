"""Records that may be the same: shown side by side, settled by anybody who screens."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.steps.likeness import open_pairs, settle_likeness
from bot.web.visit import Sending, Visiting, after, local_path
from state.errors import BadInput

pages = APIRouter()
changes = APIRouter()

VERDICTS = {"same": True, "different": False}


@pages.get("/duplicates")
def duplicates_page(visit: Visiting) -> HTMLResponse:
    """Show the pairs that wait for a person, with what speaks for and against."""
    with visit.app.database.reading() as connection:
        return visit.page("duplicates.html", pairs=open_pairs(connection))


@changes.post("/duplicates")
def settle(visit: Visiting, sent: Sending) -> RedirectResponse:
    """Store that two records are the same or different; either can be said again."""
    verdict = sent.text("verdict") or "nothing"
    if verdict not in VERDICTS:
        raise BadInput(f"verdict: found '{verdict}', expected same or different")
    settle_likeness(
        visit.app,
        visit.actor,
        visit.person.id,
        sent.text("record") or "",
        sent.text("other") or "",
        same=VERDICTS[verdict],
    )
    return after(local_path(sent.text("back") or "/duplicates"), verdict)
