"""The main job."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App, log, open_app
from bot.cli.arguments import DEFAULT_DATA, Data
from bot.config import SETTINGS_FILE, Config, read_config
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
            begin(app)
        serve(apps)
    finally:
        for app in apps:
            app.close()


def open_reviews(folders: Sequence[Path], environment: Mapping[str, str]) -> list[App]:
    """Open the reviews of a program, each with a database and a path of its own.

    Raises DataFolderFault where two are one.
    """
    apps: list[App] = []
    try:
        for folder in folders:
            apps.append(_open_beside(apps, read_config(environment, folder), len(folders) > 1))
    except Exception:
        for app in apps:
            app.close()
        raise
    return apps


def _open_beside(apps: Sequence[App], config: Config, several: bool) -> App:
    if any(app.config.database_url == config.database_url for app in apps):
        raise DataFolderFault(
            f"{config.data}: its database is that of another review here; give each its own by"
            f" database_url in {SETTINGS_FILE} of its folder, not by the environment"
        )
    app = open_app(config)
    if not several:
        return app
    named = replace(app, config=config.model_copy(update={"root": f"/r/{app.protocol.id}"}))
    if any(other.config.root == named.config.root for other in apps):
        app.close()
        raise DataFolderFault(
            f"{config.data}: its review is called '{app.protocol.id}', as another one here; name"
            f" its own by review in {SETTINGS_FILE} of its folder"
        )
    if config.root != named.config.root:
        log.warning(
            "%s: put root = '%s' into %s, so that mails of commands lead there as well",
            config.data,
            named.config.root,
            SETTINGS_FILE,
        )
    return named
