"""Where the full text of a report lies."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import NEEDS_A_PERSON, answer, by_command, opened
from state.late import late

group = typer.Typer()
ROOM = "bot.surveillance.full_text_locations"


@group.command()
def locations(
    report: Annotated[str, typer.Argument(help="A record, such as pubmed:99000001.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask where the full text of a report lies, once it is read whole, and keep the answer."""
    with opened(data) as app:
        found = late(f"{ROOM}:locate")(app, report, by_command())
    answer(as_json, late(f"{ROOM}:locations_json")(found), late(f"{ROOM}:locations_lines")(found))
    if any(each.why is not None for each in found.services):
        raise typer.Exit(NEEDS_A_PERSON)
