"""Proposing a change of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.acts.act import read_act
from bot.acts.perform import perform
from bot.acts.said import ProposeAmendment
from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, As, AsJson, Data
from bot.cli.opened import answer, by_command, opened
from bot.work.outgoing import end_command
from state import amendments
from state.codec import Json
from state.errors import BadInput
from state.events import Actor

group = typer.Typer()


@group.command()
def amend(
    person: As,
    file: Annotated[Path | None, typer.Argument(help="The whole new protocol.toml.")] = None,
    from_folder: Annotated[
        bool, typer.Option("--from-folder", help="The protocol.toml of the review folder.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Propose a new version of the protocol; two sign it, one of them the lead."""
    if (file is None) != from_folder:
        raise typer.BadParameter("expected either FILE or --from-folder")
    with opened(data, reading=True) as app:
        text = _given(file) if file is not None else _of_folder(app)
        said = propose(app, by_command(person), text)
    answer(as_json, said, amendment_lines(said))


def propose(app: App, actor: Actor, text: str) -> Json:
    """Propose a whole new protocol; say under which id it is signed, and by whom."""
    named = perform(app, read_act(ProposeAmendment, {"body": text}), actor)
    end_command(app)
    with app.database.reading() as connection:
        proposal = amendments.find_proposal(connection, named)
        missing = amendments.waits_for(connection, named)
    return {
        "proposed": named,
        "version": proposal.version if proposal is not None else None,
        "changes": list(proposal.words) if proposal is not None else [],
        "files": str(app.amendment(named)),
        "waits_for": list(missing),
    }


def amendment_lines(said: Json) -> list[str]:
    """Say what was proposed and how it comes in force."""
    named = said["proposed"]
    return [
        f"proposed as {named}: protocol version {said['version']}",
        *(f"  {each}" for each in said["changes"]),
        f"the whole text and the lines that differ: {said['files']}",
        f"waits for {' and '.join(said['waits_for'])}: livingreview sign {named} --as PERSON",
    ]


def _given(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: {error}") from error


def _of_folder(app: App) -> str:
    if app.review.unreadable is not None:
        raise BadInput(app.review.unreadable)
    if app.review.file_text is None:
        raise BadInput(
            f"protocol.toml of {app.config.review} is version {app.protocol.version}, which is in"
            " force: nothing to propose"
        )
    return app.review.file_text
