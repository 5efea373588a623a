"""What the program of today would make of a source's old answers. Nothing is changed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.app import App
from bot.cli.arguments import DEFAULT_DATA, AsJson, Data
from bot.cli.opened import answer, opened
from bot.results.format import counted
from bot.surveillance.placed_anew import WhatIf, what_if
from bot.surveillance.slots import find_source
from state.codec import Json

group = typer.Typer()


@group.command(name="what-if")
def what_if_(
    source: Annotated[str, typer.Argument(help="The source's id.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show what today's program would make of what a source once answered; change nothing."""
    with opened(data, reading=True) as app:
        found = what_would_differ(app, source)
    answer(as_json, asdict(found), what_if_lines(found))


def what_would_differ(app: App, source: str) -> WhatIf:
    """Read a source's answers again and place their records anew."""
    plan = find_source(app, source)
    with app.database.reading() as connection:
        return what_if(connection, app.review, plan)


def what_if_lines(found: WhatIf) -> list[str]:
    """Say what would differ, a record a line and each difference below it."""
    lines = []
    for each in found.read_differently:
        lines.append(f"{each['record']}: would be read differently")
        lines += [_was(name, said) for name, said in each["fields"].items()]
    for each in found.placed_differently:
        lines.append(f"{each['record']}: would be placed differently")
        was, now = each["was"], each["would_be"]
        lines += [
            _was(name, {"was": was[name], "would_be": now[name]})
            for name in was
            if was[name] != now[name]
        ]
    lines += [f"{each['record']}: would not be taken: {each['reason']}" for each in found.not_taken]
    lines += [f"{each['record']}: would be taken now: {each['title']}" for each in found.taken_now]
    looked = f"{counted(found.records, 'record')} of {counted(found.runs, 'search', 'searches')}"
    said = "" if found.differs else ": nothing would differ"
    return [*lines, f"{looked} looked at{said}; nothing was changed"]


def _was(name: str, said: Json) -> str:
    was, now = (json.dumps(said[each], ensure_ascii=False) for each in ("was", "would_be"))
    return f"    {name}: {was} → {now}"
