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
from state import people, versions
from state.facts.words import SignedKind, VersionState
from state.versions import SIGNATURES_NEEDED, Signature

pages = APIRouter()
changes = APIRouter()


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to sign, as one person meets it.

    waits_for: whose signatures it waits for. result: what its version was computed from.
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
        heading, waits = "Protocol amendment", not _settled(signed)
        found.append(Paper(SignedKind.AMENDMENT, each.id, heading, each.text, waits, signed))
    return found


def _settled(signed: tuple[Signature, ...]) -> bool:
    accepted = len(versions.accepted_by(signed))
    return accepted >= SIGNATURES_NEEDED or accepted < len(signed)


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


@changes.post("/sign/{subject}")
def sign_paper(visit: Visiting, subject: str, sent: Sending) -> RedirectResponse:
    """Store a signature; a form that says neither accept nor reject signs nothing."""
    verdict = sent.text("verdict") or ""
    said = {"subject": subject, "verdict": verdict, **sent.given("reason", "result")}
    given = visit.perform(read_act(Sign, said))
    saved = "signature_waits" if given.waits_for else "signature"
    return after(local_path(sent.text("back") or "/signals"), saved)
