"""Everything in open formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import DEFAULT_DATA, Data
from bot.cli.opened import opened, say
from bot.report.open_formats import write_export

group = typer.Typer()


@group.command()
def export(
    to: Annotated[Path, typer.Argument(help="The folder to write into.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write everything in open formats: records, decided verdicts, values, results, runs."""
    with opened(data, reading=True) as app:
        say(*(f"wrote {name}" for name in write_export(app, to)))
