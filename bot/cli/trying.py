"""The demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.main import FAILED
from bot.demo.play import play

group = typer.Typer()


@group.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the demonstration's data in this folder.")
    ] = None,
) -> None:
    """Play the whole loop offline in about a minute, with a plainly fictional trial."""
    if not play(keep, typer.echo):
        raise typer.Exit(FAILED)
