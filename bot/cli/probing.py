"""Looking at a live service: what it answers beside what the program assumes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import NEEDS_A_PERSON, answer, opened
from state.late import late

group = typer.Typer()


@group.command()
def probe(
    source: Annotated[str, typer.Argument(help="An automatic source, such as ctis.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask a live service what the program assumes of it; print what was seen, change nothing."""
    with opened(data) as app:
        seen = late("bot.surveillance.live_services:probe")(app, source)
        url = app.config.services[source].url
    lines = [f"{source}, {url}"]
    for each in seen:
        lines += [f"  {each.what}", f"    assumed: {each.assumed}", f"    seen: {each.seen}"]
    if not seen:
        lines.append("  nothing to ask: the review does not search it, and it has no questions")
    answer(as_json, {"source": source, "url": url, "seen": [asdict(each) for each in seen]}, lines)
    if any(each.failed for each in seen):
        raise typer.Exit(NEEDS_A_PERSON)
