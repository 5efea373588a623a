"""The first page: what is to do for me, and how the review stands."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from bot.silence.open_work import empty_roles
from bot.silence.status import status_json
from bot.surveillance.hand_searches import owed
from bot.synthesis.result_standing import result_standing
from bot.web.hands import Waiting, waiting
from bot.web.signing import papers
from bot.web.standing import study_standings
from bot.web.visit import Visiting
from state import decisions, people
from state.facts.words import ProposalKind, RoleId
from state.paging import Seek

SHOWN_TO_SCREEN = 5

pages = APIRouter()


@pages.get("/")
def first_page(visit: Visiting) -> HTMLResponse:
    """Show the visitor's own work, the results and the state of the searches."""
    me = visit.person.id
    with visit.app.database.reading() as connection:
        first = decisions.queue_part(connection, me, Seek(SHOWN_TO_SCREEN))
        to_screen = decisions.to_do_count(connection, me)
        studies = study_standings(connection, me)
        unsigned = [paper for paper in papers(visit.app, connection, me) if paper.to_do]
        results = result_standing(visit.app, connection).results
        by_hand = owed(visit.app, connection, me)
        proposed = waiting(connection, me)
        leads = me in {each.id for each in people.holders(connection, RoleId.LEAD)}
        empty = empty_roles(visit.app, connection) if leads else ()
        beside = _stands_in(connection, me)
    return visit.page(
        "home.html",
        shown=first.shown,
        to_screen=to_screen,
        studies=[study for study in studies if study.to_do],
        unsigned=unsigned,
        by_hand=by_hand,
        empty=empty,
        beside=beside,
        proposed=proposed,
        to_confirm=sum(_asks(each) for each in proposed),
        results=results,
        status=status_json(visit.app),
    )


def _stands_in(connection: Connection, person: str) -> tuple[tuple[str, str], ...]:
    """Return beside whom a person holds which role, because work there was left too long."""
    names = {each.id: each.name for each in people.people(connection)}
    found = (each for each in people.stand_ins(connection) if each.deputy == person)
    return tuple((names[each.person], each.role) for each in found)


def _asks(each: Waiting) -> bool:
    """Whether a proposal is work of its own; a link is among what is to be screened."""
    return each.may and each.said.proposal.kind is not ProposalKind.LINK
