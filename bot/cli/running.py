"""The main job."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bot.app import open_app
from bot.cli.arguments import DEFAULT_DATA, Data
from bot.config import read_config
from bot.web.serve import serve
from bot.work.begin import begin

group = typer.Typer()


@group.command()
def run(
    data: Data = DEFAULT_DATA,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Search on schedule and serve the page: the main job."""
    environment = dict(os.environ)
    if host is not None:
        environment["LIVINGREVIEW_HOST"] = host
    if port is not None:
        environment["LIVINGREVIEW_PORT"] = str(port)
    app = open_app(read_config(environment, data))
    begin(app)
    serve(app)
