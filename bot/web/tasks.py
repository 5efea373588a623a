"""What the program noticed and only a person can judge."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.acts.act import read_act
from bot.acts.said import ReopenTask, SettleTask
from bot.web.paging import Turning, leaf
from bot.web.visit import Sending, Visiting, after
from state import people
from state.tasks import open_tasks, settled_tasks

SETTLED_ON_A_PAGE = 50

pages = APIRouter()
changes = APIRouter()


@pages.get("/tasks")
def tasks_page(visit: Visiting, turned: Turning) -> HTMLResponse:
    """Show what waits and what was concluded."""
    with visit.app.database.reading() as connection:
        waiting = open_tasks(connection)
        settled = settled_tasks(connection, turned.asked(SETTLED_ON_A_PAGE))
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "tasks.html",
        open=waiting,
        settled=settled.shown,
        leaf=leaf(turned, SETTLED_ON_A_PAGE, settled, lambda task: [task.id], "/tasks"),
        names=names,
    )


@changes.post("/tasks/{task:path}/settle")
def settle(visit: Visiting, task: str, sent: Sending) -> RedirectResponse:
    """Store what the visitor concluded."""
    visit.perform(read_act(SettleTask, {"task": task, **sent.given("note")}))
    return after("/tasks", "task")


@changes.post("/tasks/{task:path}/reopen")
def reopen(visit: Visiting, task: str, sent: Sending) -> RedirectResponse:
    """Have it judged again."""
    visit.perform(read_act(ReopenTask, {"task": task, **sent.given("note")}))
    return after("/tasks", "task-reopened")
