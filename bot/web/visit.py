"""Who is asking and what they sent: the two values that every handler starts from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from bot.acts.act import Act, Outcome
from bot.acts.perform import perform
from bot.app import App
from bot.errors import NeedsSignIn
from bot.web.pages import Pages
from bot.web.security import csrf_token, from_this_site, same_token
from state import people
from state.codec import instant
from state.errors import BadInput, NotAllowed
from state.events import Actor
from state.people import Person
from state.records import KnownRecords

COOKIE = "livingreview_session"
MOST_FIELDS = 5_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in."""

    request: Request
    app: App
    person: Person
    csrf: str

    @property
    def actor(self) -> Actor:
        """The author of what this request changes."""
        return Actor(self.person.id, authenticated=True)

    def perform(self, act: Act[Outcome]) -> Outcome:
        """Do what the visitor says, if they may."""
        return perform(self.app, act, self.actor)

    def page(self, template: str, *, http_status: int = 200, **values: object) -> HTMLResponse:
        """Show a page."""
        return the_pages(self.request).show(
            template,
            http_status=http_status,
            person=self.person,
            csrf=self.csrf,
            path=self.request.url.path,
            saved=self.request.query_params.get("saved"),
            **values,
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form; an empty field is one that was not given."""

    fields: FormData

    def text(self, name: str) -> str | None:
        """Return what was typed into a field; refuse two answers where one is asked for."""
        answers = self.fields.getlist(name)
        if len(answers) > 1:
            raise BadInput(f"{name}: found {len(answers)} answers, expected one")
        found = answers[0] if answers else None
        return found.strip() or None if isinstance(found, str) else None

    def given(self, *names: str) -> dict[str, str]:
        """Return what was typed into these fields, by name; an empty field is not in it."""
        return {name: text for name in names if (text := self.text(name)) is not None}

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that can be ticked more than once."""
        return tuple(found for found in self.fields.getlist(name) if isinstance(found, str))

    def file(self, name: str) -> UploadFile | None:
        """Return a file that was chosen; a field without one sends an empty file without a name."""
        found = self.fields.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None

    def items(self) -> dict[str, str]:
        """Return every text field by its name."""
        return {
            name: found.strip()
            for name, found in self.fields.multi_items()
            if isinstance(found, str)
        }


def the_app(request: Request) -> App:
    """Return the program's parts."""
    app: App = request.app.state.app
    return app


def the_pages(request: Request) -> Pages:
    """Return the page templates."""
    pages: Pages = request.app.state.pages
    return pages


def the_known(request: Request) -> KnownRecords:
    """Return what counts the records that are known."""
    known: KnownRecords = request.app.state.known
    return known


def visit(request: Request) -> Visit:
    """Return who is asking, or send them to the door."""
    app, secret = the_app(request), request.cookies.get(COOKIE)
    if secret:
        with app.database.reading() as connection:
            person = people.session_person(connection, secret, now=instant(app.clock.now()))
        if person is not None:
            return Visit(request, app, person, csrf_token(secret))
    raise NeedsSignIn(request.url.path if request.method == "GET" else "/")


async def sent_by_anybody(request: Request) -> Sent:
    """Return what a form of ours brought, from a visitor who need not be signed in."""
    _check_site(request)
    return Sent(await request.form(max_fields=MOST_FIELDS, max_files=0))


async def sent(request: Request, visit: Annotated[Visit, Depends(visit)]) -> Sent:
    """Return what a form brought, once its token proves that this session was shown it."""
    return _of_session(visit, await sent_by_anybody(request))


async def sent_with_file(
    request: Request, visit: Annotated[Visit, Depends(visit)]
) -> AsyncIterator[Sent]:
    """Return what a form with a file brought, under the same proof; the file closes afterwards."""
    _check_site(request)
    async with request.form(max_fields=MOST_FIELDS, max_files=1) as fields:
        yield _of_session(visit, Sent(fields))


def _check_site(request: Request) -> None:
    if not from_this_site(request):
        raise NotAllowed("this form was sent from another site; nothing was changed")


def _of_session(visit: Visit, form: Sent) -> Sent:
    if not same_token(visit.csrf, form.text("csrf") or ""):
        raise NotAllowed("this form does not belong to your session; open the page again")
    return form


Visiting = Annotated[Visit, Depends(visit)]
Sending = Annotated[Sent, Depends(sent)]
SendingFile = Annotated[Sent, Depends(sent_with_file)]
SendingAnybody = Annotated[Sent, Depends(sent_by_anybody)]
TheApp = Annotated[App, Depends(the_app)]


def after(path: str, saved: str, **more: str) -> RedirectResponse:
    """Answer a change: go to a page that says what was saved."""
    query = urlencode({"saved": saved, **more})
    return RedirectResponse(f"{quote(path, safe='/:')}?{query}", status_code=303)


def local_path(path: str | None) -> str:
    """Return a path of this site to go to; anything else is the first page."""
    if path is None or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return path if path.isprintable() else "/"
