"""What the program noticed and only a person can judge."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.acts.act import read_act
from bot.acts.said import SettleTask
from bot.web.visit import Sending, Visiting, after
from state import people
from state.tasks import tasks

pages = APIRouter()
changes = APIRouter()


@pages.get("/tasks")
def tasks_page(visit: Visiting) -> HTMLResponse:
    """Show what waits and what was concluded."""
    with visit.app.database.reading() as connection:
        found = tasks(connection)
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "tasks.html",
        open=[each for each in found if each.settled_at is None],
        settled=[each for each in reversed(found) if each.settled_at is not None],
        names=names,
    )


@changes.post("/tasks/{task:path}/settle")
def settle(visit: Visiting, task: str, sent: Sending) -> RedirectResponse:
    """Store what the visitor concluded."""
    visit.perform(read_act(SettleTask, {"task": task, **sent.given("note")}))
    return after("/tasks", "task")
