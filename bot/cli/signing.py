"""Signatures and versions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import RequestPublication, Sign
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data, File
from bot.cli.entries import entries_of, read_entries, typed
from bot.cli.opened import answer, by_command, opened, said_lines
from bot.work.outgoing import end_command
from state import amendments, versions
from state.amendments import AmendmentState
from state.codec import Json
from state.events import Actor
from state.facts.words import SignedKind

group = typer.Typer()


@group.command()
def sign(
    person: As,
    subject: Annotated[
        str | None, typer.Argument(help="A signal, a draft version or an amendment.")
    ] = None,
    verdict: Annotated[str | None, typer.Argument(help="accept (default) or reject.")] = None,
    data: Data = DEFAULT_DATA,
    reason: Annotated[str | None, typer.Option(help="Needed for a rejection.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Accept or reject what the machine proposes; signing a draft version publishes it."""
    entries = entries_of(file, typed(subject=subject, verdict=verdict, reason=reason))
    with opened(data) as app:
        said = give_signatures(app, by_command(person), entries)
    answer(as_json, said, said_lines(said))


@group.command()
def publish(
    number: Annotated[str | None, typer.Argument(help="The draft's number.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Publish a signed draft as an immutable version."""
    with opened(data) as app:
        said = publish_draft(app, by_command(), number)
    answer(as_json, said, said_lines([said]))


def give_signatures(app: App, actor: Actor, entries: Any) -> list[Json]:
    """Store signatures, one by one; a signed draft is published."""
    said = []
    for act in read_entries(entries, _signature_of):
        kind = perform(app, act, actor)
        stored = {"signed": kind, "subject": act.subject, "verdict": act.verdict.value}
        said.append(stored | (_amendment(app, act.subject) if kind is SignedKind.AMENDMENT else {}))
    end_command(app)
    return said


def _amendment(app: App, amendment: str) -> Json:
    """Say what an amendment waits for, or where the protocol that it put in force lies."""
    with app.database.reading() as connection:
        stored = versions.find_amendment(connection, amendment)
        proposal = amendments.find_proposal(connection, amendment)
        state = amendments.amendment_state(connection, stored) if stored is not None else None
        missing = amendments.waits_for(connection, amendment)
    if state is AmendmentState.OPEN:
        return {"waits_for": list(missing)}
    if state is not AmendmentState.IN_FORCE or proposal is None:
        return {"waits_for": []}
    return {
        "waits_for": [],
        "in_force": f"protocol version {proposal.version}",
        "files": str(app.amendment(amendment)),
    }


def _signature_of(entry: Json, number: int | None) -> Sign:
    return read_act(Sign, entry, entry=number)


def publish_draft(app: App, actor: Actor, number: str | None) -> Json:
    """Publish a signed draft."""
    named = perform(app, RequestPublication(number=number), actor)
    end_command(app)
    return {"published": named, "report": str(app.files / named / "report.html")}
