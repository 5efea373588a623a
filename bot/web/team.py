"""The people of the review: add, change, retire; and what each was told."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.notify.channels import channel
from bot.steps import team
from bot.web.visit import Sending, Sent, Visiting, after
from state import outbox, people
from state.errors import BadInput
from state.people import Person

NOTICES_SHOWN = 100

pages = APIRouter()
changes = APIRouter()


@pages.get("/people")
def people_page(visit: Visiting) -> HTMLResponse:
    """Show the team with roles and deputies."""
    with visit.app.database.reading() as connection:
        everybody = people.people(connection)
        return visit.page(
            "people.html",
            everybody=everybody,
            holders={
                role.id: people.holders(connection, role.id) for role in visit.app.protocol.roles
            },
            may_manage=team.may_manage(connection, visit.person.id),
        )


@pages.get("/people/{person}")
def person_page(visit: Visiting, person: str) -> HTMLResponse:
    """Show the form that changes one person."""
    with visit.app.database.reading() as connection:
        return visit.page(
            "person.html",
            them=people.find_person(connection, person),
            everybody=people.people(connection),
            may_manage=team.may_manage(connection, visit.person.id),
        )


@changes.post("/people")
def add(visit: Visiting, sent: Sending) -> RedirectResponse:
    """Add a person."""
    name = _name(sent)
    team.add(visit.app, visit.actor, _person(people.person_id(name), name, sent))
    return after("/people", "person")


@changes.post("/people/{person}")
def change(visit: Visiting, person: str, sent: Sending) -> RedirectResponse:
    """Change a person's name, address, roles and deputy."""
    team.change(visit.app, visit.actor, _person(person, _name(sent), sent))
    return after("/people", "change")


@changes.post("/people/{person}/retire")
def retire(visit: Visiting, person: str, sent: Sending) -> RedirectResponse:
    """Retire a person."""
    team.retire(visit.app, visit.actor, person)
    return after("/people", "retired")


@pages.get("/notices")
def notices_page(visit: Visiting) -> HTMLResponse:
    """Show the visitor's own notices, and what waits to be delivered to anybody."""
    with visit.app.database.reading() as connection:
        mine = outbox.deliveries_to(connection, visit.person.id, NOTICES_SHOWN)
        waiting = [each for each in outbox.deliveries(connection) if each.delivered_at is None]
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "notices.html",
        mine=mine,
        waiting=waiting[:NOTICES_SHOWN],
        waiting_count=len(waiting),
        names=names,
        way=channel(visit.app.config, visit.app.mailbox).name,
        mailbox=visit.app.mailbox,
    )


def _name(sent: Sent) -> str:
    name = sent.text("name")
    if name is None:
        raise BadInput("a person has a name")
    return name


def _person(person_id: str, name: str, sent: Sent) -> Person:
    return Person(person_id, name, sent.text("address"), sent.all("roles"), sent.text("deputy"))
