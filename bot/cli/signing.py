"""Signatures and versions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import RequestPublication, Sign
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data, File, given
from bot.cli.entries import read_entries, typed
from bot.cli.opened import answer, by_command, opened, said_lines
from bot.work import jobs
from state.codec import Json
from state.events import Actor

group = typer.Typer()


@group.command()
def sign(
    person: As,
    subject: Annotated[
        str | None, typer.Argument(help="A signal, a draft version or an amendment.")
    ] = None,
    verdict: Annotated[str, typer.Argument(help="accept or reject.")] = "accept",
    data: Data = DEFAULT_DATA,
    reason: Annotated[str | None, typer.Option(help="Needed for a rejection.")] = None,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Accept or reject what the machine proposes; signing a draft version publishes it."""
    entries = given(file) or typed(subject=subject, verdict=verdict, reason=reason)
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
        said.append({"signed": kind, "subject": act.subject, "verdict": act.verdict.value})
    jobs.work_off(app)
    return said


def _signature_of(entry: Json, number: int | None) -> Sign:
    return read_act(Sign, entry, entry=number)


def publish_draft(app: App, actor: Actor, number: str | None) -> Json:
    """Publish a signed draft."""
    named = perform(app, read_act(RequestPublication, typed(number=number)), actor)
    jobs.work_off(app)
    return {"published": named, "report": str(app.files / named / "report.html")}
