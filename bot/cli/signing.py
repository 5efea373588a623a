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
from bot.results.format import listed
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
    """Accept or reject what the machine proposes; the last signature needed puts it in force."""
    entries = entries_of(file, typed(subject=subject, verdict=verdict, reason=reason))
    with opened(data) as app:
        said = give_signatures(app, by_command(person), entries)
    answer(as_json, said, [_line(each) for each in said])


def _line(said: Json) -> str:
    stored = {name: said[name] for name in ("signed", "subject", "verdict")}
    (line,) = said_lines([stored])
    return f"{line}; it waits for {listed(tuple(said['waits_for']))}" if said["waits_for"] else line


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
    """Store signatures, one by one; a draft that everybody signed who must is published."""
    said = []
    for act in read_entries(entries, _signature_of):
        given = perform(app, act, actor)
        said.append(
            {
                "signed": given.kind,
                "subject": act.subject,
                "verdict": act.verdict.value,
                "proposed": act.subject if given.waits_for else None,
                "waits_for": list(given.waits_for),
                **(_put_in_force(app, act.subject) if given.kind is SignedKind.AMENDMENT else {}),
            }
        )
    end_command(app)
    return said


def _put_in_force(app: App, amendment: str) -> Json:
    """Say which protocol an amendment has put in force, and where it lies."""
    with app.database.reading() as connection:
        stored = versions.find_amendment(connection, amendment)
        proposal = amendments.find_proposal(connection, amendment)
        state = amendments.amendment_state(connection, stored) if stored is not None else None
    if state is not AmendmentState.IN_FORCE or proposal is None:
        return {}
    return {
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
