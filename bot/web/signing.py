"""What waits for signatures: draft versions, signals, amendments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.rights import may
from bot.acts.said import Sign
from bot.app import App
from bot.synthesis.awaited import missing_of_signal, missing_of_version
from bot.web.visit import Sending, Visiting, after, local_path
from state import amendments, people, versions
from state.amendments import AmendmentState
from state.errors import NotFound
from state.facts.words import SignedKind, VersionState
from state.versions import Signature

# An overtaken one can still be rejected.
WAITS = (AmendmentState.OPEN, AmendmentState.OVERTAKEN)

pages = APIRouter()
changes = APIRouter()


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to sign, as one person meets it.

    waits_for: whose signatures it waits for. result: what its version was computed from.
    only_reject: a newer protocol has overtaken it.
    """

    kind: SignedKind
    id: str
    heading: str
    text: str
    open: bool
    signed: tuple[Signature, ...]
    waits_for: tuple[str, ...] = ()
    version: str | None = None
    result: str | None = None
    to_do: bool = False
    only_reject: bool = False


def papers(app: App, connection: Connection, person: str) -> tuple[Paper, ...]:
    """Return everything that is signed by people, what is open first."""
    signs = may(connection, Sign, person)
    found = [*_drafts(app, connection), *_signals(app, connection), *_amendments(connection)]
    first = {each.version for each in found if each.kind is SignedKind.SIGNAL and each.open}

    def to_do(paper: Paper) -> bool:
        unsigned = person not in {each.person for each in paper.signed}
        its_turn = paper.kind is not SignedKind.VERSION or paper.id not in first
        return signs and paper.open and unsigned and its_turn

    return tuple(replace(each, to_do=to_do(each)) for each in found)


def _drafts(app: App, connection: Connection) -> list[Paper]:
    return [
        Paper(
            SignedKind.VERSION,
            each.number,
            f"Draft version {each.number}",
            each.cause,
            True,
            versions.signatures(connection, SignedKind.VERSION, each.number),
            missing_of_version(app, connection, each.number),
            each.number,
            each.result,
        )
        for each in versions.versions(connection)
        if each.state is VersionState.DRAFT
    ]


def _signals(app: App, connection: Connection) -> list[Paper]:
    known = {each.number: each for each in versions.versions(connection)}
    found: list[Paper] = []
    for each in reversed(versions.signals(connection)):
        of = known[each.version]
        is_draft = of.state is VersionState.DRAFT
        waits_for = missing_of_signal(app, connection, each.id) if is_draft else ()
        found.append(
            Paper(
                SignedKind.SIGNAL,
                each.id,
                f"{each.rule} in version {each.version}",
                each.text,
                bool(waits_for),
                versions.signatures(connection, SignedKind.SIGNAL, each.id),
                waits_for,
                of.number,
                of.result,
            )
        )
    return found


def _amendments(connection: Connection) -> list[Paper]:
    found: list[Paper] = []
    for each in versions.amendments(connection):
        signed = versions.signatures(connection, SignedKind.AMENDMENT, each.id)
        state = amendments.amendment_state(connection, each)
        waits = state in WAITS
        waits_for = amendments.waits_for(connection, each.id) if waits else ()
        kind, heading = SignedKind.AMENDMENT, "Protocol amendment"
        paper = Paper(kind, each.id, heading, each.text, waits, signed, waits_for)
        found.append(replace(paper, only_reject=state is AmendmentState.OVERTAKEN))
    return found


@pages.get("/signals")
def signals_page(visit: Visiting) -> HTMLResponse:
    """Show drafts, signals and amendments with who signed."""
    with visit.app.database.reading() as connection:
        found = papers(visit.app, connection, visit.person.id)
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "signals.html",
        papers=found,
        names=names,
        rules={rule.id: rule for rule in visit.app.protocol.signal_rules},
        decisions=visit.app.protocol.open_decisions,
    )


@pages.get("/amendments/{amendment}")
def amendment_page(visit: Visiting, amendment: str) -> HTMLResponse:
    """Show what an amendment changes, word by word and line by line, and who signed."""
    with visit.app.database.reading() as connection:
        stored = versions.find_amendment(connection, amendment)
        if stored is None:
            raise NotFound("amendment", amendment)
        found = papers(visit.app, connection, visit.person.id)
        paper = next(each for each in found if (each.kind, each.id) == ("amendment", amendment))
        return visit.page(
            "amendment.html",
            paper=paper,
            state=amendments.amendment_state(connection, stored).value,
            proposal=amendments.find_proposal(connection, amendment),
            proposed_at=stored.proposed_at,
            folder=str(visit.app.amendment(amendment)),
            names={person.id: person.name for person in people.people(connection)},
        )


@changes.post("/sign/{subject}")
def sign_paper(visit: Visiting, subject: str, sent: Sending) -> RedirectResponse:
    """Store a signature; a form that says neither accept nor reject signs nothing."""
    verdict = sent.text("verdict") or ""
    said = {"subject": subject, "verdict": verdict, **sent.given("reason", "result")}
    given = visit.perform(read_act(Sign, said))
    saved = "signature_waits" if given.waits_for else "signature"
    return after(local_path(sent.text("back") or "/signals"), saved)
