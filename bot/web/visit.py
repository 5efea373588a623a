"""Who is asking and what they sent: the two values that every handler starts from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from bot.acts.act import Act, Outcome
from bot.acts.perform import perform
from bot.acts.rights import allowed
from bot.app import App
from bot.errors import NeedsSignIn
from bot.web.filled import Said, Typed, fill, head_of, without_site_fields
from bot.web.pages import Pages
from bot.web.security import csrf_token, from_this_site, same_token
from state import kept_forms, people
from state.codec import instant
from state.errors import BadInput, NotAllowed
from state.events import Actor
from state.facts.words import RoleId
from state.kept_forms import KeptForm
from state.people import Person
from state.records import KnownRecords

COOKIE = "livingreview_session"
MOST_FIELDS = 5_000
WHO_SEES_TO_MAIL = frozenset({RoleId.LEAD, RoleId.OPERATOR})
OF_THE_MOMENT = frozenset({"saved", "of", "again"})  # what an address says of the act before it


@dataclass(frozen=True, slots=True)
class FormProof:
    """What each form of a page carries: that this session was shown it, and on which page."""

    token: str
    page: str


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
        """Do what the visitor says, if they may; what was kept of this form is let go of."""
        done = perform(self.app, act, self.actor)
        self.let_go()
        return done

    def let_go(self) -> None:
        """Let go of what was kept of the form that was sent now."""
        if self.kept(self.request.scope["path"]) is not None:
            self.discard(self.request.scope["path"])

    def discard(self, action: str) -> None:
        """Let go of what was kept of the form that is sent to an address."""
        with self.app.database.transaction() as connection:
            kept_forms.drop_form(connection, self.person.id, action)

    def kept(self, action: str) -> KeptForm | None:
        """Return what the visitor once sent to an address and that could not be taken then."""
        return next((each for each in self._all_kept() if each.action == action), None)

    def _all_kept(self) -> tuple[KeptForm, ...]:
        with self.app.database.reading() as connection:
            return kept_forms.kept_forms(connection, self.person.id)

    @property
    def page_address(self) -> str:
        """The address of the page that the visitor sees, without what it says of the last act."""
        if self.request.method == "POST":
            return local_path(page_of_form(self.request))
        asked = parse_qsl(self.request.url.query, keep_blank_values=True)
        query = urlencode([(name, text) for name, text in asked if name not in OF_THE_MOMENT])
        return f"{quote(self.request.scope['path'], safe='/:')}{'?' if query else ''}{query}"

    def page(self, template: str, *, http_status: int = 200, **values: object) -> HTMLResponse:
        """Show a page, with what the visitor had typed into its forms and could not send."""
        kept = self._kept_here()
        shown = the_pages(self.request).show(
            template,
            http_status=http_status,
            person=self.person,
            csrf=FormProof(self.csrf, self.page_address),
            path=self.request.url.path,
            saved=self.request.query_params.get("saved"),
            kept=kept,
            can=self._can(),
            no_mail=not self.app.config.sends_by_network and self._answers_for_it,
            **values,
        )
        return HTMLResponse(self._with(kept, bytes(shown.body).decode()), status_code=http_status)

    def _can(self) -> Callable[..., bool]:
        """Return how a page asks whether the visitor may do an act, so that it shows its form.

        What they may is looked up when a page asks first.
        """

        @cache
        def found() -> frozenset[tuple[str, bool]]:
            with self.app.database.reading() as connection:
                return allowed(connection, self.person.id)

        def can(act: str, *, own: bool = False) -> bool:
            return (act, own) in found()

        return can

    @property
    def _answers_for_it(self) -> bool:
        """Whether the visitor is one of those who see to it that people are told."""
        return not WHO_SEES_TO_MAIL.isdisjoint(self.person.roles)

    def _kept_here(self) -> list[KeptForm]:
        """Return what is kept of the forms of the page that is asked for."""
        if self.request.method != "GET":
            return []
        path = self.request.scope["path"]
        return [each for each in self._all_kept() if unquote(each.page.partition("?")[0]) == path]

    def _with(self, kept: Sequence[KeptForm], page: str) -> str:
        for number, each in enumerate(kept, 1):
            at = the_pages(self.request).shown(each.kept_at)
            line = (
                f"What you typed here on {at} came after your session had ended. It stands in the"
                " form again, and is not saved yet."
            )
            said = Said((line,), tone="kept", discard=f"throw-away-{number}")
            page = put_in(self.app, page, each.action, each.fields, said)
        return page


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

    def first(self, name: str) -> str | None:
        """Return the first value of a field, however many there are."""
        return next(iter(self.all(name)), None)

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

    def typed(self) -> dict[str, list[str]]:
        """Return what a person typed and ticked, by the names of the fields."""
        texts = ((name, text) for name, text in self.fields.multi_items() if isinstance(text, str))
        return without_site_fields(texts)

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
            return Visit(request, app, person, csrf_token(people.secret_hash(secret)))
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
    if same_token(visit.csrf, form.text("csrf") or ""):
        visit.request.state.sent = form
        return form
    if owner_of_form(visit.app, form) != visit.person.id:
        raise NotAllowed("this form does not belong to your session; open the page again")
    visit.request.state.sent = form
    raise NotAllowed(
        "you have signed in anew since this form was opened; look once more and send it"
    )


def owner_of_form(app: App, form: Sent) -> str | None:
    """Return whose session was shown a form, also after that session ended."""
    token = form.first("csrf") or ""
    with app.database.reading() as connection:
        return people.owner_of_session(
            connection, lambda session: same_token(csrf_token(session), token)
        )


def page_of_form(request: Request) -> str | None:
    """Return the page from which a form was sent, as the form itself says."""
    form: Sent | None = getattr(request.state, "sent", None)
    return form.first("page") if form is not None else None


def put_in(app: App, page: str, action: str, typed: Typed, said: Said) -> str:
    """Return a page with a form filled; where it has no such form any more, with it at its head."""
    filled = fill(page, f"{app.config.root}{action}", typed, said)
    return filled if filled is not None else head_of(page, said, typed)


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
