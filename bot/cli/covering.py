"""What each source brought of the included reports, and what would be lost without one."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened
from state.errors import NotFound
from state.late import late

group = typer.Typer()
WORDS = "bot.surveillance.coverage_words"


@group.command()
def coverage(
    without: Annotated[
        str | None, typer.Option(help="A source: what would be lost if it were dropped.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say which source had each included report, when first, and what all of them may miss."""
    with opened(data, reading=True) as app, app.database.reading() as connection:
        found = late("bot.surveillance.covered:source_coverage")(app, connection)
    if without is None:
        lines = late(f"{WORDS}:coverage_lines")(found)
        answer(as_json, late(f"{WORDS}:coverage_json")(found), lines)
        return
    if without not in {*found.names, *(name for each in found.reports for name in each.sources)}:
        raise NotFound("source", without)
    lost = late("bot.surveillance.source_coverage:without")(without, found.reports)
    lines = late(f"{WORDS}:without_lines")(lost, found.names)
    answer(as_json, late(f"{WORDS}:without_json")(lost), lines)
