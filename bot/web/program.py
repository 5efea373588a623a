"""One program, one or more reviews: with one alone every address is at the root, as ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import App, log
from bot.notify.log_lines import sign_lines
from bot.web.machines import last_tick
from bot.web.security import Guard
from bot.web.site import create_app
from state.errors import StateError


def create_program(apps: Sequence[App]) -> ASGIApp:
    """Build the pages of all reviews: each under its root, a list of them before it."""
    if not any(app.config.root for app in apps):
        (alone,) = apps
        return create_app(alone)
    return _Reviews({app.config.root: _of_its_own(app) for app in apps}, Guard(_before(apps)))


def _of_its_own(app: App) -> ASGIApp:
    """Build a review's pages, whose lines in the log name it."""
    pages = create_app(app)

    async def signed(scope: Scope, receive: Receive, send: Send) -> None:
        sign_lines(app.name_beside_others)
        await pages(scope, receive, send)

    return signed


class _Reviews:
    """Hands a request to the review whose root its path begins with."""

    def __init__(self, sites: Mapping[str, ASGIApp], before: ASGIApp) -> None:
        self._sites = sites
        self._before = before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have a review answer."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        root = next((each for each in self._sites if f"{path}/".startswith(f"{each}/")), None)
        if root is None:
            await self._before(scope, receive, send)
        else:
            inner = {**scope, "path": path.removeprefix(root) or "/", "root_path": ""}
            await self._sites[root](inner, receive, send)


def _before(apps: Sequence[App]) -> ASGIApp:
    """Build what lies before all reviews: the list of them, and whether each is alive.

    A review that cannot be looked at is named, and the others are told of beside it; why is in the
    log, for nobody has signed in here.
    """

    def listed(_request: Request) -> HTMLResponse:
        return HTMLResponse(_listed(apps))

    def health(_request: Request) -> JSONResponse:
        ticks, faults = {}, []
        for app in apps:
            try:
                ticks[app.protocol.id] = last_tick(app)
            except StateError as fault:
                log.error("%s cannot be looked at: %s", app.protocol.id, fault)
                faults.append(app.protocol.id)
        if faults:
            return JSONResponse({"status": "fault", "reviews": ticks, "faults": faults}, 503)
        return JSONResponse({"status": "ok", "reviews": ticks})

    return Starlette(routes=[Route("/", listed), Route("/healthz", health)])


def _listed(apps: Sequence[App]) -> str:
    """Return the first page: the reviews by their titles."""
    templates = Environment(
        loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined
    )
    reviews = [(app.config.root, app.protocol.review.title) for app in apps]
    return templates.get_template("reviews.html").render(reviews=reviews)
