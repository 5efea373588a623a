"""The people of the review: add, change, retire; and what each was told."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.acts.act import read_act
from bot.acts.rights import may
from bot.acts.said import AddPerson, ChangePerson, RetirePerson
from bot.notify.channels import ways
from bot.web.visit import Sending, Sent, Visiting, after
from state import outbox, people

NOTICES_SHOWN = 100
NOBODY = "nobody"  # the id that is asked for while there is no name to make one of

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
            may_manage=may(connection, ChangePerson, visit.person.id),
        )


@pages.get("/people/{person}")
def person_page(visit: Visiting, person: str) -> HTMLResponse:
    """Show the form that changes one person."""
    with visit.app.database.reading() as connection:
        return visit.page(
            "person.html",
            them=people.find_person(connection, person),
            everybody=people.people(connection),
            may_manage=may(connection, ChangePerson, visit.person.id),
        )


@changes.post("/people")
def add(visit: Visiting, sent: Sending) -> RedirectResponse:
    """Add a person."""
    said = _described(sent)
    known_as = people.person_id(str(said["name"])) if "name" in said else NOBODY
    visit.perform(read_act(AddPerson, {"person": known_as, **said}))
    return after("/people", "person")


@changes.post("/people/{person}")
def change(visit: Visiting, person: str, sent: Sending) -> RedirectResponse:
    """Change a person's name, address, roles and deputy."""
    visit.perform(read_act(ChangePerson, {"person": person, **_described(sent)}))
    return after("/people", "change")


@changes.post("/people/{person}/retire")
def retire(visit: Visiting, person: str, sent: Sending) -> RedirectResponse:
    """Retire a person."""
    visit.perform(read_act(RetirePerson, {"person": person}))
    return after("/people", "retired")


@pages.get("/notices")
def notices_page(visit: Visiting) -> HTMLResponse:
    """Show the visitor's own notices, and what waits to be delivered to anybody."""
    with visit.app.database.reading() as connection:
        mine = outbox.deliveries_to(connection, visit.person.id, NOTICES_SHOWN)
        waiting = outbox.undelivered(connection, NOTICES_SHOWN)
        waiting_count = outbox.count_undelivered(connection)
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "notices.html",
        mine=mine,
        waiting=waiting,
        waiting_count=waiting_count,
        names=names,
        way=ways(visit.app.config, visit.app.mailbox).name,
        mailbox=visit.app.mailbox,
    )


def _described(sent: Sent) -> dict[str, object]:
    return {**sent.given("name", "address", "deputy"), "roles": sent.all("roles")}
