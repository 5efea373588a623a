"""The main job."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App, open_app
from bot.cli.arguments import DEFAULT_DATA, Data
from bot.config import SETTINGS_FILE, Config, read_config
from bot.notify.log_lines import sign_lines
from bot.review.folder import read_review
from bot.web.serve import serve
from bot.work.begin import begin
from state.errors import DataFolderFault

group = typer.Typer()


@group.command()
def run(
    data: Data = DEFAULT_DATA,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(help="The data folder of a further review; may be given several times."),
    ] = None,
) -> None:
    """Search on schedule and serve the page: the main job."""
    environment = dict(os.environ)
    if host is not None:
        environment["LIVINGREVIEW_HOST"] = host
    if port is not None:
        environment["LIVINGREVIEW_PORT"] = str(port)
    apps = open_reviews([data, *(beside or ())], environment)
    try:
        for app in apps:
            sign_lines(app.name_beside_others)
            begin(app)
        sign_lines(None)
        serve(apps)
    finally:
        for app in apps:
            app.close()


def open_reviews(folders: Sequence[Path], environment: Mapping[str, str]) -> list[App]:
    """Open the reviews of a program, each with a database and a path of its own.

    Raises DataFolderFault where two are one, before any folder is made.
    """
    configs = [read_config(environment, folder) for folder in folders]
    if len(configs) > 1:
        configs = _beside_each_other(configs)
    apps: list[App] = []
    try:
        for config in configs:
            apps.append(open_app(config))
    except Exception:
        for app in apps:
            app.close()
        raise
    return apps


def _beside_each_other(configs: Sequence[Config]) -> list[Config]:
    """Give each review its own path; raise DataFolderFault where two are one."""
    placed: list[Config] = []
    for config in configs:
        own = read_review(config.review).protocol.id
        named = config.model_copy(update={"root": f"/r/{own}"})
        if any(other.database_url == config.database_url for other in placed):
            raise DataFolderFault(
                f"{config.data}: its database is that of another review here; give each its own by"
                f" database_url in {SETTINGS_FILE} of its folder, not by the environment"
            )
        if any(other.root == named.root for other in placed):
            raise DataFolderFault(
                f"{config.data}: its review is called '{own}', as another one here; name its own"
                f" by review in {SETTINGS_FILE} of its folder"
            )
        placed.append(named)
    return placed
