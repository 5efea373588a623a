"""What goes wrong, as pages: the message of the error, what it means, where to go."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from bot.errors import NeedsSignIn
from bot.web.refused import in_words, keep_unsigned, shown_again
from bot.web.visit import the_app, the_pages, visit
from state.errors import (
    BadInput,
    DataFolderFault,
    LeaseLost,
    NotAllowed,
    NotFound,
    StateError,
    UnreadableLog,
)

log = logging.getLogger("livingreview")

_STATUS: dict[type[StateError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    LeaseLost: HTTPStatus.CONFLICT,
    DataFolderFault: HTTPStatus.SERVICE_UNAVAILABLE,
    UnreadableLog: HTTPStatus.SERVICE_UNAVAILABLE,
}
_HEADINGS = {
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Please correct this",
    HTTPStatus.CONFLICT: "Somebody was faster",
    HTTPStatus.SERVICE_UNAVAILABLE: "The data folder needs help",
}


def install(site: FastAPI) -> None:
    """Give every kind of error its page."""
    site.add_exception_handler(NeedsSignIn, _to_the_door)
    site.add_exception_handler(StateError, _state_error)
    site.add_exception_handler(HTTPException, _http_error)
    site.add_exception_handler(RequestValidationError, _bad_request)
    site.add_exception_handler(Exception, _our_fault)


async def _to_the_door(request: Request, error: Exception) -> Response:
    """Send a visitor to the door, and back to the page afterwards; what was sent is kept."""
    if request.method != "POST":
        return _door(then=cast(NeedsSignIn, error).then)
    page = await keep_unsigned(request)
    return _door(then=page or "/", form="lost" if page is None else "kept")


def _door(**asked: str) -> RedirectResponse:
    return RedirectResponse(f"/sign-in?{urlencode(asked)}", status_code=303)


async def _state_error(request: Request, error: Exception) -> Response:
    status = next(
        (found for kind, found in _STATUS.items() if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    refusal = cast(StateError, error)
    if isinstance(refusal, DataFolderFault | UnreadableLog):  # nobody's name can be looked up
        return _page(request, status, str(error))
    shown = await shown_again(request, status, refusal)
    return shown or _page(request, status, in_words(the_app(request), refusal))


def _http_error(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    text = "There is no such page." if found.status_code == 404 else str(found.detail)
    return _page(request, HTTPStatus(found.status_code), text)


def _bad_request(request: Request, error: Exception) -> Response:
    places = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
        for each in cast(RequestValidationError, error).errors()
    ]
    return _page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "\n".join(places))


def _our_fault(request: Request, error: Exception) -> Response:
    log.error("the page %s failed: %s", request.url.path, error)
    return _page(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here. What was saved before is safe; the log says what happened.",
    )


def _page(request: Request, status: HTTPStatus, text: str) -> Response:
    heading = _HEADINGS.get(status, "Something went wrong")
    values = {"heading": heading, "lines": text.splitlines()}
    try:
        return visit(request).page("fault.html", http_status=status, **values)
    except (NeedsSignIn, DataFolderFault, UnreadableLog):  # nobody is known, or can be looked up
        return the_pages(request).show("fault.html", http_status=status, **values)
