"""A form that was not taken comes back as it was sent, on its own page, the reason at its place.

It is shown from the page as that is now: what changed meanwhile is seen beside what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from bot.app import App
from bot.errors import FaultsOfAct
from bot.web.filled import Said
from bot.web.security import from_this_site
from bot.web.visit import (
    MOST_FIELDS,
    Sent,
    local_path,
    owner_of_form,
    page_of_form,
    put_in,
    the_app,
)
from bot.web.words import of_people
from state import kept_forms, people
from state.codec import instant
from state.errors import StateError
from state.kept_forms import KeptForm

TYPED = "application/x-www-form-urlencoded"  # a form without a file
_OF_A_CONNECTION = (
    *("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "extensions"),
)


async def shown_again(request: Request, status: HTTPStatus, error: StateError) -> Response | None:
    """Return the page that a refused form came from, the form as it was sent; None without one."""
    sent: Sent | None = getattr(request.state, "sent", None)
    page = page_of_form(request)
    if sent is None or page is None:
        return None
    shown = await _page_as_it_is(request, local_path(page))
    if shown is None:
        return None
    lines = in_words(the_app(request), error).splitlines()
    said = Said(("Nothing was saved.", *lines), at=_at_fields(error))
    filled = put_in(the_app(request), shown, request.scope["path"], sent.typed(), said)
    return HTMLResponse(filled, status_code=status)


def in_words(app: App, error: StateError) -> str:
    """Return what a refusal says, with the names of people for their ids."""
    with app.database.reading() as connection:
        names = {each.id: each.name for each in people.people(connection)}
    return of_people(str(error), names)


def _at_fields(error: StateError) -> Mapping[str, str]:
    """Return what is wrong with single fields, by their names."""
    if not isinstance(error, FaultsOfAct):
        return {}
    return {str(each.path[0]): each.text for each in error.faults if len(each.path) == 1}


async def _page_as_it_is(request: Request, page: str) -> str | None:
    """Return a page of this site as its visitor sees it now; None where it cannot be shown."""
    path, _, query = page.partition("?")
    headers = [each for each in request.scope["headers"] if not each[0].startswith(b"content-")]
    scope: dict[str, Any] = {
        **{name: request.scope[name] for name in _OF_A_CONNECTION if name in request.scope},
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
    }
    begun: list[Message] = []
    body = bytearray()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
        else:
            body.extend(message.get("body", b""))

    await request.app(scope, _nothing_more, send)
    return body.decode() if begun and begun[0]["status"] == HTTPStatus.OK else None


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def keep_unsigned(request: Request) -> str | None:
    """Keep what was typed into a form of a session that has ended, for its person alone.

    Returns the page that shows the form; None where nothing could be kept.
    """
    if not request.headers.get("content-type", "").startswith(TYPED) or not from_this_site(request):
        return None
    sent = Sent(await request.form(max_fields=MOST_FIELDS, max_files=0))
    return await run_in_threadpool(_keep, request, sent)


def _keep(request: Request, sent: Sent) -> str | None:
    app, page = the_app(request), sent.first("page")
    owner = owner_of_form(app, sent)
    if owner is None or page is None:
        return None
    shown_on = local_path(page)
    at = instant(app.clock.now())
    with app.database.transaction() as connection:
        kept = KeptForm(request.scope["path"], shown_on, sent.typed(), at)
        kept_forms.keep_form(connection, owner, kept)
    return shown_on
