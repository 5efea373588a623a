"""Searches by hand: what is due, the text to paste, the export to give, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.rights import readers
from bot.acts.said import GiveExport, SayFileFoundAgain, SayNothingFound, WithdrawSearch
from bot.app import App
from bot.review.protocol import SourcePlan
from bot.review.strategy_text import remarks
from bot.silence.status import doubted_sources, source_light
from bot.surveillance.adopted_strategies import query_in_force
from bot.surveillance.given_files import LARGEST_BYTES
from bot.surveillance.hand_searches import by_hand, standing
from bot.surveillance.lateness import Light, is_late
from bot.surveillance.owed_searches import HandSearch, open_lines
from bot.surveillance.searched import last_whole_search, source_lateness
from bot.surveillance.slots import find_source
from bot.web.visit import Sending, SendingFile, Sent, Visiting, after
from bot.work.importing import give_file
from state import likeness, people, runs
from state.errors import BadInput
from state.events import events
from state.facts import SearchRun
from state.told_searches import told_of

TOLD = ("searched_on", "search", "part", "difference", "platform", "coverage")

pages = APIRouter()
changes = APIRouter()
given = APIRouter()  # forms with a file; each proves its session as it reads its body


@dataclass(frozen=True, slots=True)
class SourceCard:
    """One source on the page: how it stands, how it is searched, its newest search."""

    plan: SourcePlan
    search: HandSearch
    days: int
    late: bool
    light: Light
    how: tuple[str, ...]
    text: str
    newest: SearchRun | None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a file was not taken: where in it, what was found there, what was expected."""

    place: str
    found: str
    expected: str | None

    @classmethod
    def of(cls, message: str) -> _Refusal:
        """Part a message of the form that all readers use."""
        place, _, rest = message.partition(": found ")
        found, _, expected = rest.partition(", expected ")
        return cls(place, found, expected or None)


@pages.get("/imports")
def imports_page(visit: Visiting) -> HTMLResponse:
    """Show every source that a person searches, those that are owed first."""
    with visit.app.database.reading() as connection:
        doubted = doubted_sources(connection)
        cards = [
            _card(visit.app, connection, plan, doubted=plan.id in doubted)
            for plan in by_hand(visit.app)
        ]
    cards.sort(key=lambda card: -card.days if card.search.owed_since else 1)
    owed = sum(card.search.owed_since is not None for card in cards)
    return visit.page(
        "imports.html", cards=cards, owed=owed, largest=LARGEST_BYTES, today=_today(visit.app)
    )


@pages.get("/imports/{source}/strategy.txt")
def strategy_text(visit: Visiting, source: str) -> PlainTextResponse:
    """Send the text to paste by itself."""
    plan = find_source(visit.app, source)
    with visit.app.database.reading() as connection:
        return PlainTextResponse(query_in_force(visit.app, connection, plan.id))


@pages.get("/imports/{source}/{run}")
def import_page(visit: Visiting, source: str, run: str) -> HTMLResponse:
    """Show what became of one search by hand."""
    plan = find_source(visit.app, source)
    with visit.app.database.reading() as connection:
        found = runs.find_run(connection, plan.id, run)
        said = next(iter(events(connection, subject=found.id)))
        names = {person.id: person.name for person in people.people(connection)}
        pairs = likeness.count_asked_at(connection, said.at, plan.id)
        gone = runs.withdrawal_of(connection, run)
        told = told_of(connection, found.id)
        still_open = open_lines(standing(visit.app, connection, plan).open_searches)
        mine = visit.person.id in readers(connection, WithdrawSearch(run=run, note="-"))
    return visit.page(
        "import.html",
        plan=plan,
        run=found,
        stored_at=said.at,
        by=names.get(said.actor, said.actor),
        signed_in=said.authenticated,
        mine=mine,
        gone=gone,
        names=names,
        pairs=pairs,
        told=told,
        still_open=still_open if told is not None else (),
        again="again" in visit.request.query_params,
    )


@given.post("/imports/{source}")
def give(visit: Visiting, source: str, sent: SendingFile) -> Response:
    """Take in an export, or show why it is refused."""
    plan = find_source(visit.app, source)
    try:
        body, name = _file(sent)
        told = sent.given(*TOLD)
        said = {"source": source, "name": name, "body": body, **told, **_shown(sent)}
        taken = give_file(visit.app, read_act(GiveExport, said), visit.actor)
        visit.let_go()
    except BadInput as refusal:
        return visit.page(
            "import_refused.html",
            http_status=HTTPStatus.UNPROCESSABLE_ENTITY,
            plan=plan,
            refusal=_Refusal.of(str(refusal)),
        )
    path = f"/imports/{source}/{taken.run.id}"
    return after(path, "again", again="1") if taken.again else after(path, "import")


@changes.post("/imports/{source}/nothing")
def nothing(visit: Visiting, source: str, sent: Sending) -> RedirectResponse:
    """Store the visitor's word that the search found nothing."""
    if sent.text("stated") is None:
        raise BadInput("please tick that you searched and found nothing; nothing was stored")
    told = sent.given("search", "platform", "coverage")
    run = visit.perform(read_act(SayNothingFound, {"source": source, **told}))
    return after(f"/imports/{source}/{run.id}", "import")


@changes.post("/imports/{source}/{run}/again")
def again(visit: Visiting, source: str, run: str) -> RedirectResponse:
    """Store the visitor's word that a new search gave the very same file."""
    stored = visit.perform(read_act(SayFileFoundAgain, {"source": source, "run": run}))
    return after(f"/imports/{source}/{stored.id}", "import")


@changes.post("/imports/{source}/{run}/withdraw")
def withdraw(visit: Visiting, source: str, run: str, sent: Sending) -> RedirectResponse:
    """Store that the visitor takes a search back that they had stored."""
    visit.perform(read_act(WithdrawSearch, {"run": run, **sent.given("note")}))
    return after(f"/imports/{source}/{run}", "taken-back")


def _shown(sent: Sent) -> dict[str, int]:
    text = sent.text("shown")
    if text is None:
        return {}
    digits = text.replace(",", "").replace("\u202f", "").replace(" ", "")
    if not digits.isdecimal():
        raise BadInput(f"records shown: found '{text}', expected a number such as 120")
    return {"shown": int(digits)}


def _today(app: App) -> str:
    return app.clock.now().astimezone(ZoneInfo(app.protocol.time_zone)).date().isoformat()


def _card(app: App, connection: Connection, plan: SourcePlan, *, doubted: bool) -> SourceCard:
    search, now = standing(app, connection, plan), app.clock.now()
    late = source_lateness(app, connection, plan, now)
    return SourceCard(
        plan=plan,
        search=search,
        days=search.days_owed(now),
        late=is_late(late),
        light=source_light(app, connection, plan, now, doubted=doubted),
        how=remarks(app.review.strategies[plan.id]),
        text=query_in_force(app, connection, plan.id),
        newest=last_whole_search(app, connection, plan),
    )


def _file(sent: Sent) -> tuple[bytes, str]:
    """Return the file that was chosen and its name, without the folders that some browsers add."""
    file = sent.file("file")
    if file is None:
        raise BadInput("no file was chosen")
    name = PurePath((file.filename or "").replace("\\", "/")).name
    body = file.file.read(LARGEST_BYTES + 1)
    if len(body) > LARGEST_BYTES:
        found = f"{(file.size or len(body)) / 1e6:,.1f} MB"
        raise BadInput(
            f"{name}: found {found}, expected at most {LARGEST_BYTES / 1e6:.0f} MB; export it in"
            " parts and give them one after the other"
        )
    return body, name
