"""Records that may be the same: shown side by side, settled by a screener or the lead."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.acts.act import read_act
from bot.acts.said import SayDifferent, SaySame
from bot.errors import FaultAt, FaultsOfAct
from bot.surveillance.alike import Pair, full_series, pairs_part
from bot.web.hands import merges_waiting, saved_of
from bot.web.paging import Turning, leaf
from bot.web.visit import Sending, Visiting, after, local_path
from state.facts.words import PairVerdict

PAGE_SIZE = 25

pages = APIRouter()
changes = APIRouter()


@pages.get("/duplicates")
def duplicates_page(visit: Visiting, turned: Turning) -> HTMLResponse:
    """Show the pairs that wait for a person, with what speaks for and against."""
    with visit.app.database.reading() as connection:
        part = pairs_part(connection, turned.asked(PAGE_SIZE))
        series = full_series(connection)
        merges = merges_waiting(connection, visit.person.id)
    return visit.page(
        "duplicates.html",
        pairs=part.shown,
        series=series,
        merges=merges,
        leaf=leaf(turned, PAGE_SIZE, part, _named, "/duplicates"),
    )


def _named(pair: Pair) -> tuple[str, str]:
    return pair.likeness.record_key, pair.likeness.other_key


@changes.post("/duplicates")
def settle(visit: Visiting, sent: Sending) -> RedirectResponse:
    """Store that two records are the same or different; either can be said again."""
    back = local_path(sent.text("back") or "/duplicates")
    said, verdict = sent.given("record", "other", "note"), sent.text("verdict") or ""
    if verdict == PairVerdict.DIFFERENT:
        visit.perform(read_act(SayDifferent, said))
        return after(back, "different")
    if verdict != PairVerdict.SAME:
        found = f"found '{verdict}'" if verdict else "found no 'verdict'"
        raise FaultsOfAct([FaultAt(("verdict",), f"{found}, expected one of same, different")])
    return after(back, saved_of(visit.perform(read_act(SaySame, said)), "same"))
