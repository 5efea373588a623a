"""The past of a register entry."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import NEEDS_A_PERSON, answer, by_command, opened
from state.late import late

group = typer.Typer()
PAST = "bot.surveillance.entry_past"


@group.command()
def history(
    number: Annotated[str, typer.Argument(help="An entry's number: NCT…, or one of CTIS.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask a register what an entry said before our first look at it, and keep the answer."""
    with opened(data) as app:
        past = late(f"{PAST}:entry_past")(app, number, by_command())
    answer(as_json, late(f"{PAST}:past_json")(past), late(f"{PAST}:past_lines")(past))
    if past.failed is not None:
        raise typer.Exit(NEEDS_A_PERSON)
