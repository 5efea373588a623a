"""The door: ask for a link, use it, make the first account, leave."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.acts import sign_in
from bot.app import App
from bot.web.visit import (
    COOKIE,
    Sending,
    SendingAnybody,
    TheApp,
    Visiting,
    after,
    local_path,
    the_pages,
)
from state import kept_forms
from state.errors import BadInput, NotAllowed, NotFound

open_to_all = APIRouter()
changes = APIRouter()


@open_to_all.get("/sign-in")
def ask_page(request: Request, app: TheApp, then: str = "/", form: str = "") -> HTMLResponse:
    """Show the form that asks for a link. form: what became of one sent by an ended session."""
    return the_pages(request).show(
        "sign_in.html",
        asked=False,
        then=local_path(then),
        nobody=sign_in.is_first_start(app),
        form=form,
        mail_set=app.config.sends_by_network,
    )


@open_to_all.post("/sign-in")
def ask(request: Request, app: TheApp, sent: SendingAnybody) -> HTMLResponse:
    """Send a link; the answer is the same whether the address is known or not."""
    address = sent.text("address")
    if address is None:
        raise BadInput("give the e-mail address that the team knows you by")
    sign_in.mail_link(app, address, then=local_path(sent.text("then")))
    return the_pages(request).show(
        "sign_in.html",
        asked=True,
        then="/",
        nobody=False,
        form="",
        mail_set=app.config.sends_by_network,
    )


@open_to_all.get("/sign-in/{secret}")
def link_page(request: Request, app: TheApp, secret: str, then: str = "/") -> HTMLResponse:
    """Show a button; only pressing it spends the link, so that mail scanners do not."""
    if not sign_in.link_is_open(app, secret):
        raise NotAllowed("this sign-in link is unknown, used already or too old; ask for a new one")
    first = sign_in.is_first_start(app)
    return the_pages(request).show("link.html", secret=secret, then=local_path(then), first=first)


@open_to_all.post("/sign-in/{secret}")
def use_link(app: TheApp, secret: str, sent: SendingAnybody) -> RedirectResponse:
    """Spend a link and go where the visitor wanted to go."""
    opened = sign_in.sign_in(app, secret)
    then = local_path(sent.text("then"))
    to = _kept_page(app, opened.person) if then == "/" else then
    return _with_session(app, after(to, "signed-in"), opened.secret)


def _kept_page(app: App, person: str) -> str:
    """Return the page on which what a person typed waits; a link by command knows no page."""
    with app.database.reading() as connection:
        kept = kept_forms.kept_forms(connection, person)
    return local_path(kept[0].page) if kept else "/"


@open_to_all.post("/first-account/{secret}")
def first_account(app: TheApp, secret: str, sent: SendingAnybody) -> RedirectResponse:
    """Make the first account with the link that the first start printed."""
    name = sent.text("name")
    if name is None:
        raise BadInput("give your name")
    opened = sign_in.make_first_account(app, secret, name, sent.text("address"))
    return _with_session(app, after("/people", "welcome"), opened.secret)


@changes.post("/kept-forms/discard")
def discard(visit: Visiting, sent: Sending) -> RedirectResponse:
    """Let go of what was kept of a form, as its person wishes."""
    action = sent.text("kept") or ""
    if visit.kept(action) is None:
        raise NotFound("kept form", action)
    visit.discard(action)
    return after(visit.page_address.partition("?")[0], "discarded")


@changes.post("/sign-out")
def leave(request: Request, visit: Visiting) -> RedirectResponse:
    """End the session."""
    sign_in.sign_out(visit.app, request.cookies[COOKIE])
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, path=visit.app.config.root or "/")
    return answer


def _with_session(app: App, answer: RedirectResponse, secret: str) -> RedirectResponse:
    answer.set_cookie(
        COOKIE,
        secret,
        path=app.config.root or "/",
        max_age=int(sign_in.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=(app.config.public_url or "").startswith("https://"),
    )
    return answer
