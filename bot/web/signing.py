"""What waits for signatures: draft versions, signals, amendments."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from bot.acts.act import read_act
from bot.acts.rights import may
from bot.acts.said import Sign
from bot.web.visit import Sending, Visiting, after, local_path
from state import amendments, people, versions
from state.amendments import AmendmentState
from state.errors import NotFound
from state.facts.words import VersionState
from state.versions import SIGNATURES_NEEDED, Signature

# An overtaken one can still be rejected.
WAITS = (AmendmentState.OPEN, AmendmentState.OVERTAKEN)

pages = APIRouter()
changes = APIRouter()


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to sign, as one person meets it."""

    kind: str  # version | signal | amendment
    id: str
    heading: str
    text: str
    open: bool
    signed: tuple[Signature, ...]
    to_do: bool
    missing: tuple[str, ...] = ()  # of an amendment: whose signatures


def papers(connection: Connection, person: str) -> tuple[Paper, ...]:
    """Return everything that is signed by people, what is open first."""
    signs = may(connection, Sign, person)
    found = [*_drafts(connection), *_signals(connection), *_amendments(connection)]
    return tuple(
        Paper(
            kind,
            name,
            heading,
            text,
            waits,
            signed,
            signs and waits and person not in {each.person for each in signed},
            amendments.waits_for(connection, name) if kind == "amendment" and waits else (),
        )
        for kind, name, heading, text, waits, signed in found
    )


Found = tuple[str, str, str, str, bool, tuple[Signature, ...]]


def _drafts(connection: Connection) -> list[Found]:
    return [
        (
            "version",
            each.number,
            f"Draft version {each.number}",
            each.cause,
            True,
            versions.signatures(connection, "version", each.number),
        )
        for each in versions.versions(connection)
        if each.state is VersionState.DRAFT
    ]


def _signals(connection: Connection) -> list[Found]:
    states = {each.number: each.state for each in versions.versions(connection)}
    found: list[Found] = []
    for each in reversed(versions.signals(connection)):
        signed = versions.signatures(connection, "signal", each.id)
        waits = states.get(each.version) == "draft" and not _settled(signed)
        heading = f"{each.rule} in version {each.version}"
        found.append(("signal", each.id, heading, each.text, waits, signed))
    return found


def _amendments(connection: Connection) -> list[Found]:
    found: list[Found] = []
    for each in versions.amendments(connection):
        signed = versions.signatures(connection, "amendment", each.id)
        waits = amendments.amendment_state(connection, each) in WAITS
        found.append(("amendment", each.id, "Protocol amendment", each.text, waits, signed))
    return found


def _settled(signed: tuple[Signature, ...]) -> bool:
    accepted = len(versions.accepted_by(signed))
    return accepted >= SIGNATURES_NEEDED or accepted < len(signed)


@pages.get("/signals")
def signals_page(visit: Visiting) -> HTMLResponse:
    """Show drafts, signals and amendments with who signed."""
    with visit.app.database.reading() as connection:
        found = papers(connection, visit.person.id)
        names = {person.id: person.name for person in people.people(connection)}
    return visit.page(
        "signals.html",
        papers=found,
        names=names,
        rules={rule.id: rule for rule in visit.app.protocol.signal_rules},
        decisions=visit.app.protocol.open_decisions,
        needed=SIGNATURES_NEEDED,
    )


@pages.get("/amendments/{amendment}")
def amendment_page(visit: Visiting, amendment: str) -> HTMLResponse:
    """Show what an amendment changes, word by word and line by line, and who signed."""
    with visit.app.database.reading() as connection:
        stored = versions.find_amendment(connection, amendment)
        if stored is None:
            raise NotFound("amendment", amendment)
        found = papers(connection, visit.person.id)
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
    said = {"subject": subject, "verdict": sent.text("verdict") or "", **sent.given("reason")}
    visit.perform(read_act(Sign, said))
    return after(local_path(sent.text("back") or "/signals"), "signature")
